import { PutCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import { systemIo } from '../../lib/io.ts';
import type { Put } from '../../lib/orders/change.ts';
import { createStoreContext, type StoreContext } from '../../lib/store/client.ts';
import { withRetries } from '../../lib/store/retry.ts';
import { createTable } from './create-table.ts';
import { itemOf } from './items.ts';

const tableName = 'settle-test';

export type Item = Readonly<Record<string, unknown>>;

export interface TestStore {
  /** There once the tests run. */
  readonly context: StoreContext;
  /** All of an order's, or of the table. */
  items(order_no?: string): Promise<Item[]>;
  /** Stores records as they are after the changes that led to them, whatever is there. */
  put(...puts: readonly Put[]): Promise<void>;
}

/** An embedded DynamoDB with an empty table for the tests of one file. */
export function useStore(): TestStore {
  let context: StoreContext | undefined;
  let stop = async () => {};

  beforeAll(async () => {
    const engine = await startDynamodb();
    stop = engine.stop;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    context = createStoreContext(tableName, systemIo);
    await createTable(context.client, tableName);
  });
  afterAll(() => stop());

  const ready = (): StoreContext => {
    if (!context) throw new Error('the store is there only while tests run');
    return context;
  };
  return {
    get context() {
      return ready();
    },
    items: (order_no) => listItems(ready(), order_no),
    async put(...puts) {
      const { client, io } = ready();
      for (const one of puts) {
        const command = new PutCommand({ TableName: tableName, Item: itemOf(one) });
        await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
      }
    },
  };
}

/** What a busy machine does not answer in its time is asked again, as the code under test does. */
async function listItems({ client, io }: StoreContext, order_no?: string): Promise<Item[]> {
  const TableName = tableName;
  const query = new QueryCommand({
    TableName,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': `ORDER#${order_no}` },
  });
  const scan = new ScanCommand({ TableName, ConsistentRead: true });
  const { Items = [] } = await withRetries(io, (abortSignal) =>
    order_no === undefined ? client.send(scan, { abortSignal }) : client.send(query, { abortSignal }),
  );
  return Items;
}
