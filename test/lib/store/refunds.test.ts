import { describe, expect, it } from 'vitest';
import type { PaymentEvent, RefundEvent } from '../../../lib/orders/event.ts';
import type { Order } from '../../../lib/orders/order.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import { createIdempotencyStore } from '../../../lib/store/idempotency-store.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { createCrash } from '../../support/crash.ts';
import { startDynamodbProxy } from '../../support/dynamodb-proxy.ts';
import { merchantNames, NOW, paymentOf, successOf, tenantOrder } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { useStore } from '../../support/store.ts';
import { sweepAt } from '../../support/sweep.ts';
import { useWire } from './wire.ts';

const store = useStore();
const faulty = useWire(store, (endpoint) => startDynamodbProxy(endpoint));
const { stripe } = merchantNames;
let lastKey = 0;
const newCaller = () => ({ operation: 'refund', subject: 'admin-1', key: `refund-${++lastKey}` }) as const;

function desk(provider = createProvider(), context = store.context) {
  const failures: unknown[] = [];
  const orders = { ...createOrderStore(context), ...createIdempotencyStore(context) };
  const commit = { store: orders, io: { ...context.io, now: () => NOW } };
  const ports = {
    ...commit,
    merchants: provider.merchants,
    settle: (event: PaymentEvent) => settle(commit, event),
    settleRefund: (event: RefundEvent) => settleRefund(commit, event),
    onProviderFailure: (_refund: unknown, error: unknown) => failures.push(error),
  };
  return {
    ports,
    provider,
    failures,
    refund: (
      { order_no }: Order,
      { amount = null as number | null, caller = newCaller(), transaction_id = null as string | null } = {},
    ) =>
      requestRefund(
        ports,
        { order_no, amountOf: () => amount, amountText: String(amount), reason: '退款', transaction_id },
        caller,
      ),
    tell: (order: Order, changes: Partial<RefundEvent> = {}) =>
      settleRefund(commit, {
        type: 'refund_succeeded',
        payment_no: order.order_no,
        provider: 'stripe',
        merchant: stripe,
        refund_no: `${order.order_no}-r1`,
        refund_id: 'R1',
        ...changes,
      }),
    sweep: (at: number) =>
      sweepAt(context, at, {
        merchants: provider.merchants,
        onFailure: (_check, error) => failures.push(error),
      }),
  };
}

async function paidOrder(): Promise<Order> {
  const order = tenantOrder({ amount: 1000 });
  await store.put({ put: 'order', record: order }, { put: 'payment', record: paymentOf(order) });
  await settle(desk().ports, successOf(paymentOf(order)));
  return order;
}

async function state({ order_no }: Order) {
  const snapshot = await createOrderStore(store.context).read(order_no);
  const [payment] = snapshot?.payments ?? [];
  return { status: snapshot?.order.status, reserved: payment?.reserved, refunded: payment?.refunded };
}
const entries = async ({ order_no }: Order) =>
  (await store.items(order_no)).filter(({ sk }) => String(sk).startsWith('ENTRY#'));

describe('a refund', () => {
  it('is booked under its own key, in both indexes, and leaves its debts', async () => {
    const order = await paidOrder();
    const { refund } = desk();
    expect(await refund(order, { amount: 300 })).toMatchObject({ refund: { status: 'succeeded' } });
    expect(await refund(order)).toMatchObject({ refund: { amount: 700, refund_no: `${order.order_no}-r2` } });
    expect(await state(order)).toEqual({ status: 'refunded', reserved: 0, refunded: 1000 });
    const credit = expect.stringMatching(`^provider:stripe.${stripe}#[0-7]$`);
    const debit = expect.stringMatching(/^tenant:7#[0-7]$/);
    expect(await entries(order)).toMatchObject([
      { sk: 'ENTRY#REFUND#1#1', debit, credit, amount: 300 },
      { sk: 'ENTRY#REFUND#2#1', debit, credit, amount: 700 },
    ]);
    const refunds = (await store.items(order.order_no)).filter(({ sk }) => String(sk).startsWith('REFUND#'));
    expect(refunds.map(({ status, work }) => [status, work])).toEqual([
      ['succeeded', undefined],
      ['succeeded', undefined],
    ]);
    expect(await refund(order)).toEqual({ outcome: 'nothing_left' });
  });

  it('is never more than was paid, also when ten arrive at once', async () => {
    const order = await paidOrder();
    const { refund, provider } = desk();
    const results = await Promise.all(Array.from({ length: 10 }, () => refund(order, { amount: 300 })));
    const outcomes = results.map(({ outcome }) => outcome).sort();
    expect(outcomes).toEqual([...Array(3).fill('accepted'), ...Array(7).fill('too_much')]);
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 900 });
    expect(provider.refunds.size).toBe(3);
  });

  it('is the same refund for the same key, however many ask at once', async () => {
    const order = await paidOrder();
    const { refund, provider } = desk();
    const caller = newCaller();
    const results = await Promise.all(
      Array.from({ length: 5 }, () => refund(order, { amount: 300, caller })),
    );
    for (const result of results) expect(result).toMatchObject({ outcome: 'accepted', refund: { n: 1 } });
    expect(provider.refunds.size).toBe(1);
    expect(await refund(order, { amount: 301, caller })).toEqual({ outcome: 'key_reused' });
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 300 });
  });

  it('is booked once, however often and by whichever way its outcome comes', async () => {
    const order = await paidOrder();
    const { refund, provider, sweep, tell } = desk();
    provider.settings.decideLater = true;
    await refund(order);
    expect(await state(order)).toEqual({ status: 'refunding', reserved: 1000, refunded: 0 });
    for (const known of provider.refunds.values()) known.state = 'succeeded';
    await Promise.all([
      ...Array.from({ length: 5 }, () => tell(order)),
      sweep(NOW + 120_000),
      sweep(NOW + 120_000),
    ]);
    expect(await state(order)).toEqual({ status: 'refunded', reserved: 0, refunded: 1000 });
    expect(await entries(order)).toHaveLength(1);
  });

  it('that the bank sends back is booked back, and may be made anew', async () => {
    const order = await paidOrder();
    const { refund, tell } = desk();
    await refund(order);
    await tell(order, { type: 'refund_failed' });
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 0 });
    await refund(order);
    expect(await tell(order)).toMatchObject({ outcome: 'unknown_refund' });
    expect(await state(order)).toEqual({ status: 'refunded', reserved: 0, refunded: 1000 });
    expect((await entries(order)).map(({ sk }) => sk)).toEqual([
      'ENTRY#REFUND#1#1',
      'ENTRY#REFUND#1#2',
      'ENTRY#REFUND#2#1',
    ]);
  });

  it('that waits for a person is finished once it is decided', async () => {
    const order = await paidOrder();
    const { refund, provider, sweep } = desk();
    provider.settings.refundState = 'abnormal';
    await refund(order);
    await sweep(NOW + 61_000);
    expect(await state(order)).toEqual({ status: 'refunding', reserved: 1000, refunded: 0 });
    const held = provider.refunds.get(`${order.order_no}-r1`);
    if (held) held.state = 'succeeded';
    await sweep(NOW + 400_000);
    expect(await state(order)).toEqual({ status: 'refunded', reserved: 0, refunded: 1000 });
  });

  it('that we did not make is booked and recorded once, and less is left', async () => {
    const order = await paidOrder();
    const { tell, refund } = desk();
    const said = { refund_no: 'made-by-hand', refund_id: null, amount: 300 };
    const tellAll = Array.from({ length: 3 }, () => tell(order, said));
    const outcomes = (await Promise.all(tellAll)).map(({ outcome }) => outcome);
    expect(outcomes.sort()).toEqual(['already_refunded', 'already_refunded', 'unknown_refund']);
    expect(await entries(order)).toMatchObject([{ sk: 'ENTRY#RETURN#1#made-by-hand', amount: 300 }]);
    expect(await refund(order, { amount: 701 })).toMatchObject({ outcome: 'too_much', rest: 700 });
    const found = (await store.items(order.order_no)).filter(({ kind }) => kind === 'unknown_refund');
    expect(found).toMatchObject([{ sk: `EXCEPTION#unknown_refund#stripe#${order.order_no}#made-by-hand` }]);
  });

  it('of money in suspense is booked against suspense', async () => {
    const order = await paidOrder();
    const { refund, ports } = desk();
    await settle(ports, successOf(paymentOf(order), { transaction_id: 'T2' }));
    expect(await refund(order, { transaction_id: 'T2', amount: 400 })).toMatchObject({ outcome: 'accepted' });
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 0 });
    expect(await entries(order)).toMatchObject([
      { debit: expect.stringMatching(`^suspense:stripe.${stripe}#`), amount: 400, transaction_id: 'T2' },
    ]);
    const snapshot = await createOrderStore(store.context).read(order.order_no);
    expect(snapshot?.suspense).toMatchObject([{ transaction_id: 'T2', reserved: 0, refunded: 400 }]);
  });

  it('whose reply from the table is lost is one refund', async () => {
    const order = await paidOrder();
    const { refund, provider } = desk(createProvider(), faulty.context);
    faulty.wire.fault('TransactWriteItems', 'drop_reply', 1);
    expect(await refund(order, { amount: 300 })).toMatchObject({ outcome: 'accepted', refund: { n: 1 } });
    faulty.wire.heal();
    expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 300 });
    expect(provider.refunds.size).toBe(1);
  });
});

describe('a crash', () => {
  /** Every call that a refund makes, and what is lost with it: the request, or only the reply. */
  const places = ['refund', 'write', 'second write'] as const;

  it.each(places.flatMap((place) => [[place, 'before'] as const, [place, 'after'] as const]))(
    'at %s, %s it took effect, ends in one refund',
    async (place, when) => {
      const order = await paidOrder();
      const provider = createProvider();
      const caller = newCaller();
      const { crashing, hasCrashed } = createCrash(place, when);
      const merchant = provider.merchantOf('stripe');
      const gateway = { ...merchant.gateway, refund: crashing('refund', merchant.gateway.refund) };
      const { ports } = desk(provider);
      const orders = ports.store;
      const dying = {
        ...ports,
        store: { ...orders, write: crashing('write', orders.write) },
        merchants: { find: async () => ({ ...merchant, gateway }) },
        settleRefund: (event: RefundEvent) =>
          settleRefund(
            { ...ports, store: { ...orders, write: crashing('second write', orders.write) } },
            event,
          ),
        onProviderFailure: (_refund: unknown, error: unknown) => {
          throw error;
        },
      };
      const { order_no } = order;
      const request = {
        order_no,
        amountOf: () => 400,
        amountText: '400',
        reason: '退款',
        transaction_id: null,
      };
      await expect(requestRefund(dying, request, caller)).rejects.toThrow('crash');
      expect(hasCrashed()).toBe(true);
      await desk(provider).sweep(NOW + 120_000);
      expect(await requestRefund(ports, request, caller)).toMatchObject({
        outcome: 'accepted',
        refund: { refund_no: `${order_no}-r1` },
      });
      expect([...provider.refunds.keys()].filter((number) => number.startsWith(order_no))).toEqual([
        `${order_no}-r1`,
      ]);
      expect(await state(order)).toEqual({ status: 'paid', reserved: 0, refunded: 400 });
      expect(await entries(order)).toHaveLength(1);
    },
  );
});
