import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BillRow } from '../../../lib/reconciliation/bill-row.ts';
import type { ProviderEntry, ReconciliationStore } from '../../../lib/reconciliation/books.ts';
import type { Difference } from '../../../lib/reconciliation/difference.ts';
import { reconcile } from '../../../lib/reconciliation/reconcile.ts';
import { booksOf, day, entry, merchant, openRefund } from './books.ts';

const payment = (payment_no: string, changes: Partial<BillRow> = {}): BillRow => ({
  kind: 'payment',
  payment_no,
  transaction_id: `T-${payment_no}`,
  refund_no: null,
  amount: 1999,
  currency: 'CNY',
  ...changes,
});
const refund = (order_no: string, n: number, changes: Partial<BillRow> = {}): BillRow =>
  payment(order_no, { kind: 'refund', refund_no: `${order_no}-r${n}`, amount: 500, ...changes });
const refundEntry = (order_no: string, n: number, changes: Partial<ProviderEntry> = {}) =>
  entry({ order_no, amount: 500, ...changes, kind: 'refund', payment: 1, refund: n });

const answerAll: ReconciliationStore['findEntries'] = async (references) =>
  references.map(({ order_no }) => entry({ order_no }));

async function compare(rows: readonly BillRow[], store: ReconciliationStore, orderPrefix = '') {
  const differences: Difference[] = [];
  async function* bill() {
    yield* rows;
  }
  const summary = await reconcile(
    { store, orderPrefix, onDifference: (difference) => differences.push(difference), onProgress: () => {} },
    merchant,
    day,
    bill(),
  );
  const shown = differences.map(({ kind, of, payment_no, transaction, ours, theirs }) => [
    kind,
    of,
    payment_no,
    transaction,
    ours?.amount ?? null,
    theirs?.amount ?? null,
  ]);
  return { summary, shown };
}

const agreement = {
  rows: 0,
  agreed: 0,
  under_way: 0,
  missing_here: 0,
  missing_there: 0,
  other_amount: 0,
  undecided: 0,
  foreign: 0,
};

describe('reconcile', () => {
  it('finds nothing between a bill and the same ledger', async () => {
    const store = booksOf([entry({ order_no: 'mall-1' }), refundEntry('mall-1', 1)]);
    expect(await compare([payment('mall-1'), refund('mall-1', 1)], store)).toEqual({
      summary: { ...agreement, rows: 2, agreed: 2 },
      shown: [],
    });
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
    expect(await compare(rows, store)).toEqual({
      summary: { ...agreement, rows: 4, other_amount: 2, missing_here: 2, missing_there: 3 },
      shown: [
        ['other_amount', 'payment', 'mall-1', 'T-mall-1', 1, 1999],
        ['missing_here', 'payment', 'mall-3', 'T-mall-3', null, 1999],
        ['other_amount', 'refund', 'mall-1', 'mall-1-r2', 499, 500],
        ['missing_here', 'refund', 'mall-1', 'mall-1-r3', null, 500],
        ['missing_there', 'payment', 'mall-2-3', 'T-mall-2', 1999, null],
        ['missing_there', 'refund', 'mall-1', 'mall-1-r1', 500, null],
        ['missing_there', 'suspense', 'mall-4-2', 'T4', 1999, null],
      ],
    });
  });

  it('takes another currency for another amount', async () => {
    const store = booksOf([entry({ order_no: 'mall-1', currency: 'USD' })]);
    expect((await compare([payment('mall-1')], store)).summary.other_amount).toBe(1);
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
    expect((await compare(rows, store)).summary).toEqual({ ...agreement, rows: 3, agreed: 3 });
  });

  it('takes no payment for another of its order', async () => {
    const store = booksOf([entry({ order_no: 'mall-1', payment: 2, transaction_id: null })]);
    expect(await compare([payment('mall-1')], store)).toEqual({
      summary: { ...agreement, rows: 1, missing_here: 1, missing_there: 1 },
      shown: [
        ['missing_here', 'payment', 'mall-1', 'T-mall-1', null, 1999],
        ['missing_there', 'payment', 'mall-1-2', null, 1999, null],
      ],
    });
  });

  it('finds an entry that names no transaction by its payment and amount, once', async () => {
    const store = booksOf([entry({ order_no: 'mall-1', transaction_id: null })]);
    const rows = [payment('mall-1'), payment('mall-1', { transaction_id: 'T2' })];
    expect(await compare(rows, store)).toEqual({
      summary: { ...agreement, rows: 2, agreed: 1, missing_here: 1 },
      shown: [['missing_here', 'payment', 'mall-1', 'T2', null, 1999]],
    });
  });

  it('gives a row without a transaction to an entry of its amount', async () => {
    const store = booksOf([
      entry({ order_no: 'mall-1', amount: 1 }),
      entry({ order_no: 'mall-1', kind: 'suspense', transaction_id: 'T2' }),
    ]);
    expect(await compare([payment('mall-1', { transaction_id: null })], store)).toMatchObject({
      summary: { agreed: 1, missing_there: 1 },
      shown: [['missing_there', 'payment', 'mall-1', 'T-mall-1', 1, null]],
    });
  });

  it('shows a row that the bill has twice', async () => {
    const store = booksOf([entry({ order_no: 'mall-1' })]);
    const { summary } = await compare([payment('mall-1'), payment('mall-1')], store);
    expect(summary).toEqual({ ...agreement, rows: 2, agreed: 1, missing_here: 1 });
  });

  it.each([{ provider: 'alipay' as const }, { merchant: '1900000002' }])(
    'takes what another merchant was paid for no answer: %j',
    async (other) => {
      const store = booksOf([entry({ order_no: 'mall-1', ...other })], [openRefund('mall-1', 1, 500, other)]);
      const { summary } = await compare([payment('mall-1'), refund('mall-1', 1)], store);
      expect(summary).toEqual({ ...agreement, rows: 2, missing_here: 2 });
    },
  );

  it('lets a refund be under way here that the bill has already', async () => {
    const store = booksOf([], [openRefund('mall-1', 1, 500), openRefund('mall-1', 2, 400)]);
    const { summary, shown } = await compare([refund('mall-1', 1), refund('mall-1', 2)], store);
    expect(summary).toEqual({ ...agreement, rows: 2, under_way: 1, missing_here: 1 });
    expect(shown).toEqual([['missing_here', 'refund', 'mall-1', 'mall-1-r2', null, 500]]);
  });

  it.each(['other-r1', 'mall-1-r0', 'mall-2-r1', null])(
    'misses a refund that is not ours: %s',
    async (refund_no) => {
      const store = booksOf([refundEntry('mall-1', 1)]);
      expect((await compare([refund('mall-1', 1, { refund_no })], store)).summary.missing_here).toBe(1);
    },
  );

  it('takes what another stage sold on the same account for that of others', async () => {
    const rows = [payment('mall-1'), payment('x1mall-1'), payment('x2mall-1'), refund('mall-1', 1)];
    const { summary, shown } = await compare(rows, booksOf([]), 'x1');
    expect(summary).toEqual({ ...agreement, rows: 4, foreign: 3, missing_here: 1 });
    expect(shown.join()).toContain('x1mall-1');
  });

  it('counts orders of others and looks for none of them', async () => {
    const asked: unknown[] = [];
    const findEntries: ReconciliationStore['findEntries'] = async (references) => {
      asked.push(...references);
      return [];
    };
    const rows = [payment('cart 77'), refund('cart 77', 1)];
    const { summary } = await compare(rows, { ...booksOf([]), findEntries });
    expect(asked).toEqual([]);
    expect(summary).toEqual({ ...agreement, rows: 2, foreign: 2 });
  });

  it('does not blame the bill for what may be in another', async () => {
    const store = booksOf([
      entry({ order_no: 'mall-1', paid_at: '2026-11-22T04:00:00.000Z' }),
      entry({ order_no: 'mall-2', paid_at: '2026-11-21T15:59:59.000Z' }),
    ]);
    expect((await compare([], store)).summary).toEqual({ ...agreement, undecided: 1 });
  });

  it('names no payment where it cannot tell it', async () => {
    const store = booksOf([refundEntry('mall-1', 1, { booked_at: '2026-11-21T15:00:00.000Z' })]);
    const findOrigins: ReconciliationStore['findOrigins'] = async (entries) => entries.map(() => undefined);
    expect((await compare([], { ...store, findOrigins })).shown).toEqual([
      ['missing_there', 'refund', null, 'mall-1-r1', 500, null],
    ]);
  });

  it('never has more than 900 rows in hand', async () => {
    const count = 20_000;
    let [read, compared, most] = [0, 0, 0];
    async function* bill() {
      for (read = 1; read <= count; read += 1) {
        most = Math.max(most, read - compared);
        yield payment(`mall-${read}`);
      }
    }
    const store = { ...booksOf([]), findEntries: answerAll };
    const onProgress = (done: number) => {
      compared = done;
    };
    const { agreed } = await reconcile(
      { store, orderPrefix: '', onDifference: () => {}, onProgress },
      merchant,
      day,
      bill(),
    );
    expect(agreed).toBe(count);
    expect(most).toBeLessThanOrEqual(900);
  });

  it('ends with what the bill or the store throws', async () => {
    const failing = { ...booksOf([]), findEntries: () => Promise.reject(new Error('no table')) };
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

describe('reconcile, whatever the bill', () => {
  it('tells every fault, and nothing besides', async () => {
    await fc.assert(
      fc.asyncProperty(orders, fc.nat(), async (cases, seed) => {
        const entries: ProviderEntry[] = [];
        const rows: BillRow[] = [];
        for (const [index, { fault, of, amount }] of cases.entries()) {
          const order_no = `mall-${index + 1}`;
          const booked = { order_no, kind: of, amount, refund: of === 'refund' ? 1 : null };
          const listed = fault === 'other_amount' ? amount + 1 : amount;
          const row = of === 'refund' ? refund(order_no, 1) : payment(order_no);
          if (fault !== 'missing_here') entries.push(entry(booked));
          if (fault !== 'missing_there') rows.push({ ...row, amount: listed });
        }
        const shift = rows.length === 0 ? 0 : seed % rows.length;
        const { summary, shown } = await compare(
          [...rows.slice(shift), ...rows.slice(0, shift)],
          booksOf(entries),
        );
        const count = (wanted: string) => cases.filter(({ fault }) => fault === wanted).length;
        expect(summary).toEqual({
          ...agreement,
          rows: rows.length,
          agreed: count('none'),
          missing_here: count('missing_here'),
          missing_there: count('missing_there'),
          other_amount: count('other_amount'),
        });
        expect(shown).toHaveLength(cases.length - count('none'));
      }),
      { numRuns: 40 },
    );
  });
});
