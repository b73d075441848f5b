import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Context } from 'aws-lambda';
import { startDynamodb } from '../../../infra/local/dynamodb/engine.ts';
import { type DynamodbMeter, type MeteredRequest, startDynamodbMeter } from '../../support/dynamodb-meter.ts';
import { shopOrder } from '../../support/orders.ts';
import { type CallbackPath, callbackPaths } from './callback-paths.ts';

const TABLE_NAME = 'orders';
const IDEMPOTENCY_TABLE_NAME = 'idempotency';

/** What the peer's settlement, Powertools' idempotency around an update, asks of DynamoDB on each path. */
export async function measurePowertools(): Promise<Readonly<Record<CallbackPath, MeteredRequest[]>>> {
  await using started = new AsyncDisposableStack();
  const engine = started.adopt(await startDynamodb(), (part) => part.stop());
  const meter = started.adopt(await startDynamodbMeter(engine.endpoint), (part) => part.stop());
  const client = started.adopt(createClient(engine.endpoint), (part) => part.destroy());
  await createTables(client);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: meter.url,
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'peer',
    AWS_SECRET_ACCESS_KEY: 'peer',
    TABLE_NAME,
    IDEMPOTENCY_TABLE_NAME,
  });
  const { settle } = await import('../peers/settle.ts');
  const measured: Partial<Record<CallbackPath, MeteredRequest[]>> = {};
  for (const path of callbackPaths) measured[path] = await measurePath({ client, meter, settle }, path);
  return measured as Record<CallbackPath, MeteredRequest[]>;
}

interface Peer {
  readonly client: DynamoDBClient;
  readonly meter: DynamodbMeter;
  readonly settle: typeof import('../peers/settle.ts')['settle'];
}

async function measurePath({ client, meter, settle }: Peer, path: CallbackPath): Promise<MeteredRequest[]> {
  // The peer verifies before it settles, as Settle does.
  if (path === 'forgery') return [];
  const order = shopOrder(path === 'paid after close' ? { status: 'closed' } : {});
  const { order_no, amount } = order;
  if (path !== 'unknown order') {
    const Item = marshall({ pk: `ORDER#${order_no}`, sk: 'ORDER', ...order });
    await client.send(new PutItemCommand({ TableName: TABLE_NAME, Item }));
  }
  const context = { getRemainingTimeInMillis: () => 10_000 } as Context;
  const payment = { order_no, amount, transaction_id: `transaction-${order_no}` };
  if (path === 'duplicate' || path === 'paid twice') await settle(payment, context);
  const seen = meter.requests.length;
  const changes = {
    ...(path === 'mismatch' && { amount: 1 }),
    ...(path === 'paid twice' && { transaction_id: `second-${order_no}` }),
    ...(path === 'no order named' && { order_no: ' ' }),
  };
  // It refuses what it cannot apply by throwing, and keeps no record of it.
  await settle({ ...payment, ...changes }, context).catch(() => {});
  return meter.requests.slice(seen);
}

const createClient = (endpoint: string) =>
  new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });

async function createTables(client: DynamoDBClient): Promise<void> {
  for (const [TableName, names] of [
    [TABLE_NAME, ['pk', 'sk']],
    [IDEMPOTENCY_TABLE_NAME, ['id']],
  ] as const) {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: names.map((name, index) => ({
          AttributeName: name,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
        AttributeDefinitions: names.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      }),
    );
  }
}
