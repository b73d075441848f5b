import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { findTableName } from '../../../infra/operate/stage.ts';
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

it("finds the stage's table by its name, unless another is named", async () => {
  await createTable('settle-dev2');
  await expect(findTableName('dev', {})).rejects.toThrow('no table settle-dev in this account and region');
  await createTable('settle-dev');
  expect(await findTableName('dev', {})).toBe('settle-dev');
  expect(await findTableName('dev', { TABLE_NAME: 'mine' })).toBe('mine');
});
