import { describe, expect, it } from 'vitest';
import type { TenantOrder } from '../../../lib/orders/order.ts';
import type { RefundEvent } from '../../../lib/orders/refund-event.ts';
import { type RefundOrderRequest, requestRefund } from '../../../lib/orders/request-refund.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import { createEventStore } from '../../../lib/store/event-store.ts';
import { getOrder, putOrder } from '../../../lib/store/order-store.ts';
import { createRequestRefundStore, getRefund } from '../../../lib/store/refund-store.ts';
import { createCrash } from '../../support/crash.ts';
import { NOW, paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { useStore } from '../../support/store.ts';
import { sweepAt } from '../../support/sweep.ts';

const store = useStore();
let lastKey = 0;
const newCaller = () => ({ subject: 'admin-1', key: `refund-${++lastKey}` });
const events = () => createEventStore(store.context);

async function paidOrder(changes: Partial<TenantOrder> = {}): Promise<TenantOrder> {
  const order = tenantOrder({ amount: 1000, ...changes });
  await putOrder(store.context, order);
  await settle(events(), paymentOf(order), () => NOW);
  return order;
}

function desk(provider = createProvider(), now = NOW) {
  const failures: unknown[] = [];
  const ports = (time: number) => ({
    store: createRequestRefundStore(store.context),
    gateway: provider.gateway,
    settleRefund: (event: RefundEvent) => settleRefund(events(), event, () => time),
    now: () => time,
    onProviderFailure: (error: unknown) => failures.push(error),
  });
  return {
    provider,
    failures,
    refund: (
      order_no: string,
      {
        at = now,
        caller = newCaller(),
        ...request
      }: Partial<RefundOrderRequest> & { at?: number; caller?: ReturnType<typeof newCaller> } = {},
    ) =>
      requestRefund(
        ports(at),
        { order_no, amount: null, reason: '退款', transaction_id: null, ...request },
        caller,
      ),
    /** What the sweep does about open refunds at a time, with a provider that may have recovered. */
    sweep: (at: number) =>
      sweepAt(store.context, at, {
        gateway: provider.gateway,
        onFailure: (_check, error) => failures.push(error),
      }),
  };
}

const state = async ({ order_no }: TenantOrder) => {
  const order = await getOrder(store.context, order_no);
  return order && { status: order.status, reserved: order.reserved, refunded: order.refunded };
};
const entries = async ({ order_no }: TenantOrder) =>
  (await store.items(order_no)).filter(({ sk }) => String(sk).startsWith('ENTRY#REFUND'));
const notice = (order: TenantOrder, changes: Partial<RefundEvent> = {}): RefundEvent => ({
  type: 'refund_succeeded',
  order_no: order.order_no,
  provider: 'stripe',
  refund_no: `${order.order_no}-r1`,
  refund_id: 'R1',
  ...changes,
});

describe('a refund', () => {
  it('returns all that is left and books it with the accounts reversed', async () => {
    const order = await paidOrder();
    const { refund } = desk();
    const first = await refund(order.order_no, { amount: 300 });
    expect(first).toMatchObject({ outcome: 'accepted', refund: { amount: 300, status: 'succeeded' } });
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 300 });
    expect(await refund(order.order_no)).toMatchObject({
      refund: { amount: 700, refund_no: `${order.order_no}-r2` },
    });
    expect(await state(order)).toEqual({ status: 'refunded', reserved: 0, refunded: 1000 });
    expect(await entries(order)).toMatchObject([
      { sk: 'ENTRY#REFUND#1', debit: 'tenant:7', credit: 'provider:stripe', amount: 300 },
      { sk: 'ENTRY#REFUND#2', debit: 'tenant:7', credit: 'provider:stripe', amount: 700 },
    ]);
    expect(await refund(order.order_no)).toEqual({ outcome: 'nothing_left' });
  });

  it('is never more than was paid, also when ten arrive at once', async () => {
    const order = await paidOrder();
    const { refund, provider } = desk();
    const results = await Promise.all(
      Array.from({ length: 10 }, () => refund(order.order_no, { amount: 300 })),
    );
    expect(results.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(3);
    expect(results.filter(({ outcome }) => outcome === 'too_much')).toHaveLength(7);
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 900 });
    expect(provider.refunds.size).toBe(3);
  });

  it('is the same refund for the same key, and none for the same key with another body', async () => {
    const order = await paidOrder();
    const { refund, provider } = desk();
    const caller = newCaller();
    const results = await Promise.all(
      Array.from({ length: 5 }, () => refund(order.order_no, { amount: 300, caller })),
    );
    expect(results.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(provider.refunds.size).toBe(1);
    expect(await refund(order.order_no, { amount: 301, caller })).toEqual({ outcome: 'key_reused' });
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 300 });
  });

  it('is refused for an order that is not paid, and for too much', async () => {
    const { refund, provider } = desk();
    const pending = tenantOrder();
    await putOrder(store.context, pending);
    expect(await refund(pending.order_no)).toEqual({ outcome: 'not_paid' });
    expect(await refund(tenantOrder().order_no)).toEqual({ outcome: 'not_found' });
    const order = await paidOrder();
    expect(await refund(order.order_no, { amount: 1001 })).toEqual({ outcome: 'too_much', rest: 1000 });
    expect(provider.calls).toEqual([]);
  });

  it('reserves while the provider decides, and gives back what it refuses', async () => {
    const order = await paidOrder();
    const { refund, provider } = desk();
    provider.settings.decideLater = true;
    expect(await refund(order.order_no)).toMatchObject({ outcome: 'accepted', refund: { status: 'open' } });
    expect(await state(order)).toEqual({ status: 'refunding', reserved: 1000, refunded: 0 });
    expect(await refund(order.order_no, { amount: 1 })).toEqual({ outcome: 'nothing_left' });
    const failed = notice(order, { type: 'refund_failed' });
    for (const outcome of ['refund_failed', 'already_refunded']) {
      expect(await settleRefund(events(), failed, () => NOW)).toEqual({ outcome, status: 'paid' });
    }
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 0 });
    expect(await entries(order)).toEqual([]);
  });

  it('is booked once, however often and by whichever way its outcome comes', async () => {
    const order = await paidOrder();
    const { refund, provider, sweep } = desk();
    provider.settings.decideLater = true;
    await refund(order.order_no);
    for (const known of provider.refunds.values()) known.state = 'succeeded';
    await Promise.all([
      ...Array.from({ length: 5 }, () => settleRefund(events(), notice(order), () => NOW)),
      sweep(NOW + 120_000),
      sweep(NOW + 120_000),
    ]);
    expect(await state(order)).toEqual({ status: 'refunded', reserved: 0, refunded: 1000 });
    expect(await entries(order)).toHaveLength(1);
  });

  it('that the bank sends back is booked back', async () => {
    const order = await paidOrder();
    await desk().refund(order.order_no);
    await settleRefund(events(), notice(order, { type: 'refund_failed' }), () => NOW);
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 0 });
    const booked = await entries(order);
    expect(booked).toMatchObject([
      { debit: 'tenant:7', credit: 'provider:stripe', amount: 1000 },
      { debit: 'provider:stripe', credit: 'tenant:7', amount: 1000 },
    ]);
  });

  it('that the bank sent back stays so when word of its success comes again', async () => {
    const order = await paidOrder();
    await desk().refund(order.order_no);
    await settleRefund(events(), notice(order, { type: 'refund_failed' }), () => NOW);
    await desk().refund(order.order_no);
    const repeated = await settleRefund(events(), notice(order), () => NOW);
    expect(repeated).toEqual({ outcome: 'unknown_refund' });
    expect(await state(order)).toEqual({ status: 'refunded', reserved: 0, refunded: 1000 });
    expect(await entries(order)).toHaveLength(3);
  });

  it.each([
    ['amount', { amount: 1 }],
    ['currency', { currency: 'EUR' }],
    ['merchant', { merchant: 'live' }],
    ['provider', { provider: 'alipay' as const }],
  ])('is not touched by a message with another %s', async (field, changes) => {
    const order = await paidOrder();
    const { refund, provider } = desk();
    provider.settings.decideLater = true;
    await refund(order.order_no);
    const result = await settleRefund(events(), notice(order, changes), () => NOW);
    expect(result).toEqual({ outcome: 'mismatch', fields: [field] });
    expect(await state(order)).toEqual({ status: 'refunding', reserved: 1000, refunded: 0 });
  });

  it('that waits for a person at its provider stays open, and is told of at each check', async () => {
    const order = await paidOrder();
    const { refund, provider } = desk();
    provider.settings.refundState = 'abnormal';
    expect(await refund(order.order_no)).toMatchObject({ outcome: 'accepted', refund: { status: 'open' } });
    const outcomes: string[] = [];
    const sweep = (at: number) =>
      sweepAt(store.context, at, {
        gateway: provider.gateway,
        report: ({ order_no }, { outcome }) => order_no === order.order_no && outcomes.push(outcome),
        onFailure: (_check, error) => expect.fail(String(error)),
      });
    await sweep(NOW + 61_000);
    await sweep(NOW + 200_000);
    expect(outcomes).toEqual(['refund_abnormal', 'refund_abnormal']);
    expect(await state(order)).toEqual({ status: 'refunding', reserved: 1000, refunded: 0 });
    expect(await refund(order.order_no)).toEqual({ outcome: 'nothing_left' });
    const held = provider.refunds.get(`${order.order_no}-r1`);
    if (held) held.state = 'succeeded';
    await sweep(NOW + 400_000);
    expect(outcomes.at(-1)).toBe('refunded');
    expect(await state(order)).toEqual({ status: 'refunded', reserved: 0, refunded: 1000 });
  });

  it('that we did not make is recorded once', async () => {
    const order = await paidOrder();
    for (let time = 0; time < 2; time++) {
      const foreign = notice(order, { refund_no: 'made-by-hand' });
      expect(await settleRefund(events(), foreign, () => NOW)).toEqual({ outcome: 'unknown_refund' });
    }
    const kinds = (await store.items(order.order_no))
      .map(({ kind }) => kind)
      .filter((kind) => kind === 'unknown_refund');
    expect(kinds).toHaveLength(1);
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 0 });
  });
});

describe('money in suspense', () => {
  it('can be returned, without touching what the order was paid with', async () => {
    const order = await paidOrder();
    const second = paymentOf(order, { transaction_id: 'T2', amount: 1000 });
    expect((await settle(events(), second, () => NOW)).outcome).toBe('paid_twice');
    const { refund } = desk();
    expect(await refund(order.order_no, { transaction_id: 'T9' })).toEqual({ outcome: 'not_found' });
    expect(await refund(order.order_no, { transaction_id: 'T2', amount: 400 })).toMatchObject({
      outcome: 'accepted',
      refund: { amount: 400, transaction_id: 'T2' },
    });
    expect(await refund(order.order_no, { transaction_id: 'T2', amount: 601 })).toEqual({
      outcome: 'too_much',
      rest: 600,
    });
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 0 });
    expect(await entries(order)).toMatchObject([
      { debit: 'suspense:stripe', credit: 'provider:stripe', amount: 400 },
    ]);
    expect(await refund(order.order_no)).toMatchObject({ refund: { amount: 1000, transaction_id: 'T1' } });
  });

  it('of a payment whose order costs nothing by now is returned like any other', async () => {
    const order = shopOrder();
    const free = { ...order, amount: 0, provider: null, merchant: null, attempt: 2 };
    await putOrder(store.context, free);
    expect((await settle(events(), paymentOf(order), () => NOW)).outcome).toBe('paid_superseded');
    const { provider, refund } = desk();
    provider.settings.decideLater = true;
    await refund(order.order_no, { transaction_id: 'T1' });
    const { order_no } = order;
    const event = { order_no, provider: 'wechat', refund_no: `${order_no}-r1`, merchant: 'mch' } as const;
    const told = await settleRefund(
      events(),
      { ...event, type: 'refund_succeeded', refund_id: 'R1' },
      () => NOW,
    );
    expect(told).toEqual({ outcome: 'refunded', status: 'pending' });
  });
});

describe('a crash', () => {
  /** Every call of a port that a refund makes, and what is lost with it: the request, or only the reply. */
  const places = ['refund', 'putRefund', 'writeRefund'] as const;

  it.each(places.flatMap((place) => [[place, 'before'] as const, [place, 'after'] as const]))(
    'at %s, %s it took effect, ends in one refund',
    async (place, when) => {
      const order = await paidOrder();
      const provider = createProvider();
      const caller = newCaller();
      const { crashing, hasCrashed } = createCrash(place, when);
      const requestStore = createRequestRefundStore(store.context);
      const eventStore = events();
      const gateway = await provider.gateway('stripe');
      const attempt = () =>
        requestRefund(
          {
            store: { ...requestStore, putRefund: crashing('putRefund', requestStore.putRefund) },
            gateway: async () => ({ refund: crashing('refund', gateway.refund) }),
            settleRefund: (event) =>
              settleRefund(
                { ...eventStore, writeRefund: crashing('writeRefund', eventStore.writeRefund) },
                event,
                () => NOW,
              ),
            now: () => NOW,
            onProviderFailure: (error) => {
              throw error;
            },
          },
          { order_no: order.order_no, amount: 400, reason: '退款', transaction_id: null },
          caller,
        );
      await expect(attempt()).rejects.toThrow('crash');
      expect(hasCrashed()).toBe(true);
      await desk(provider).sweep(NOW + 120_000);
      expect(await attempt()).toMatchObject({
        outcome: 'accepted',
        refund: { refund_no: `${order.order_no}-r1` },
      });
      const asked = [...provider.refunds.keys()].filter((number) => number.startsWith(order.order_no));
      expect(asked).toEqual([`${order.order_no}-r1`]);
      expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 400 });
      expect(await entries(order)).toHaveLength(1);
      expect(await getRefund(store.context, order.order_no, 1)).toMatchObject({ status: 'succeeded' });
    },
  );

  it('of the provider leaves the refund open for the sweep, which asks for it under the same number', async () => {
    const order = await paidOrder();
    const { refund, provider, failures, sweep } = desk();
    provider.failing.add('refund');
    expect(await refund(order.order_no)).toMatchObject({ outcome: 'accepted', refund: { status: 'open' } });
    expect(failures).toHaveLength(1);
    await sweep(NOW + 61_000);
    expect(await state(order)).toMatchObject({ status: 'refunding' });
    provider.failing.clear();
    await sweep(NOW + 130_000);
    expect(await state(order)).toEqual({ status: 'refunded', reserved: 0, refunded: 1000 });
    expect(new Set(provider.calls.filter((call) => call.startsWith('refund ')))).toEqual(
      new Set([`refund ${order.order_no}-r1`]),
    );
  });
});
