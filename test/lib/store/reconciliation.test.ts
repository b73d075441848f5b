import type { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { providerAccount } from '../../../lib/orders/accounts.ts';
import type { RefundEntry } from '../../../lib/orders/change.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import type { Payment, Suspense } from '../../../lib/orders/payment.ts';
import type { Refund } from '../../../lib/orders/refund.ts';
import type { ProviderEntry } from '../../../lib/reconciliation/books.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { createReconciliationStore } from '../../../lib/store/reconciliation-store.ts';
import { refundEntryOf } from '../../support/items.ts';
import { paidPayment, paymentOf, refundOf, shopOrder, suspenseOf } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const period = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' };
const noon = '2026-11-22T12:00:00.000Z';

const books = (context: StoreContext = store.context) => createReconciliationStore(context);

interface Stored {
  readonly payments?: readonly Payment[];
  readonly suspense?: readonly Suspense[];
  readonly refunds?: readonly Refund[];
  readonly entries?: readonly RefundEntry[];
}

async function stored(
  order: ShopOrder,
  { payments = [], suspense = [], refunds = [], entries = [] }: Stored,
) {
  await store.put(
    { put: 'order', record: order },
    ...payments.map((record) => ({ put: 'payment', record }) as const),
    ...suspense.map((record) => ({ put: 'suspense', record }) as const),
    ...refunds.map((record) => ({ put: 'refund', record }) as const),
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

describe('findEntries', () => {
  it('finds payments and refunds by their keys, in the order that they were asked for', async () => {
    const [first, second] = [shopOrder(), shopOrder()];
    await stored(first, {
      payments: [paymentOf(first), paidPayment(first, { n: 2, isSuspense: true, transaction_id: 'T2' })],
    });
    const payment = paidPayment(second);
    const refund = refundOf(payment, { n: 2, amount: 500 });
    await stored(second, { payments: [payment], entries: [refundEntryOf(payment, refund)] });
    const found = await books().findEntries([
      { order_no: second.order_no, payment: 1, refund: 2 },
      { order_no: first.order_no, payment: 1, refund: null },
      { order_no: second.order_no, payment: 1, refund: null },
      { order_no: first.order_no, payment: 2, refund: null },
      { order_no: second.order_no, payment: 1, refund: 1 },
      { order_no: second.order_no, payment: 1, refund: null },
    ]);
    expect(found.map((entry) => entry && shown(entry))).toEqual([
      ['refund', second.order_no, 2, 'T1'],
      undefined,
      ['payment', second.order_no, 1, 'T1'],
      ['suspense', first.order_no, 2, 'T2'],
      undefined,
      ['payment', second.order_no, 1, 'T1'],
    ]);
    expect(found[0]).toMatchObject({ amount: 500, merchant: payment.merchant, paid_at: null });
    expect(found[2]).toMatchObject({ amount: 1234, debit: providerAccount(payment) });
  });

  it('asks again for what a throttled table left out, but not for ever', async () => {
    const order = shopOrder();
    const order_no = await stored(order, { payments: [paidPayment(order)] });
    const left: number[] = [];
    const throttled = (rounds: number): StoreContext => {
      const { client, tableName, io } = store.context;
      const send: typeof client.send = async (command: never) => {
        const { input } = command as BatchGetCommand;
        left.push(1);
        return left.length <= rounds ? { UnprocessedKeys: input.RequestItems } : client.send(command);
      };
      const slow = Object.assign(Object.create(client), { send });
      return { client: slow, tableName, io: { ...io, sleep: async () => undefined } };
    };
    const find = (rounds: number) =>
      books(throttled(rounds)).findEntries([{ order_no, payment: 1, refund: null }]);
    expect((await find(3))[0]?.order_no).toBe(order_no);
    left.length = 0;
    await expect(find(1_000)).rejects.toThrow('does not keep up');
  });
});

describe('readOrder', () => {
  it('has the entries and the open refunds of an order, but not what only books a refund back', async () => {
    const order = shopOrder();
    const payment = paidPayment(order);
    const first = refundOf(payment, { status: 'failed' });
    const second = refundOf(payment, { n: 2 });
    // It was booked by a later change than the first.
    const entry = refundEntryOf(payment, first, { n: 3 });
    const { order_no } = order;
    await stored(order, {
      payments: [payment, paymentOf(order, { n: 2 })],
      suspense: [suspenseOf(payment)],
      refunds: [first, second],
      entries: [entry, { ...entry, n: 10, debit: entry.credit, credit: entry.debit }],
    });
    const { entries, openRefunds } = await books().readOrder(order_no);
    expect(entries.map(shown)).toEqual([
      ['refund', order_no, 1, 'T1'],
      ['payment', order_no, 1, 'T1'],
      ['suspense', order_no, 1, 'T2'],
    ]);
    expect(openRefunds).toEqual([second]);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(3);
  });

  it('has nothing of an order that is not there', async () => {
    expect(await books().readOrder('mall-999999')).toEqual({ entries: [], openRefunds: [] });
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
      const back = { ...entry, n: 2, debit: entry.credit, credit: entry.debit };
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
    const found = await Array.fromAsync(books().listEntries(providerAccount(merchant), period));
    expect(found.map(({ kind, order_no }) => `${kind} ${order_no}`).sort()).toEqual(expected.sort());
  });

  it('names each entry as it is named where it is looked up', async () => {
    const merchant = { provider: 'wechat', merchant: '1900000009' } as const;
    const order = shopOrder();
    const payment = bookedAt(paidPayment(order, merchant), noon);
    const entry = refundEntryOf(payment, refundOf(payment));
    await stored(order, { payments: [payment], entries: [entry] });
    const { order_no } = order;
    const lookedUp = await books().findEntries([
      { order_no, payment: 1, refund: null },
      { order_no, payment: 1, refund: 1 },
    ]);
    expect(await Array.fromAsync(books().listEntries(providerAccount(merchant), period))).toEqual(lookedUp);
    expect((await books().readOrder(order_no)).entries.toReversed()).toEqual(lookedUp);
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
    const { entries } = await books().readOrder(order.order_no);
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

  it("says when a payment was made by its provider's clock", async () => {
    const order = shopOrder();
    const paid_at = '2026-11-22T07:59:30.000Z';
    const payment = paidPayment(order, { paid_at });
    await stored(order, { payments: [payment], suspense: [suspenseOf(payment, { paid_at: noon })] });
    const { entries } = await books().readOrder(order.order_no);
    expect(entries.map((entry) => entry.paid_at)).toEqual([paid_at, noon]);
  });
});
