import { setTimeout as sleep } from 'node:timers/promises';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import type { Payment } from '../../infra/local/simulators/payments.ts';
import type { Refund } from '../../infra/local/simulators/refunds.ts';
import { createRandom } from '../simulation/prng.ts';
import { checkBooks, type World } from '../support/books.ts';
import { startDynamodbProxy } from '../support/dynamodb-proxy.ts';
import { createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { openTable } from '../support/parties.ts';
import { scanTable } from '../support/table-scan.ts';
import { buy, type Shop } from './customers.ts';
import { keepSweeping, makeTrouble, refuseSettlements } from './trouble.ts';

const CUSTOMERS = 6;
/** A robot that has its twenty messages takes no more for a minute. */
const DRAIN_MS = 150_000;

export interface FaultsReport {
  readonly orders: number;
  readonly paid: number;
  readonly refunds: number;
  readonly faults: Readonly<Record<string, number>>;
  /** What is wrong; nothing when every promise was kept. */
  readonly wrong: readonly string[];
}

export interface FaultsOptions {
  readonly seed: number;
  readonly duration_ms: number;
  readonly onProgress?: (line: string) => void;
}

/** Lives through `duration_ms` of trouble, lets retries drain, and checks the books. */
export async function runFaults({ seed, duration_ms, onProgress }: FaultsOptions): Promise<FaultsReport> {
  await using started = new AsyncDisposableStack();
  const engine = started.adopt(await startDynamodb(), (part) => part.stop());
  const proxy = started.adopt(await startDynamodbProxy(engine.endpoint), (part) => part.stop());
  const system = started.adopt(await startTestSystem({ dynamodbEndpoint: proxy.url }), (part) => part.stop());
  const table = openTable({ dynamodbEndpoint: engine.endpoint, tableName: system.tableName });
  const simulate = createHttpClient(system.consoleUrl);
  const end = Date.now() + duration_ms;
  const isOver = () => Date.now() >= end;
  const faults: Record<string, number> = {};
  const broken: string[] = [];
  let lastId = 0;
  if (!system.tokens) throw new Error('the generated auth document has a key');
  const shop: Shop = {
    call: createHttpClient(system.url),
    simulate,
    table,
    tokens: system.tokens,
    nextId: () => ++lastId,
    flatTransactions: new Set(),
    broken: (what) => broken.push(what),
    isOver,
  };
  const troubled = {
    system,
    proxy,
    simulate,
    isOver,
    onFault: (kind: string) => {
      faults[kind] = (faults[kind] ?? 0) + 1;
    },
  };
  const progress = setInterval(() => {
    const count = Object.values(faults).reduce((sum, times) => sum + times, 0);
    onProgress?.(
      `${Math.ceil((end - Date.now()) / 1_000)} s to go, ${lastId} numbers given out, ${count} faults`,
    );
  }, 5_000);
  // Each with choices of its own, so that who comes first changes nobody's.
  await Promise.all([
    makeTrouble(troubled, createRandom(seed)),
    keepSweeping(troubled, createRandom(seed + 1)),
    refuseSettlements(troubled, createRandom(seed + 2)),
    ...Array.from({ length: CUSTOMERS }, (_, index) => buy(shop, createRandom(seed + 3 + index))),
  ]).finally(() => clearInterval(progress));
  onProgress?.('the faults are over; draining');
  const wrong = await drain(system, shop);
  const items = await scanTable(system);
  const count = (test: (sk: string) => boolean) => items.filter(({ sk }) => test(String(sk))).length;
  return {
    orders: count((sk) => sk === 'ORDER'),
    paid: count((sk) => sk === 'ENTRY#PAYMENT'),
    refunds: count((sk) => /^ENTRY#REFUND/.test(sk)),
    faults,
    wrong: [...broken, ...wrong],
  };
}

/** Lets time pass until nothing is wrong any more; what is still wrong then will stay so. */
async function drain(system: TestSystem, shop: Shop): Promise<string[]> {
  const deadline = Date.now() + DRAIN_MS;
  for (;;) {
    const world = await readWorld(system, shop);
    const wrong = checkBooks(world);
    if (wrong.length === 0 || Date.now() > deadline) return wrong;
    for (const item of world.items.filter(({ work }) => /^(check|notify)#/.test(String(work)))) {
      await shop.table.makeDue(item);
    }
    await system.sweep();
    await redeliver(world, shop);
    await sleep(500);
  }
}

/** Tells again, as the provider goes on doing, of every payment that is not booked. */
async function redeliver(world: World, { simulate }: Shop): Promise<void> {
  const booked = new Set(world.items.map(({ transaction_id }) => transaction_id));
  for (const { provider, order_no, state, transaction_id } of (await providerBooks(simulate)).payments) {
    if (state === 'paid' && !booked.has(transaction_id)) {
      await simulate('POST', `/simulator/payments/${provider}/${order_no}/pay`, { body: {} });
    }
  }
}

async function providerBooks(simulate: Shop['simulate']) {
  const answer = await simulate('GET', '/simulator/payments');
  return answer.body as { payments: Payment[]; refunds: Refund[] };
}

async function readWorld(system: TestSystem, { simulate, flatTransactions }: Shop): Promise<World> {
  const { payments, refunds } = await providerBooks(simulate);
  const { body } = await simulate('GET', '/simulator/wecom/messages');
  return {
    items: await scanTable(system),
    taken: payments.flatMap(({ state, transaction_id, amount }) =>
      state === 'paid' && transaction_id !== null ? [{ transaction_id, amount }] : [],
    ),
    perhapsTaken: flatTransactions,
    returned: refunds.filter(({ state }) => state === 'succeeded'),
    announced: (body as { messages: { content: string }[] }).messages
      .map(({ content }) => content)
      .join('\n'),
  };
}
