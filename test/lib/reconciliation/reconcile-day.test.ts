import { expect, it } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import type { BookedEntry } from '../../../lib/orders/change.ts';
import type { BillRow } from '../../../lib/orders/provider-gateway.ts';
import { BillNotReadyError } from '../../../lib/providers/bill.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';
import type { ReconciliationStore } from '../../../lib/reconciliation/books.ts';
import type { DayResult } from '../../../lib/reconciliation/day-result.ts';
import type { Difference } from '../../../lib/reconciliation/difference.ts';
import { type DayPorts, reconcileDay } from '../../../lib/reconciliation/reconcile-day.ts';
import { createMemoryStore } from '../orders/memory-store.ts';
import { booksOf, date, entry, merchant, paymentRow, refundRow, times } from './books.ts';

const day = { ...merchant, day: date };

const settling: DayPorts['settling'] = {
  io: systemIo,
  store: createMemoryStore(),
  applyEvent: async () => ({ outcome: 'not_found' }),
  askAbout: async () => {},
  askAboutRefund: async () => ({ state: 'absent' }),
  putMerchantException: async () => {},
};

/** A day in memory, whose runs can be given little time, and whose writes can be made to fail. */
function dayOf(books: { store: ReconciliationStore }) {
  let result: DayResult | null = null;
  const fees: BookedEntry[] = [];
  const run = (
    rows: readonly BillRow[] | null,
    changes: Partial<DayPorts> = {},
    options: { afresh?: boolean } = {},
  ) => {
    const ports: DayPorts = {
      store: books.store,
      orderPrefix: '',
      settling,
      days: {
        read: async () => result,
        write: async (written) => {
          result = written;
          return true;
        },
      },
      putMerchantEntry: async (fee) => void fees.push(fee),
      onDifference: () => {},
      onProgress: () => {},
      shouldStop: () => false,
      ...changes,
    };
    return reconcileDay(ports, times, day, () => rowsOf(rows), options);
  };
  return { run, fees, result: () => result };
}

async function* rowsOf(rows: readonly BillRow[] | null) {
  if (!rows) throw new BillNotReadyError('wechat');
  yield* rows;
}

it('a day whose fees could not be booked is not done, and books them the next time', async () => {
  const { run, fees, result } = dayOf({ store: booksOf([entry({ order_no: 'mall-1' })]) });
  const rows = [paymentRow('mall-1', { fee: 12_000 })];
  const failing = async () => {
    throw new Error('the table is away');
  };
  await expect(run(rows, { putMerchantEntry: failing })).rejects.toThrow('the table is away');
  expect(result()).toMatchObject({ state: 'running' });
  await expect(run(rows)).resolves.toMatchObject({ outcome: 'agreed' });
  expect(fees).toMatchObject([{ kind: 'fee', amount: 12 }]);
});

it('a bill in another order than the one that was begun with is read from its beginning', async () => {
  const { run } = dayOf({ store: booksOf([entry({ order_no: 'mall-1' })]) });
  const [known, unknown] = [paymentRow('mall-1'), paymentRow('mall-2')];
  await expect(run([known, unknown], { shouldStop: () => true })).resolves.toMatchObject({
    outcome: 'stopped',
  });
  await expect(run([unknown, known])).resolves.toMatchObject({
    result: { rows: 2, agreed: 1, differences: { missing_here: 1 } },
  });
});

it('a day that is done afresh forgets how far it came', async () => {
  const books = { store: booksOf([]) };
  const { run } = dayOf(books);
  const rows = [paymentRow('mall-1'), paymentRow('mall-2')];
  await expect(run(rows, { shouldStop: () => true })).resolves.toMatchObject({
    result: { differences: { missing_here: 1 } },
  });
  books.store = booksOf([entry({ order_no: 'mall-1' }), entry({ order_no: 'mall-2' })]);
  await expect(run(rows, {}, { afresh: true })).resolves.toMatchObject({
    outcome: 'agreed',
    result: { rows: 2, agreed: 2, differences: { missing_here: 0 } },
  });
});

it('a day that is done afresh while its provider has no bill of it stays as it was, and its fees are told apart', async () => {
  const { run, fees, result } = dayOf({ store: booksOf([entry({ order_no: 'mall-1' })]) });
  await run([paymentRow('mall-1', { fee: 12_000 })]);
  const finished = result();
  await expect(run(null, {}, { afresh: true })).resolves.toEqual({ outcome: 'late', result: finished });
  expect(result()).toEqual(finished);
  await run([paymentRow('mall-1', { fee: 20_000 })], {}, { afresh: true });
  expect(fees.map(({ amount }) => amount)).toEqual([12, 8]);
  expect(new Set(fees.map(({ reference }) => reference)).size).toBe(2);
});

it('a day of which there is no bill yet is late', async () => {
  const { run, result } = dayOf({ store: booksOf([]) });
  await expect(run(null)).resolves.toMatchObject({ outcome: 'late' });
  expect(result()).toMatchObject({ state: 'late' });
});

it('a row that nobody can read keeps its day from agreeing', async () => {
  const { run } = dayOf({ store: booksOf([]) });
  const row = { kind: 'other', name: '转账', understood: false } as const;
  await expect(run([row])).resolves.toMatchObject({ outcome: 'differs' });
});

it('a provider that fails when it is asked about a payment does not stop its day', async () => {
  const { run } = dayOf({ store: booksOf([entry({ order_no: 'mall-1', payment: 2 })]) });
  const askAbout = async () => {
    throw new ProviderCallError('wechat', 500, 'down');
  };
  await expect(run([refundRow('mall-1', 1)], { settling: { ...settling, askAbout } })).resolves.toMatchObject(
    { outcome: 'differs' },
  );
});

/**
 * Two days, and a refund of the first that was booked at 00:02 of the second in Beijing. Neither is stored before so many
 * readings: of each by itself, and of the other by whichever misses the refund.
 */
async function reconcileAtOnce(billOfSecond: readonly BillRow[], readings: number) {
  const booked_at = '2026-11-21T16:02:00.000Z';
  const store = booksOf([entry({ order_no: 'mall-1', refund: 1, amount: 500, booked_at })]);
  const results = new Map<string, DayResult>();
  const told: Difference[] = [];
  const { promise: bothWereRead, resolve: release } = Promise.withResolvers<void>();
  const read: string[] = [];
  const days: DayPorts['days'] = {
    read: async (asked) => {
      const found = results.get(asked.day) ?? null;
      read.push(asked.day);
      if (read.length === readings) release();
      return found;
    },
    write: async (written) => {
      if (written.state !== 'running') await bothWereRead;
      results.set(written.day, structuredClone(written));
      return true;
    },
  };
  const run = (date: string, rows: readonly BillRow[]) =>
    reconcileDay(
      {
        ...{ store, orderPrefix: '', settling, days, putMerchantEntry: async () => {} },
        ...{ onDifference: (one) => void told.push(one), onProgress: () => {}, shouldStop: () => false },
      },
      times,
      { ...day, day: date },
      () => rowsOf(rows),
    );
  await Promise.all([run(date, []), run('2026-11-22', billOfSecond)]);
  return { told: told.map(({ kind, movement }) => `${kind} ${movement}`), results: [...results.values()] };
}

it('what none of two days has that are done at once is told by whichever is done last', async () => {
  const { told, results } = await reconcileAtOnce([], 4);
  expect(new Set(told)).toEqual(new Set(['missing_there mall-1-r1']));
  expect(results.some(({ state, undecided }) => state === 'differs' && undecided === 0)).toBe(true);
});

it('what one of two days has that are done at once is missed by neither', async () => {
  const { told, results } = await reconcileAtOnce([refundRow('mall-1', 1)], 3);
  expect(told).toEqual([]);
  expect(results).toMatchObject([
    { state: 'agreed', undecided: 0 },
    { state: 'agreed', undecided: 0 },
  ]);
});
