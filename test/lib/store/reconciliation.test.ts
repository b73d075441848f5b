import type { BatchGetCommand, QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { BookedEntry } from '../../../lib/orders/change.ts';
import { providerAccount } from '../../../lib/orders/ledger.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import type { Payment, Suspense } from '../../../lib/orders/payment.ts';
import type { BillRow, OtherRow } from '../../../lib/orders/provider-gateway.ts';
import type { Refund, Return } from '../../../lib/orders/refund.ts';
import { type OwnRow, ownRow } from '../../../lib/reconciliation/bill-row.ts';
import type { ProviderEntry } from '../../../lib/reconciliation/books.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { accountShards, shardOf } from '../../../lib/store/keys.ts';
import { createReconciliationStore } from '../../../lib/store/reconciliation-store.ts';
import { interceptedStore } from '../../support/intercepted-store.ts';
import { refundEntryOf } from '../../support/items.ts';
import { paidPayment, paymentOf, refundOf, returnOf, shopOrder, suspenseOf } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';
import { disputeRow, paymentRow, refundRow } from '../reconciliation/books.ts';

const store = useStore();
const period = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' };
const noon = '2026-11-22T12:00:00.000Z';

const books = (context: StoreContext = store.context) => createReconciliationStore(context);

interface Stored {
  readonly payments?: readonly Payment[];
  readonly suspense?: readonly Suspense[];
  readonly refunds?: readonly Refund[];
  readonly returns?: readonly Return[];
  readonly entries?: readonly BookedEntry[];
}

function own(row: Exclude<BillRow, OtherRow>): OwnRow {
  const found = ownRow(row, '');
  if (!found) throw new Error('the row is none of ours');
  return found;
}

/** Everything that was booked to an account, of all parts in which it is read. */
async function listAll(account: string): Promise<ProviderEntry[]> {
  const parts = Array.from({ length: books().parts }, (_, part) =>
    Array.fromAsync(books().listEntries(account, period, part)),
  );
  return (await Promise.all(parts)).flat();
}

async function stored(
  order: ShopOrder,
  { payments = [], suspense = [], refunds = [], returns = [], entries = [] }: Stored,
) {
  await store.put(
    { put: 'order', record: order },
    ...payments.map((record) => ({ put: 'payment', record }) as const),
    ...suspense.map((record) => ({ put: 'suspense', record }) as const),
    ...refunds.map((record) => ({ put: 'refund', record }) as const),
    ...returns.map((record) => ({ put: 'return', record }) as const),
    ...entries.map((record) => ({ put: 'entry', record }) as const),
  );
  return order.order_no;
}

const bookedAt = <T extends Payment | Suspense>(holding: T, booked_at: string): T =>
  holding.booking ? { ...holding, booking: { ...holding.booking, booked_at } } : holding;

const shown = ({ kind, order_no, payment, refund, transaction_id }: ProviderEntry) => [
  kind,
  order_no,
  payment ?? refund,
  transaction_id,
];

describe('find', () => {
  it('finds what rows are of by their keys, in the order of the rows', async () => {
    const [first, second] = [shopOrder(), shopOrder()];
    await stored(first, {
      payments: [paymentOf(first), paidPayment(first, { n: 2, isSuspense: true, transaction_id: 'T2' })],
    });
    const payment = paidPayment(second);
    const refund = refundOf(payment, { n: 2, amount: 500 });
    const entry = refundEntryOf(payment, refund);
    const moved = { ...entry, kind: 'dispute', reference: 'txn_1', refund: null, amount: 700 } as const;
    const givenBack = { ...moved, reference: 'txn_2', debit: entry.credit, credit: entry.debit };
    await stored(second, {
      payments: [payment],
      returns: [
        returnOf(payment),
        returnOf(payment, { return_id: 're_2', status: 'failed' }),
        returnOf(payment, { return_id: 'total-400', amount: 400 }),
      ],
      entries: [entry, moved, givenBack],
    });
    const { order_no } = second;
    const console = (refund_id: string) => refundRow(order_no, 9, { refund_no: 'by-hand', refund_id });
    const revoked = refundRow(order_no, 9, { refund_no: null, refund_id: null, amount: 400 });
    const rows = [
      refundRow(order_no, 2),
      paymentRow(first.order_no),
      paymentRow(order_no),
      paymentRow(`${first.order_no}-2`),
      refundRow(order_no, 1),
      console('re_1'),
      console('re_2'),
      revoked,
      disputeRow(order_no, { movement_id: 'txn_1' }),
      disputeRow(order_no, { movement_id: 'txn_2' }),
      paymentRow(order_no),
    ];
    const found = await books().find(rows.map(own));
    expect(found.map((booked) => booked && [booked.amount, booked.transaction_id])).toEqual([
      [500, 'T1'],
      undefined,
      [1234, 'T1'],
      [1234, 'T2'],
      undefined,
      [300, null],
      undefined,
      [400, null],
      [700, 'T1'],
      [-700, 'T1'],
      [1234, 'T1'],
    ]);
  });

  it('takes no entry that books a refund back for one that books it', async () => {
    const order = shopOrder();
    const entry = refundEntryOf(paidPayment(order), refundOf(paidPayment(order)));
    await stored(order, { entries: [{ ...entry, debit: entry.credit, credit: entry.debit }] });
    expect(await books().find([own(refundRow(order.order_no, 1))])).toEqual([undefined]);
  });

  it('asks again for what a throttled table left out, but not for ever', async () => {
    const order = shopOrder();
    const order_no = await stored(order, { payments: [paidPayment(order)] });
    const left: number[] = [];
    const throttled = (rounds: number): StoreContext => {
      const { io } = store.context;
      const patient = { ...store.context, io: { ...io, sleep: async () => undefined } };
      return interceptedStore(patient, async (command, send) => {
        left.push(1);
        const { input } = command as BatchGetCommand;
        return left.length <= rounds ? { UnprocessedKeys: input.RequestItems } : send();
      });
    };
    const find = (rounds: number) => books(throttled(rounds)).find([own(paymentRow(order_no))]);
    expect((await find(3))[0]?.transaction_id).toBe('T1');
    left.length = 0;
    await expect(find(1_000)).rejects.toThrow('does not keep up');
  });
});

describe('readOrder', () => {
  it('has what is stored of an order, and its entries but for what only books a refund back', async () => {
    const order = shopOrder();
    const payment = paidPayment(order);
    const payments = [payment, paymentOf(order, { n: 2 })];
    const suspense = [suspenseOf(payment)];
    const first = refundOf(payment, { status: 'failed' });
    const refunds = [first, refundOf(payment, { n: 2 })];
    const returns = [returnOf(payment)];
    // It was booked by a later change than the first.
    const entry = refundEntryOf(payment, first, { reference: '1#3' });
    const unasked = { ...entry, kind: 'return', reference: '1#by#hand', refund: null } as const;
    const moved = { ...entry, kind: 'dispute', reference: 'txn_2', refund: null } as const;
    const back = { debit: entry.credit, credit: entry.debit };
    const { order_no } = order;
    const entries = [
      entry,
      { ...entry, reference: '1#10', ...back },
      unasked,
      { ...unasked, reference: '1#by#hand#back', ...back },
      { ...unasked, kind: 'fee', reference: 'txn_1' } as const,
      { ...unasked, kind: 'attribution', reference: 'mismatch#T1' } as const,
      moved,
      { ...moved, reference: 'txn_3', ...back },
    ];
    await stored(order, { payments, suspense, refunds, returns, entries });
    const found = await books().readOrder(order_no);
    expect(found).toMatchObject({ payments, suspense, refunds, returns });
    expect(found?.entries.map(shown).toSorted()).toEqual([
      ['dispute', order_no, null, 'T1'],
      ['dispute', order_no, null, 'T1'],
      ['payment', order_no, 1, 'T1'],
      ['refund', order_no, 1, 'T1'],
      ['return', order_no, 1, 'T1'],
      ['suspense', order_no, 1, 'T2'],
    ]);
    const references = (wanted: string) =>
      found?.entries.filter(({ kind }) => kind === wanted).map(({ reference }) => reference);
    expect(references('return')).toEqual(['by#hand']);
    expect(references('dispute')).toEqual(['txn_2', 'txn_3']);
  });

  it('has nothing of an order that is not there', async () => {
    expect(await books().readOrder('mall-999999')).toBeNull();
  });
});

describe('listEntries', () => {
  it('has everything of the account in the period but what only books a refund back', async () => {
    const merchant = { provider: 'alipay', merchant: '2021000000000009.2088000000000009' } as const;
    const expected: string[] = [];
    for (const booked_at of [period.from, '2026-11-21T23:59:59.999Z', '2026-11-22T00:00:00.000Z', noon]) {
      const order = shopOrder();
      const payment = bookedAt(paidPayment(order, merchant), booked_at);
      const entry = refundEntryOf(payment, refundOf(payment));
      const back = { ...entry, reference: '1#2', debit: entry.credit, credit: entry.debit };
      await stored(order, {
        payments: [payment, paymentOf(order, { ...merchant, n: 2 }), paidPayment(order, { n: 3 })],
        entries: [entry, back],
      });
      expected.push(`payment ${order.order_no}`, `refund ${order.order_no}`);
    }
    for (const booked_at of ['2026-11-20T23:59:59.999Z', period.to]) {
      const outside = shopOrder();
      await stored(outside, {
        suspense: [bookedAt(suspenseOf(paymentOf(outside, merchant)), booked_at)],
      });
    }
    const found = await listAll(providerAccount(merchant));
    expect(found.map(({ kind, order_no }) => `${kind} ${order_no}`).sort()).toEqual(expected.sort());
  });

  it('is in parts that each are one shard on one side, so that each entry is in one of them', async () => {
    const merchant = { provider: 'wechat', merchant: '1900000007' } as const;
    const orders = Array.from({ length: 30 }, () => shopOrder());
    for (const order of orders) {
      await store.put({ put: 'payment', record: bookedAt(paidPayment(order, merchant), noon) });
    }
    const ofPart = async (_: unknown, part: number) => {
      const found = await Array.fromAsync(books().listEntries(providerAccount(merchant), period, part));
      return found.map(({ order_no }) => order_no);
    };
    const parts = await Promise.all(Array.from({ length: books().parts }, ofPart));
    expect(parts.flat().toSorted()).toEqual(orders.map(({ order_no }) => order_no).toSorted());
    for (const part of parts) expect(new Set(part.map(shardOf)).size).toBeLessThanOrEqual(1);
  });

  it('reads a page that is small in memory, and goes on after it', async () => {
    const merchant = { provider: 'wechat', merchant: '1900000008' } as const;
    const order = shopOrder();
    const payment = bookedAt(paidPayment(order, merchant), noon);
    const entries = Array.from({ length: 501 }, (_, n) =>
      refundEntryOf(payment, refundOf(payment, { n: n + 1, amount: 1 })),
    );
    await Promise.all(entries.map((record) => store.put({ put: 'entry', record })));
    const pages: (number | undefined)[] = [];
    const counted = interceptedStore(store.context, async (_, send) => {
      const answer: Partial<QueryCommandOutput> = await send();
      pages.push(answer.Items?.length);
      return answer;
    });
    const part = accountShards('').length + shardOf(order.order_no);
    const found = await Array.fromAsync(books(counted).listEntries(providerAccount(merchant), period, part));
    expect(new Set(found.map(({ refund }) => refund)).size).toBe(501);
    expect(pages).toEqual([500, 1]);
  });

  it('names each entry as the reading of its order does', async () => {
    const merchant = { provider: 'wechat', merchant: '1900000009' } as const;
    const order = shopOrder();
    const payment = bookedAt(paidPayment(order, merchant), noon);
    const entry = refundEntryOf(payment, refundOf(payment));
    const unasked = { ...entry, kind: 'return', reference: '1#total-5', refund: null } as const;
    await stored(order, { payments: [payment], entries: [entry, unasked] });
    const read = await books().readOrder(order.order_no);
    const byKind = (one: ProviderEntry, other: ProviderEntry) => (one.kind < other.kind ? -1 : 1);
    const listed = await listAll(providerAccount(merchant));
    expect(listed.toSorted(byKind)).toEqual(read?.entries.toSorted(byKind));
    expect(listed).toHaveLength(3);
  });
});

describe('findOrigins', () => {
  it('has the payment or the refund that an entry is of', async () => {
    const order = shopOrder();
    const payment = paidPayment(order, { n: 2, begun_at: '2026-11-22T11:00:00.000Z' });
    const refund = refundOf(payment, { created_at: '2026-11-22T11:30:00.000Z' });
    await stored(order, {
      payments: [payment],
      suspense: [suspenseOf(payment)],
      refunds: [refund],
      entries: [refundEntryOf(payment, refund)],
    });
    const entries = (await books().readOrder(order.order_no))?.entries ?? [];
    const unknown = entries.map((entry) => ({ ...entry, order_no: 'mall-999999' }));
    const { payment_no } = payment;
    expect(await books().findOrigins([...entries, ...unknown])).toEqual([
      { payment_no, begun_at: refund.created_at },
      { payment_no, begun_at: payment.begun_at },
      { payment_no, begun_at: payment.begun_at },
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('has none of what a dispute moved, and keeps the order of the others', async () => {
    const order = shopOrder();
    const payment = paidPayment(order);
    const entry = refundEntryOf(payment, refundOf(payment));
    const moved = { ...entry, kind: 'dispute', reference: 'txn_1', refund: null } as const;
    await stored(order, { payments: [payment], entries: [moved] });
    const entries = (await books().readOrder(order.order_no))?.entries ?? [];
    expect(entries.map(({ kind }) => kind)).toEqual(['dispute', 'payment']);
    const { payment_no, begun_at } = payment;
    expect(await books().findOrigins(entries)).toEqual([undefined, { payment_no, begun_at }]);
  });

  it("says when a payment was made by its provider's clock", async () => {
    const order = shopOrder();
    const paid_at = '2026-11-22T07:59:30.000Z';
    const payment = paidPayment(order, { paid_at });
    await stored(order, { payments: [payment], suspense: [suspenseOf(payment, { paid_at: noon })] });
    const entries = (await books().readOrder(order.order_no))?.entries ?? [];
    expect(entries.map((entry) => entry.paid_at)).toEqual([paid_at, noon]);
  });
});
