import type { StoreContext } from '../../../lib/store/client.ts';
import { createLedgerStore } from '../../../lib/store/ledger-store.ts';
import { createWorkStore } from '../../../lib/store/work-store.ts';
import { startDynamodbMeter } from '../../support/dynamodb-meter.ts';
import { paymentOf, shopOrder } from '../../support/orders.ts';
import type { Begun } from '../../support/parties.ts';
import { alternate, ratioOf, type Spread, spreadOf } from '../measure.ts';
import { type Sums, sumUp } from '../requests/lifetime.ts';
import { createContext, createFilledTable } from './filled-table.ts';
import { beginPayment, settlePayment } from './payment-flow.ts';

const sizes = [100, 1_000, 10_000, 100_000, 1_000_000] as const;
const ROUNDS = 25;

export const operations = ['settlement', 'duplicate', 'page of the ledger', 'empty sweep'] as const;
type Operation = (typeof operations)[number];

export interface SizeFindings {
  readonly orders: number;
  readonly ofOperation: Readonly<
    Record<
      Operation,
      Sums & {
        readonly items: number;
        readonly latency_ms: Spread;
        /** Over that of the same operation in a table of 100 orders, side by side. */
        readonly ratio: Spread;
      }
    >
  >;
}

/** The same operations in a table that grows, next to a small one that does not. */
export async function measureSizes(): Promise<SizeFindings[]> {
  await using started = new AsyncDisposableStack();
  const small = started.adopt(await createFilledTable(), async (table) => table.remove());
  const { context: reference } = started.adopt(await small.open(sizes[0]), ({ engine }) => engine.stop());
  const growing = started.adopt(await createFilledTable(), async (table) => table.remove());
  const found: SizeFindings[] = [];
  for (const orders of sizes) {
    const { engine, context } = await growing.open(orders);
    try {
      found.push(await measureSize(orders, engine.endpoint, context, reference));
    } finally {
      await engine.stop();
    }
  }
  return found;
}

async function measureSize(
  orders: number,
  endpoint: string,
  context: StoreContext,
  reference: StoreContext,
): Promise<SizeFindings> {
  const meter = await startDynamodbMeter(endpoint);
  const metered = await createContext(meter.url);
  const ofOperation: Partial<Record<Operation, SizeFindings['ofOperation'][Operation]>> = {};
  for (const name of operations) {
    const { prepare, run } = operationsOf[name];
    const time = async (on: StoreContext) => {
      const subject = await prepare(on);
      const begin = performance.now();
      await run(on, subject);
      return performance.now() - begin;
    };
    const samples = await alternate(
      { subject: () => time(context), reference: () => time(reference) },
      { rounds: ROUNDS, warmUp: 5 },
    );
    const subject = await prepare(metered);
    meter.reset();
    await run(metered, subject);
    ofOperation[name] = {
      ...sumUp(meter.requests),
      items: meter.requests.reduce((sum, { writes }) => sum + writes.length, 0),
      latency_ms: spreadOf(samples.subject),
      ratio: ratioOf(samples.subject, samples.reference),
    };
  }
  await meter.stop();
  return { orders, ofOperation: ofOperation as SizeFindings['ofOperation'] };
}

type Subject = Begun;

function newSubject(): Subject {
  const order = shopOrder();
  return { order, payment: paymentOf(order) };
}

const operationsOf: Readonly<
  Record<
    Operation,
    {
      readonly prepare: (context: StoreContext) => Promise<Subject>;
      readonly run: (context: StoreContext, subject: Subject) => Promise<unknown>;
    }
  >
> = {
  settlement: {
    prepare: async (context) => {
      const subject = newSubject();
      await beginPayment(context, subject);
      return subject;
    },
    run: settlePayment,
  },
  duplicate: {
    prepare: async (context) => {
      const subject = newSubject();
      await beginPayment(context, subject);
      await settlePayment(context, subject);
      return subject;
    },
    run: settlePayment,
  },
  'page of the ledger': {
    prepare: async () => newSubject(),
    run: (context) =>
      createLedgerStore(context).readPage(
        'shop:mall',
        { from: '2026-11-22T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' },
        null,
        50,
      ),
  },
  'empty sweep': {
    prepare: async () => newSubject(),
    run: async (context) => {
      const { listDue } = createWorkStore(context);
      const past = new Date(0).toISOString();
      await Promise.all([
        listDue('check', past, 200),
        listDue('alert', past, 50),
        listDue('notify', past, 50),
      ]);
    },
  },
};
