import { describe, expect, it } from 'vitest';
import type { ShopOrder, TenantOrder } from '../../../lib/orders/order.ts';
import type { PaymentEvent } from '../../../lib/orders/payment-event.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { getOrder, putOrder } from '../../../lib/store/order-store.ts';
import { createSettlementStore } from '../../../lib/store/settlement-store.ts';
import { NOW, paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const settleEvent = (event: PaymentEvent) => settle(createSettlementStore(store.context), event, () => NOW);

async function stored<T extends ShopOrder | TenantOrder>(order: T): Promise<T> {
  await putOrder(store.context, order);
  return order;
}

const sortKeys = async (order_no: string) => (await store.items(order_no)).map(({ sk }) => sk);

describe('settlement', () => {
  it('pays a pending order and books one entry', async () => {
    const order = await stored(tenantOrder());
    expect(await settleEvent(paymentOf(order))).toEqual({ outcome: 'settled', status: 'paid' });
    expect(await getOrder(store.context, order.order_no)).toMatchObject({
      status: 'paid',
      version: 2,
      settlement: { provider: 'stripe', transaction_id: 'T1' },
      paid_at: new Date(NOW).toISOString(),
    });
    const [entry] = await store.items(order.order_no);
    expect(entry).toMatchObject({
      sk: 'ENTRY#PAYMENT',
      debit: 'provider:stripe',
      credit: 'tenant:7',
      amount: 1999,
      currency: 'USD',
      transaction_id: 'T1',
    });
  });

  it('pays a failed order', async () => {
    const order = await stored(shopOrder({ status: 'failed' }));
    expect(await settleEvent(paymentOf(order))).toEqual({ outcome: 'settled', status: 'paid' });
    expect(await sortKeys(order.order_no)).toEqual(['ENTRY#PAYMENT', 'ORDER']);
  });

  it('answers a repeat like the first and changes nothing', async () => {
    const order = await stored(shopOrder());
    await settleEvent(paymentOf(order));
    const before = await store.items(order.order_no);
    expect(await settleEvent(paymentOf(order))).toEqual({ outcome: 'already_settled', status: 'paid' });
    expect(await store.items(order.order_no)).toEqual(before);
  });

  it('pays once, however many copies come at once', async () => {
    const order = await stored(shopOrder());
    const results = await Promise.all(Array.from({ length: 200 }, () => settleEvent(paymentOf(order))));
    expect(results.filter(({ outcome }) => outcome === 'settled')).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome === 'already_settled')).toHaveLength(199);
    expect(await sortKeys(order.order_no)).toEqual(['ENTRY#PAYMENT', 'ORDER']);
  });

  it('does not invent an order', async () => {
    const order = shopOrder();
    expect(await settleEvent(paymentOf(order))).toEqual({ outcome: 'not_found' });
    expect(await store.items(order.order_no)).toEqual([]);
    expect(await settleEvent(paymentOf({ ...order, order_no: 'constructor' }))).toEqual({
      outcome: 'not_found',
    });
  });

  it('records a difference once and leaves the order as it is', async () => {
    const order = await stored(shopOrder());
    const event = paymentOf(order, { amount: 1, merchant: 'other' });
    for (let time = 0; time < 3; time++) {
      expect(await settleEvent(event)).toEqual({ outcome: 'mismatch', fields: ['merchant', 'amount'] });
    }
    expect(await getOrder(store.context, order.order_no)).toEqual(order);
    expect(await store.items(order.order_no)).toMatchObject([
      { sk: 'EXCEPTION#mismatch#wechat#T1', fields: ['merchant', 'amount'], amount: 1 },
      { sk: 'ORDER' },
    ]);
  });

  it.each([
    ['closed', 'paid_after_close'],
    ['paid', 'paid_twice'],
  ] as const)('books money for a %s order to suspense, once', async (status, outcome) => {
    const settlement = status === 'paid' ? ({ provider: 'wechat', transaction_id: 'T1' } as const) : null;
    const order = await stored(shopOrder({ status, settlement }));
    for (let time = 0; time < 2; time++) {
      expect(await settleEvent(paymentOf(order, { transaction_id: 'T2' }))).toEqual({ outcome, status });
    }
    expect(await getOrder(store.context, order.order_no)).toEqual(order);
    expect(await store.items(order.order_no)).toMatchObject([
      { sk: 'ENTRY#SUSPENSE#wechat#T2', debit: 'provider:wechat', credit: 'suspense:wechat', amount: 1234 },
      { sk: `EXCEPTION#${outcome}#wechat#T2` },
      { sk: 'ORDER' },
    ]);
  });

  it('takes the amount from the order when the message has none', async () => {
    const order = await stored(tenantOrder());
    const { order_no, provider } = order;
    const event = { type: 'succeeded', order_no, provider, transaction_id: null } as const;
    expect(await settleEvent(event)).toEqual({ outcome: 'settled', status: 'paid' });
    expect((await store.items(order_no))[0]).toMatchObject({
      amount: 1999,
      currency: 'USD',
      transaction_id: null,
    });

    expect(await settleEvent(event)).toEqual({ outcome: 'already_settled', status: 'paid' });
    expect(await settleEvent(paymentOf(order))).toEqual({ outcome: 'already_settled', status: 'paid' });
    const named = await getOrder(store.context, order_no);
    expect(named?.settlement).toEqual({ provider: 'stripe', transaction_id: 'T1' });
    const other = paymentOf(order, { transaction_id: 'T2' });
    expect(await settleEvent(other)).toEqual({ outcome: 'paid_twice', status: 'paid' });
  });

  it('books no entry for an order that costs nothing', async () => {
    const order = await stored(shopOrder({ amount: 0, provider: null, merchant: null }));
    const event = paymentOf(order, { transaction_id: null });
    expect(await settleEvent(event)).toEqual({ outcome: 'settled', status: 'paid' });
    expect(await settleEvent(event)).toEqual({ outcome: 'already_settled', status: 'paid' });
    expect(await sortKeys(order.order_no)).toEqual(['ORDER']);
  });

  it('comes to the same end in every order of a success and a failure', async () => {
    const [first, second] = [await stored(shopOrder()), await stored(shopOrder())];
    const failure = { type: 'failed', transaction_id: null } as const;
    await settleEvent(paymentOf(first));
    expect(await settleEvent(paymentOf(first, failure))).toEqual({ outcome: 'unchanged', status: 'paid' });
    expect(await settleEvent(paymentOf(second, failure))).toEqual({ outcome: 'failed', status: 'failed' });
    await settleEvent(paymentOf(second));
    for (const { order_no } of [first, second]) {
      expect(await getOrder(store.context, order_no)).toMatchObject({ status: 'paid' });
      expect(await sortKeys(order_no)).toEqual(['ENTRY#PAYMENT', 'ORDER']);
    }
  });

  it('closes an order before its success but not after', async () => {
    const [first, second] = [await stored(shopOrder()), await stored(shopOrder())];
    const close = { type: 'closed', transaction_id: null } as const;
    expect(await settleEvent(paymentOf(first, close))).toEqual({ outcome: 'closed', status: 'closed' });
    expect(await settleEvent(paymentOf(first, close))).toEqual({ outcome: 'unchanged', status: 'closed' });
    expect(await settleEvent(paymentOf(first))).toEqual({ outcome: 'paid_after_close', status: 'closed' });
    await settleEvent(paymentOf(second));
    expect(await settleEvent(paymentOf(second, close))).toEqual({ outcome: 'unchanged', status: 'paid' });
  });

  it('announces a paid order and an exception', async () => {
    const order = await stored(shopOrder());
    await settleEvent(paymentOf(order));
    await settleEvent(paymentOf(order, { transaction_id: 'T2' }));
    const owing = (await store.items(order.order_no)).filter(({ work }) =>
      String(work).startsWith('notify#'),
    );
    expect(owing.map(({ sk }) => sk)).toEqual(['EXCEPTION#paid_twice#wechat#T2', 'ORDER']);
    expect(owing[0]?.['work_due']).toBe(new Date(NOW + 5 * 60_000).toISOString());
  });
});
