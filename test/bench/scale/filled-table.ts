import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { type DynamodbEngine, startDynamodb } from '../../../infra/local/dynamodb/engine.ts';
import { systemIo } from '../../../lib/io.ts';
import { providerAccount } from '../../../lib/orders/ledger.ts';
import { createStoreContext, type StoreContext } from '../../../lib/store/client.ts';
import { accountShard } from '../../../lib/store/keys.ts';
import { createTable } from '../../support/create-table.ts';
import { merchantNames, paymentOf, shopOrder } from '../../support/orders.ts';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';
import { announcePayment, beginPayment, settlePayment } from './payment-flow.ts';

export const tableName = 'settle-scale';

/** The one order that all others are copies of: what of it must differ is easily found in any text. */
const TEMPLATE_ID = 7_777_777;
const TEMPLATE_TIME = '2026-11-22T12:34:56.789Z';
const FIRST_COPY = 1_000_000_000;
const DAY_MS = 86_400_000;

/** A table in a file, which grows by paid orders while no engine has it open. */
export interface FilledTable {
  /** Lets the engine serve the table with so many orders in it, as if they had been paid over one day. */
  open(orders: number): Promise<{ readonly engine: DynamodbEngine; readonly context: StoreContext }>;
  remove(): void;
}

/** The engine takes thousands of orders a second; copied in its own file, a million take less than a minute. */
export async function createFilledTable(): Promise<FilledTable> {
  const { path, remove } = createTemporaryDirectory('settle-scale-');
  const file = join(path, 'table.db');
  await storeTemplate(file);
  let count = 0;
  return {
    async open(orders) {
      copyTemplate(file, count, orders);
      count = orders;
      const engine = await startDynamodb(file);
      return { engine, context: await createContext(engine.endpoint) };
    },
    remove,
  };
}

/** The client finds the engine as a function's does, by the environment, which it has read when this resolves. */
export async function createContext(endpoint: string): Promise<StoreContext> {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'scale',
    AWS_SECRET_ACCESS_KEY: 'scale',
  });
  const context = createStoreContext(tableName, systemIo);
  await context.client.send(new ListTablesCommand({}));
  return context;
}

async function storeTemplate(file: string): Promise<void> {
  const engine = await startDynamodb(file);
  const context = await createContext(engine.endpoint);
  await createTable(context.client, tableName);
  const shop = shopOrder({ id: TEMPLATE_ID, order_no: `mall-${TEMPLATE_ID}` });
  const order = { order: shop, payment: paymentOf(shop) };
  await beginPayment(context, order);
  await settlePayment(context, order, Date.parse(TEMPLATE_TIME));
  await announcePayment(context, order);
  await engine.stop();
}

/** Copies every row of the template, in the table and its indexes, for the orders from `from` to below `to`. */
function copyTemplate(file: string, from: number, to: number): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA synchronous = OFF; BEGIN');
    for (const table of tablesOf(database)) copyRows(database, table, from, to);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

/** The table and its indexes, each a table of SQLite's. */
function tablesOf(database: DatabaseSync): { name: string; columns: string[] }[] {
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND (name = ? OR name LIKE ?)")
    .all(tableName, `${tableName}::gsi::%`) as { name: string }[];
  return tables.map(({ name }) => {
    const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all(name) as { name: string }[];
    return { name, columns: columns.map((column) => column.name) };
  });
}

function copyRows(
  database: DatabaseSync,
  { name, columns }: { readonly name: string; readonly columns: readonly string[] },
  from: number,
  to: number,
): void {
  const keyColumn = columns.includes('table_pk') ? 'table_pk' : 'pk';
  const day = TEMPLATE_TIME.slice(0, 10);
  const time = `'${day}T' || printf('%02d:%02d:%02d.%03dZ', ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000)`;
  const order_no = `mall-${TEMPLATE_ID}`;
  const shards = ['shop:mall', providerAccount({ provider: 'wechat', merchant: merchantNames.wechat })].map(
    (account) => [accountShard(account, order_no), `${account}#`],
  );
  const copied = columns.map((column) => {
    if (!/pk|sk|json/.test(column)) return `template."${column}"`;
    const renumbered = `replace(template."${column}", '${TEMPLATE_ID}', ${FIRST_COPY} + n)`;
    const moved = shards.reduce(
      (text, [own, account]) => `replace(${text}, '${own}', '${account}' || (n % 8))`,
      renumbered,
    );
    return `replace(${moved}, '${TEMPLATE_TIME}', ${time})`;
  });
  database.exec(`
    WITH RECURSIVE numbers(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${to}),
      moments(n, ms) AS (SELECT n, n * 7919 % ${DAY_MS} FROM numbers),
      template AS MATERIALIZED (SELECT * FROM "${name}" WHERE ${keyColumn} = 'S:ORDER#mall-${TEMPLATE_ID}')
    INSERT INTO "${name}" SELECT ${copied.join(', ')} FROM moments CROSS JOIN template`);
}
