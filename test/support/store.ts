import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import { systemIo } from '../../lib/io.ts';
import { createStoreContext, type StoreContext } from '../../lib/store/client.ts';
import { partitionKey, sortKey, tableIndexes } from '../../lib/store/table.ts';

const tableName = 'settle-test';

export type Item = Readonly<Record<string, unknown>>;

/** An embedded DynamoDB with an empty table for the tests of one file. `context` is there once they run. */
export function useStore(): { readonly context: StoreContext; items(order_no?: string): Promise<Item[]> } {
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
    await createTable(context.client);
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
  };
}

async function createTable(client: DynamoDBDocumentClient): Promise<void> {
  const keySchema = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  const indexes = Object.values(tableIndexes);
  const attributes = new Set([
    partitionKey,
    sortKey,
    ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
  ]);
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keySchema(partitionKey, sortKey),
      AttributeDefinitions: [...attributes].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05 }, { TableName: tableName });
}

async function listItems({ client }: StoreContext, order_no?: string): Promise<Item[]> {
  const { Items } = await client.send(
    order_no === undefined
      ? new ScanCommand({ TableName: tableName, ConsistentRead: true })
      : new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': `ORDER#${order_no}` },
        }),
  );
  return Items ?? [];
}
