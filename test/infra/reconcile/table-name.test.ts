import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { findTableName } from '../../../infra/reconcile/table-name.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();

const createTable = (TableName: string) =>
  store.context.client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );

it("finds the table of the stage's stack, unless it is named", async () => {
  await createTable('settle-dev-two-table8235A42E-1AAAAAAAAAAAA');
  await createTable('settle-devtable');
  await expect(findTableName('dev', {})).rejects.toThrow('no table of stage dev');
  await createTable('settle-dev-table8235A42E-1BBBBBBBBBBBB');
  expect(await findTableName('dev', {})).toBe('settle-dev-table8235A42E-1BBBBBBBBBBBB');
  await createTable('settle-dev-table8235A42E-1CCCCCCCCCCCC');
  await expect(findTableName('dev', {})).rejects.toThrow('set TABLE_NAME');
  expect(await findTableName('dev', { TABLE_NAME: 'mine' })).toBe('mine');
});
