import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BillRow } from '../../../lib/orders/provider-gateway.ts';
import type { ProviderEntry, ReconciliationStore } from '../../../lib/reconciliation/books.ts';
import type { Difference } from '../../../lib/reconciliation/difference.ts';
import { compareDay } from '../../../lib/reconciliation/reconcile-day.ts';
import { emptyTally } from '../../../lib/reconciliation/tally.ts';
import { returnOf } from '../../support/orders.ts';
import {
  booksOf,
  date,
  disputeRow,
  entry,
  merchant,
  openRefund,
  holdingOf as payingOf,
  paymentRow as payment,
  refundRow as refund,
  times,
} from './books.ts';

const refundEntry = (order_no: string, n: number, changes: Partial<ProviderEntry> = {}) =>
  entry({ order_no, amount: 500, ...changes, kind: 'refund', payment: null, refund: n });

/** Only looks: what differs is told and nothing is settled. */
async function compare(rows: readonly BillRow[], store: ReconciliationStore, orderPrefix = '') {
  const differences: Difference[] = [];
  const { compared } = await compareDay(
    {
      store,
      days: { read: async () => null },
      orderPrefix,
      settling: null,
      onDifference: (difference) => differences.push(difference),
      onProgress: () => {},
      shouldStop: () => false,
    },
    times,
    { ...merchant, day: date },
    () => rowsOf(rows),
  );
  const shown = differences.map(({ kind, of, payment_no, transaction_id, movement, ours, theirs }) => [
    kind,
    of,
    payment_no,
    movement ?? transaction_id,
    ours?.amount ?? null,
    theirs?.amount ?? null,
  ]);
  const { sums: _sums, fees: _fees, names: _names, ...counts } = compared;
  return { compared, counts, shown };
}

async function* rowsOf(rows: readonly BillRow[]) {
  yield* rows;
}

const { sums: _sums, fees: _fees, names: _names, ...nothing } = emptyTally();
const counted = (
  changes: Partial<typeof nothing>,
  differences: Partial<typeof nothing.differences> = {},
) => ({
  ...nothing,
  ...changes,
  differences: { ...nothing.differences, ...differences },
});

describe('compareDay', () => {
  it('finds nothing between a bill and the same books', async () => {
    const store = booksOf([entry({ order_no: 'mall-1' }), refundEntry('mall-1', 1)]);
    const { counts, shown } = await compare([payment('mall-1'), refund('mall-1', 1)], store);
    expect(counts).toEqual(counted({ rows: 2, agreed: 2 }));
    expect(shown).toEqual([]);
  });

  it('shows what is missing here, what is missing there, and other amounts', async () => {
    const store = booksOf([
      entry({ order_no: 'mall-1', amount: 1 }),
      entry({ order_no: 'mall-2', payment: 3 }),
      refundEntry('mall-1', 1),
      refundEntry('mall-1', 2, { amount: 499 }),
      entry({ order_no: 'mall-4', payment: 2, kind: 'suspense', transaction_id: 'T4' }),
    ]);
    const rows = [payment('mall-1'), payment('mall-3'), refund('mall-1', 2), refund('mall-1', 3)];
    const { counts, shown } = await compare(rows, store);
    expect(counts).toEqual(counted({ rows: 4 }, { other_amount: 2, missing_here: 2, missing_there: 3 }));
    expect(shown).toEqual([
      ['other_amount', 'payment', 'mall-1', 'T-mall-1', 1, 1999],
      ['missing_here', 'payment', 'mall-3', 'T-mall-3', null, 1999],
      ['other_amount', 'refund', 'mall-1', 'R-mall-1-2', 499, 500],
      ['missing_here', 'refund', 'mall-1', 'R-mall-1-3', null, 500],
      ['missing_there', 'payment', 'mall-2-3', 'T-mall-2', 1999, null],
      ['missing_there', 'refund', 'mall-1', 'mall-1-r1', 500, null],
      ['missing_there', 'suspense', 'mall-4-2', 'T4', 1999, null],
    ]);
  });

  it('takes another currency for another amount', async () => {
    const store = booksOf([entry({ order_no: 'mall-1', currency: 'USD' })]);
    expect((await compare([payment('mall-1')], store)).counts.differences.other_amount).toBe(1);
  });

  it("finds each of an order's payments under its own number, and further transactions in suspense", async () => {
    const store = booksOf([
      entry({ order_no: 'mall-1', kind: 'suspense', transaction_id: 'T1' }),
      entry({ order_no: 'mall-1', payment: 2, transaction_id: 'T2' }),
      entry({ order_no: 'mall-1', payment: 2, kind: 'suspense', transaction_id: 'T3' }),
    ]);
    const rows = [
      payment('mall-1', { transaction_id: 'T1' }),
      payment('mall-1-2', { transaction_id: 'T2' }),
      payment('mall-1-2', { transaction_id: 'T3' }),
    ];
    expect((await compare(rows, store)).counts).toEqual(counted({ rows: 3, agreed: 3 }));
  });

  it('takes no payment for another of its order', async () => {
    const store = booksOf([entry({ order_no: 'mall-1', payment: 2, transaction_id: null })]);
    const { counts, shown } = await compare([payment('mall-1')], store);
    expect(counts).toEqual(counted({ rows: 1 }, { missing_here: 1, missing_there: 1 }));
    expect(shown).toEqual([
      ['missing_here', 'payment', 'mall-1', 'T-mall-1', null, 1999],
      ['missing_there', 'payment', 'mall-1-2', null, 1999, null],
    ]);
  });

  it('finds an entry that names no transaction by its payment and amount, once', async () => {
    const store = booksOf([entry({ order_no: 'mall-1', transaction_id: null })]);
    const rows = [payment('mall-1'), payment('mall-1', { transaction_id: 'T2' })];
    const { counts, shown } = await compare(rows, store);
    expect(counts).toEqual(counted({ rows: 2, agreed: 1 }, { missing_here: 1 }));
    expect(shown).toEqual([['missing_here', 'payment', 'mall-1', 'T2', null, 1999]]);
  });

  it('gives a row without a transaction to an entry of its amount', async () => {
    const store = booksOf([
      entry({ order_no: 'mall-1', amount: 1 }),
      entry({ order_no: 'mall-1', kind: 'suspense', transaction_id: 'T2' }),
    ]);
    const { counts } = await compare([payment('mall-1', { transaction_id: null })], store);
    expect(counts.agreed).toBe(1);
  });

  it('shows a row that the bill has twice', async () => {
    const store = booksOf([entry({ order_no: 'mall-1' })]);
    const { counts } = await compare([payment('mall-1'), payment('mall-1')], store);
    expect(counts).toEqual(counted({ rows: 2, agreed: 1 }, { missing_here: 1 }));
  });

  it.each([{ provider: 'alipay' as const }, { merchant: '1900000002' }])(
    'takes what another merchant was paid for no answer: %j',
    async (other) => {
      const refunds = [openRefund('mall-1', 1, 500, other)];
      const store = booksOf([entry({ order_no: 'mall-1', ...other })], { refunds });
      const { counts } = await compare([payment('mall-1'), refund('mall-1', 1)], store);
      expect(counts).toEqual(counted({ rows: 2 }, { missing_here: 2 }));
    },
  );

  it('lets a refund be under way here that the bill has already', async () => {
    const refunds = [openRefund('mall-1', 1, 500), openRefund('mall-1', 2, 400)];
    const rows = [refund('mall-1', 1), refund('mall-1', 2)];
    const { counts, shown } = await compare(rows, booksOf([], { refunds }));
    expect(counts).toEqual(counted({ rows: 2, under_way: 1 }, { missing_here: 1 }));
    expect(shown).toEqual([['missing_here', 'refund', 'mall-1', 'R-mall-1-2', null, 500]]);
  });

  it('neither blames nor looks for what is not paid yet, or was not paid, however often it was tried', async () => {
    const failed = payment('mall-1', { unpaid: 'failed' });
    const pending = payment('mall-1', { unpaid: 'pending' });
    const rows = [pending, failed, failed, payment('mall-1'), payment('mall-9', { unpaid: 'pending' })];
    const { counts } = await compare(rows, booksOf([entry({ order_no: 'mall-1' })]));
    expect(counts).toEqual(counted({ rows: 5, agreed: 3, under_way: 2 }));
  });

  it('misses what is booked and was not paid', async () => {
    const store = booksOf([entry({ order_no: 'mall-1' })]);
    const { counts } = await compare([payment('mall-1', { unpaid: 'failed' })], store);
    expect(counts).toEqual(counted({ rows: 1, agreed: 1 }, { missing_there: 1 }));
  });

  it('misses what was taken back of an unpaid payment only where that is booked', async () => {
    const back = (order_no: string) =>
      refund(order_no, 1, { refund_no: null, refund_id: `txn_${order_no}`, amount: 1999, ofUnpaid: true });
    const store = booksOf([
      entry({ order_no: 'mall-1' }),
      entry({ order_no: 'mall-2', transaction_id: null }),
      entry({ order_no: 'mall-3', transaction_id: 'T-other' }),
      refundEntry('mall-4', 1),
    ]);
    const rows = ['mall-1', 'mall-2', 'mall-3', 'mall-4', 'mall-9'].map(back);
    const { shown } = await compare(rows, store);
    expect(shown.filter(([kind]) => kind === 'missing_here')).toEqual([
      ['missing_here', 'refund', 'mall-1', 'txn_mall-1', null, 1999],
      ['missing_here', 'refund', 'mall-2', 'txn_mall-2', null, 1999],
    ]);
  });

  it.each(['other-r1', 'mall-1-r2', null])('misses a refund that is not ours: %s', async (refund_no) => {
    const store = booksOf([refundEntry('mall-1', 1)]);
    const { counts } = await compare([refund('mall-1', 1, { refund_no })], store);
    expect(counts.differences.missing_here).toBe(1);
  });

  it('finds a refund that was not asked for here by the name that its provider has for it', async () => {
    const returns = [returnOf(payingOf('mall-1', 1), { return_id: 'R-1', amount: 500, ...merchant })];
    const store = booksOf(
      [entry({ order_no: 'mall-1', kind: 'return', amount: 500, reference: 'R-1', transaction_id: null })],
      { returns, returned: 500 },
    );
    const row = (changes: object) =>
      refund('mall-1', 1, { refund_no: 'console', refund_id: 'R-1', ...changes });
    expect((await compare([row({})], store)).counts).toEqual(counted({ rows: 1, agreed: 1 }));
    const { counts } = await compare([row({ amount: 501 })], store);
    expect(counts).toEqual(counted({ rows: 1 }, { other_amount: 1 }));
    expect((await compare([], store)).counts).toEqual(counted({}, { missing_there: 1 }));
  });

  it('looks for what was known as a sum by its names, and misses what none explains', async () => {
    const sum = entry({ order_no: 'mall-1', kind: 'return', amount: 500, reference: 'total-500' });
    const returns = [returnOf(payingOf('mall-1', 1), { return_id: 'R-1', amount: 500, ...merchant })];
    const named = booksOf([sum], { returns, returned: 500 });
    const row = refund('mall-1', 1, { refund_no: null, refund_id: 'R-1' });
    expect((await compare([row], named)).counts).toEqual(counted({ rows: 1, agreed: 1 }));
    // Its row may be in the bill of another day.
    expect((await compare([], named)).counts).toEqual(counted({}));
    const unnamed = booksOf([sum], { returned: 500 });
    expect((await compare([], unnamed)).shown).toEqual([
      ['missing_there', 'return', 'mall-1', 'total-500', 500, null],
    ]);
    // What is revoked is the whole of it, without a number.
    const revoked = refund('mall-1', 1, { refund_no: null, refund_id: null });
    expect((await compare([revoked], unnamed)).counts).toEqual(counted({ rows: 1, agreed: 1 }));
  });

  it('takes for names of a sum those of what went back of the same money alone', async () => {
    const sumOf = (amount: number, transaction_id: string) =>
      entry({ order_no: 'mall-1', kind: 'return', amount, reference: `total-${amount}`, transaction_id });
    const returned = (changes: Parameters<typeof returnOf>[1]) => returnOf(payingOf('mall-1', 1), changes);
    const rest = async (sum: ProviderEntry, returns: readonly ReturnType<typeof returned>[]) => {
      const further = entry({ order_no: 'mall-1', kind: 'suspense', transaction_id: 'T9' });
      const store = booksOf([sum, further], { returns, returned: 500 });
      const readOrder: ReconciliationStore['readOrder'] = async (order_no) => {
        const books = await store.readOrder(order_no);
        const suspense = books?.suspense.map((one) => ({ ...one, returned: 300 })) ?? [];
        return books && { ...books, suspense };
      };
      const row = payment('mall-1', { transaction_id: 'T9' });
      return (await compare([row], { ...store, readOrder })).counts.differences.missing_there;
    };
    const whole = sumOf(500, 'T-mall-1');
    expect(await rest(whole, [])).toBe(1);
    expect(await rest(whole, [returned({ amount: 500 })])).toBe(0);
    expect(await rest(whole, [returned({ amount: 499 })])).toBe(1);
    expect(await rest(whole, [returned({ amount: 500, status: 'failed' })])).toBe(1);
    expect(await rest(whole, [returned({ amount: 500, payment: 2 })])).toBe(1);
    expect(await rest(whole, [returned({ amount: 500, suspense: 'T9' })])).toBe(1);
    const further = sumOf(300, 'T9');
    expect(await rest(further, [returned({ amount: 300, suspense: 'T9' })])).toBe(0);
    expect(await rest(further, [returned({ amount: 300 })])).toBe(1);
  });

  it('takes a refund that failed for nothing on balance, in both of its rows', async () => {
    const refunds = [openRefund('mall-1', 1, 500, { status: 'failed' })];
    const rows = [refund('mall-1', 1, { failed: true, amount: -500 }), refund('mall-1', 1, { failed: true })];
    const { compared } = await compare(rows, booksOf([], { refunds }));
    expect(compared).toMatchObject({ rows: 2, agreed: 2, sums: { refund: { CNY: 0 } } });
    const succeeded = booksOf([refundEntry('mall-1', 1)]);
    expect((await compare(rows, succeeded)).counts.differences.missing_here).toBe(2);
  });

  it('misses a refund of which the bill has only that it came back', async () => {
    const store = booksOf([refundEntry('mall-1', 1)]);
    const rows = [refund('mall-1', 1, { failed: true, amount: -500 })];
    expect((await compare(rows, store)).counts.differences).toMatchObject({
      missing_here: 1,
      missing_there: 1,
    });
  });

  it("finds a dispute's movements by their own numbers, and misses none of them there for certain", async () => {
    const out = entry({ order_no: 'mall-1', kind: 'dispute', payment: null, reference: 'txn_1' });
    const back = { ...out, reference: 'txn_2', debit: out.credit, credit: out.debit };
    const rows = [
      disputeRow('mall-1', { movement_id: 'txn_1' }),
      disputeRow('mall-1', { movement_id: 'txn_2', amount: -1999 }),
    ];
    const store = booksOf([out, back]);
    expect((await compare(rows, store)).counts).toEqual(counted({ rows: 2, agreed: 2 }));
    expect((await compare([], store)).counts).toEqual(counted({ undecided: 2 }));
    const other = await compare([disputeRow('mall-1', { movement_id: 'txn_2' })], store);
    expect(other.shown).toContainEqual(['other_amount', 'dispute', 'mall-1', 'txn_2', -1999, 1999]);
  });

  it('takes what another stage sold on the same account for that of others', async () => {
    const rows = [payment('mall-1'), payment('x1mall-1'), payment('x2mall-1'), refund('mall-1', 1)];
    const { counts, shown } = await compare(rows, booksOf([]), 'x1');
    expect(counts).toEqual(counted({ rows: 4, foreign: 3 }, { missing_here: 1 }));
    expect(shown.join()).toContain('x1mall-1');
  });

  it('counts orders of others and looks for none of them', async () => {
    const asked: unknown[] = [];
    const find: ReconciliationStore['find'] = async (rows) => {
      asked.push(...rows);
      return [];
    };
    const rows = [payment('cart 77', { fee: 1 }), payment(null), disputeRow('cart 77')];
    const { compared } = await compare(rows, { ...booksOf([]), find });
    expect(asked).toEqual([]);
    expect(compared).toEqual({ ...emptyTally(), rows: 3, foreign: 3 });
  });

  it('counts what moved of our payments and what was kept of it, exactly, by kind and currency', async () => {
    const rows = [
      payment('mall-1', { fee: 119_940 }),
      payment('mall-2', { fee: 60, currency: 'USD', fee_currency: 'GBP' }),
      refund('mall-1', 1, { fee: -30_000 }),
      disputeRow('mall-1', { fee: 1_500_000 }),
    ];
    const { compared } = await compare(rows, booksOf([]));
    expect(compared.sums).toEqual({
      payment: { CNY: 1999, USD: 1999 },
      refund: { CNY: 500 },
      dispute: { CNY: 1999 },
    });
    expect(compared.fees).toEqual({
      payment: { CNY: 119_940, GBP: 60 },
      refund: { CNY: -30_000 },
      dispute: { CNY: 1_500_000 },
    });
  });

  it('names every kind of other row, and tells of each that is not understood once', async () => {
    const other = (name: string, understood: boolean): BillRow => ({ kind: 'other', name, understood });
    const rows = [
      other('payout', true),
      other('转账', false),
      other('转账', false),
      other('constructor', false),
    ];
    const { counts, shown } = await compare(rows, booksOf([]));
    expect(counts).toEqual(
      counted({ rows: 4, others: { payout: 1, 转账: 2, constructor: 1 } }, { unknown_row: 2 }),
    );
    expect(shown).toEqual([
      ['unknown_row', null, null, '2026-11-21 转账', null, null],
      ['unknown_row', null, null, '2026-11-21 constructor', null, null],
    ]);
    const many = Array.from({ length: 60 }, (_, index) => other(`kind ${index}`, true));
    const { others } = (await compare(many, booksOf([]))).counts;
    expect(Object.keys(others)).toHaveLength(41);
    expect(others['…']).toBe(20);
  });

  it('does not blame the bill for what may be in another', async () => {
    const store = booksOf([
      entry({ order_no: 'mall-1', paid_at: '2026-11-22T04:00:00.000Z' }),
      entry({ order_no: 'mall-2', paid_at: '2026-11-21T15:59:59.000Z' }),
    ]);
    expect((await compare([], store)).counts).toEqual(counted({ undecided: 1 }));
  });

  it('keeps the names of what may be in another, and of what is not booked, but not of all that there may be', async () => {
    const late = (id: number) =>
      entry({ order_no: `mall-${id}`, paid_at: '2026-11-21T15:59:59.000Z', transaction_id: 'T' });
    const refunds = [openRefund('mall-1', 1, 500), openRefund('mall-1', 2, 500, { status: 'failed' })];
    const rows = [
      refund('mall-1', 1),
      refund('mall-1', 2, { failed: null }),
      payment('mall-3', { unpaid: 'pending', transaction_id: 'ch_3' }),
      payment('mall-4'),
      payment('mall-5'),
      payment('mall-6', { unpaid: 'failed' }),
    ];
    const { compared } = await compare(rows, booksOf([late(2), entry({ order_no: 'mall-5' })], { refunds }));
    expect(compared).toMatchObject({ undecided: 1, under_way: 2 });
    expect(compared.names).toEqual({
      absent: ['payment mall-2 T'],
      unbooked: ['refund mall-1-r1', 'refund mall-1-r2', 'payment mall-3 ch_3', 'payment mall-4 T-mall-4'],
    });
    const many = Array.from({ length: 501 }, (_, index) => late(index + 1));
    const { compared: crowded } = await compare([], booksOf(many));
    expect(crowded.undecided).toBe(501);
    expect(crowded.names.absent).toHaveLength(500);
  });

  it('names no payment where it cannot tell it, and does not say when that was', async () => {
    const store = booksOf([refundEntry('mall-1', 1)]);
    const findOrigins: ReconciliationStore['findOrigins'] = async (entries) => entries.map(() => undefined);
    expect((await compare([], { ...store, findOrigins })).counts).toEqual(counted({ undecided: 1 }));
  });

  it('never has more than 900 rows in hand, and shows how far it is', async () => {
    const count = 20_000;
    let [read, compared, most] = [0, 0, 0];
    const shares: (number | null)[] = [];
    async function* bill() {
      for (read = 1; read <= count; read += 1) {
        most = Math.max(most, read - compared);
        const at = new Date(Date.parse('2026-11-20T16:00:00Z') + (read / count) * 86_400_000).toISOString();
        yield payment(`mall-${read}`, { at });
      }
    }
    const find: ReconciliationStore['find'] = async (rows) =>
      rows.map(({ number: { order_no } }) => entry({ order_no }));
    const result = await compareDay(
      {
        store: { ...booksOf([]), find },
        days: { read: async () => null },
        orderPrefix: '',
        settling: null,
        onDifference: () => {},
        onProgress: (done, _what, share) => {
          compared = done;
          shares.push(share);
        },
        shouldStop: () => false,
      },
      times,
      { ...merchant, day: date },
      bill,
    );
    expect(result.compared.agreed).toBe(count);
    expect(most).toBeLessThanOrEqual(900);
    expect(shares[99]).toBeCloseTo(0.5);
    expect(shares.at(-1)).toBeCloseTo(1);
  });

  it('ends with what the bill or the store throws', async () => {
    const failing = { ...booksOf([]), find: () => Promise.reject(new Error('no table')) };
    const rows = Array.from({ length: 1_000 }, (_, index) => payment(`mall-${index + 1}`));
    await expect(compare(rows, failing)).rejects.toThrow('no table');
  });
});

/** An order's payment, in which both sides agree or one of them went wrong. */
const orders = fc.array(
  fc.record({
    fault: fc.constantFrom('none', 'missing_here', 'missing_there', 'other_amount'),
    of: fc.constantFrom('payment', 'refund', 'suspense'),
    amount: fc.integer({ min: 1, max: 2 ** 40 }),
  }),
  { maxLength: 350 },
);

describe('compareDay, whatever the bill', () => {
  it('tells every fault, and nothing besides', async () => {
    await fc.assert(
      fc.asyncProperty(orders, fc.nat(), async (cases, seed) => {
        const entries: ProviderEntry[] = [];
        const rows: BillRow[] = [];
        for (const [index, { fault, of, amount }] of cases.entries()) {
          const order_no = `mall-${index + 1}`;
          const listed = fault === 'other_amount' ? amount + 1 : amount;
          const booked =
            of === 'refund' ? refundEntry(order_no, 1, { amount }) : entry({ order_no, kind: of, amount });
          if (fault !== 'missing_here') entries.push(booked);
          if (fault !== 'missing_there')
            rows.push(
              of === 'refund'
                ? refund(order_no, 1, { amount: listed })
                : payment(order_no, { amount: listed }),
            );
        }
        const shift = rows.length === 0 ? 0 : seed % rows.length;
        const { counts, shown } = await compare(
          [...rows.slice(shift), ...rows.slice(0, shift)],
          booksOf(entries),
        );
        const count = (wanted: string) => cases.filter(({ fault }) => fault === wanted).length;
        expect(counts).toEqual(
          counted(
            { rows: rows.length, agreed: count('none') },
            {
              missing_here: count('missing_here'),
              missing_there: count('missing_there'),
              other_amount: count('other_amount'),
            },
          ),
        );
        expect(shown).toHaveLength(cases.length - count('none'));
      }),
      { numRuns: 40 },
    );
  });
});
