import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { PaymentEvent } from '../../../lib/orders/event.ts';
import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import type { Order } from '../../../lib/orders/order.ts';
import { paymentNumber } from '../../../lib/orders/order-number.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { settle } from '../../../lib/orders/settle.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { sizeOf } from '../../support/capacity.ts';
import { startDynamodbMeter, writeUnitsOf } from '../../support/dynamodb-meter.ts';
import { startDynamodbProxy } from '../../support/dynamodb-proxy.ts';
import { merchantNames, NOW, paymentOf, shopOrder, successOf, tenantOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';
import { useWire } from './wire.ts';

const store = useStore();
const metered = useWire(store, startDynamodbMeter);
const faulty = useWire(store, (endpoint) => startDynamodbProxy(endpoint));

const settleIn = (context: StoreContext, event: PaymentEvent) =>
  settle({ store: createOrderStore(context), io: { ...context.io, now: () => NOW } }, event);
const settleHere = (event: PaymentEvent) => settleIn(store.context, event);

async function stored(order: Order, ...payments: readonly Payment[]): Promise<Payment> {
  const all = payments.length > 0 ? payments : [paymentOf(order)];
  const owes = { kind: 'check', due: NOW } as const;
  await store.put(
    { put: 'order', record: order },
    ...all.map((record) => ({ put: 'payment', record, owes }) as const),
  );
  const [first] = all;
  if (!first) throw new Error('no payment');
  return first;
}

const sortKeys = async ({ order_no }: Order) => (await store.items(order_no)).map(({ sk }) => sk);
const bare = ({ amount: _amount, currency: _currency, ...event }: PaymentEvent): PaymentEvent => event;

describe('settlement', () => {
  it('pays a pending order, and books it with its payment', async () => {
    const order = tenantOrder();
    const payment = await stored(order);
    const { order_no } = order;
    expect(await settleHere(successOf(payment))).toEqual({ outcome: 'settled', order_no, status: 'paid' });
    const [first, second] = await store.items(order_no);
    expect(first).toMatchObject({ sk: 'ORDER', status: 'paid', paid_by: 1, version: 2 });
    expect(second).toMatchObject({
      sk: 'PAYMENT#1',
      state: 'paid',
      debit: expect.stringMatching(`^provider:stripe.${merchantNames.stripe}#[0-7]$`),
      credit: expect.stringMatching(/^tenant:7#[0-7]$/),
      booked_at: isoTime(NOW),
      transaction_id: 'T1',
      work: expect.stringMatching(/^notify#[0-7]$/),
      work_due: isoTime(NOW + 5 * 60_000),
    });
    expect(await sortKeys(order)).toEqual(['ORDER', 'PAYMENT#1']);
  });

  it('answers a repeat like the first and changes nothing', async () => {
    const order = shopOrder();
    const payment = await stored(order);
    await settleHere(successOf(payment));
    const before = await store.items(order.order_no);
    expect(await settleHere(successOf(payment))).toMatchObject({
      outcome: 'already_settled',
      status: 'paid',
    });
    expect(await store.items(order.order_no)).toEqual(before);
  });

  it('pays once, however many copies come at once', async () => {
    const order = shopOrder();
    const payment = await stored(order);
    const results = await Promise.all(Array.from({ length: 200 }, () => settleHere(successOf(payment))));
    expect(results.filter(({ outcome }) => outcome === 'settled')).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome === 'already_settled')).toHaveLength(199);
    expect((await store.items(order.order_no)).map(({ version }) => version)).toEqual([2, 2]);
  });

  it('books two transactions at once as one payment and one in suspense', async () => {
    const order = shopOrder();
    const payment = await stored(order);
    const events = ['T1', 'T2'].flatMap((transaction_id) =>
      Array.from({ length: 20 }, () => successOf(payment, { transaction_id })),
    );
    await Promise.all(events.map(settleHere));
    const { payments, suspense, exceptions } =
      (await createOrderStore(store.context).read(order.order_no)) ?? {};
    expect([payments?.[0]?.transaction_id, suspense?.[0]?.transaction_id].sort()).toEqual(['T1', 'T2']);
    expect(suspense).toHaveLength(1);
    expect(exceptions).toMatchObject([{ kind: 'paid_twice', transaction_id: suspense?.[0]?.transaction_id }]);
  });

  it('invents neither an order nor a payment', async () => {
    const order = shopOrder();
    expect(await settleHere(successOf(paymentOf(order)))).toEqual({ outcome: 'not_found' });
    await stored(order);
    const second = paymentOf(order, { n: 2 });
    expect(await settleHere(successOf(second))).toEqual({ outcome: 'not_found' });
    expect(await sortKeys(order)).toEqual(['ORDER', 'PAYMENT#1']);
  });

  it('keeps what it found under keys that name what they are of', async () => {
    const order = shopOrder({ payment: 2, payments: 2 });
    const first = paymentOf(order, { n: 1, superseded: true });
    const second = paymentOf(order, { n: 2 });
    await stored(order, first, second);
    const { order_no } = order;
    await settleHere(successOf(first, { amount: 1, transaction_id: 'T0' }));
    await settleHere(successOf(first));
    await settleHere(successOf(second, { transaction_id: 'T2' }));
    await settleHere(successOf(second, { transaction_id: 'T3' }));
    expect(await sortKeys(order)).toEqual([
      `EXCEPTION#mismatch#wechat#${order_no}#T0#amount#1#CNY`,
      `EXCEPTION#paid_superseded#wechat#${order_no}#T1`,
      `EXCEPTION#paid_twice#wechat#${order_no}-2#T3`,
      'ORDER',
      'PAYMENT#1',
      'PAYMENT#2',
      'SUSPENSE#2#T3',
    ]);
    const owing = (await store.items(order_no)).filter(({ work }) => /^(alert|notify)#/.test(String(work)));
    expect(owing.map(({ sk }) => sk)).toEqual([
      `EXCEPTION#mismatch#wechat#${order_no}#T0#amount#1#CNY`,
      `EXCEPTION#paid_superseded#wechat#${order_no}#T1`,
      `EXCEPTION#paid_twice#wechat#${order_no}-2#T3`,
      'PAYMENT#2',
    ]);
  });
});

describe('what it costs', () => {
  beforeEach(() => metered.wire.reset());
  const requests = () => metered.wire.requests.map(({ action }) => action);
  const units = () => metered.wire.requests.map(writeUnitsOf);
  const settleMetered = (event: PaymentEvent) => settleIn(metered.context, event);

  it.each(providers)(
    'a settlement of %s is one request of 8 write units, with or without amount',
    async (provider) => {
      for (const say of [(event: PaymentEvent) => event, bare]) {
        const order = tenantOrder({ currency: 'CNY' });
        const payment = await stored(order, paymentOf(order, { provider }));
        metered.wire.reset();
        expect(await settleMetered(say(successOf(payment)))).toMatchObject({ outcome: 'settled' });
        expect([requests(), units()]).toEqual([['TransactWriteItems'], [8]]);
      }
    },
  );

  it('a duplicate is one request, and so is what names no order or payment of ours', async () => {
    const order = shopOrder();
    const payment = await stored(order);
    await settleHere(successOf(payment));
    for (const event of [
      successOf(payment),
      bare(successOf(payment, { transaction_id: null })),
      successOf(paymentOf(shopOrder())),
      successOf(paymentOf(order, { n: 3 })),
    ]) {
      metered.wire.reset();
      await settleMetered(event);
      expect(requests()).toEqual(['TransactWriteItems']);
    }
  });

  it('an exception is at most three, and no more when it comes again', async () => {
    const closed = shopOrder({ status: 'closed' });
    const given = shopOrder({ payment: null });
    const paid = shopOrder();
    const payment = await stored(paid);
    await settleHere(successOf(payment));
    for (const event of [
      successOf(await stored(shopOrder()), { amount: 1 }),
      successOf(await stored(shopOrder()), { merchant: 'other' }),
      successOf(await stored(shopOrder()), { paid_at: '2020-01-01T00:00:00.000Z' }),
      successOf(await stored(closed)),
      successOf(await stored(given, paymentOf(given, { n: 1, superseded: true }))),
      successOf(payment, { transaction_id: 'T2' }),
    ]) {
      metered.wire.reset();
      await settleMetered(event);
      expect(requests()).toEqual([
        'TransactWriteItems',
        'Query',
        expect.stringMatching(/^(TransactWriteItems|PutItem)$/),
      ]);
      metered.wire.reset();
      await settleMetered(event);
      expect(requests().length).toBeLessThanOrEqual(2);
    }
  });
});

describe('the largest payment', () => {
  const longest: Readonly<Record<Provider, Partial<Payment>>> = {
    wechat: {
      merchant: '1900000001',
      appid: `wx${'0'.repeat(16)}`,
      handed_out: { page: 'w'.repeat(64), id: null, good_until: isoTime(NOW) },
      transaction_id: '4'.repeat(32),
    },
    alipay: {
      merchant: `${'2'.repeat(16)}.${'2'.repeat(16)}`,
      handed_out: { page: null, id: null, good_until: isoTime(NOW) },
      transaction_id: '2'.repeat(64),
    },
    stripe: {
      merchant: `acct_${'A'.repeat(21)}.live`,
      handed_out: { page: null, id: `cs_live_${'a'.repeat(58)}`, good_until: isoTime(NOW) },
      transaction_id: `pi_${'3'.repeat(24)}`,
    },
  };
  const largest = Number.MAX_SAFE_INTEGER;

  it.each(providers)(
    'at %s has at most 1 KB before and after it is settled, and costs 8 write units',
    async (provider) => {
      for (const isTenants of [true, false]) {
        const order_no = isTenants ? `ab${tenantOrder().order_no}` : `abmeal-${largest}`;
        const common = { order_no, amount: largest, payment: 99, payments: 99, expires_at: isoTime(NOW + 1) };
        const description = '描'.repeat(42).padEnd(43, 'x');
        const order: Order = isTenants
          ? tenantOrder({ ...common, tenant_id: largest, description })
          : shopOrder({ ...common, kind: 'meal', id: largest, points: largest, description });
        expect(Buffer.byteLength(description)).toBe(127);
        const { transaction_id = null, ...fields } = longest[provider];
        const payment = paymentOf(order, {
          provider,
          attempt: 99,
          version: 99,
          reserved: largest,
          ...fields,
          payment_no: paymentNumber(order_no, 99),
          currency: 'CNY',
        });
        await stored(order, payment);
        const size = async () => {
          const item = (await store.items(order_no)).find(({ sk }) => sk === 'PAYMENT#99');
          return sizeOf(marshall(item));
        };
        const before = await size();
        metered.wire.reset();
        const event = successOf(payment, { transaction_id, paid_at: isoTime(NOW) });
        expect(await settleIn(metered.context, event)).toMatchObject({ outcome: 'settled' });
        expect(Math.max(before, await size())).toBeLessThanOrEqual(1_024);
        expect(metered.wire.requests.map(writeUnitsOf)).toEqual([8]);
      }
    },
  );
});

describe('a fault of the network', () => {
  it.each(['drop_reply', 'drop_request', 'throttle', 'conflict', 'error'] as const)(
    '%s ends in one booking',
    async (fault) => {
      for (const status of ['pending', 'closed'] as const) {
        const order = shopOrder({ status });
        const payment = await stored(order);
        faulty.wire.fault('TransactWriteItems', fault, 2);
        const result = await settleIn(faulty.context, successOf(payment));
        faulty.wire.heal();
        expect(result).toMatchObject({
          order_no: order.order_no,
          status: status === 'pending' ? 'paid' : status,
        });
        const snapshot = await createOrderStore(store.context).read(order.order_no);
        expect(snapshot?.payments).toMatchObject([{ state: 'paid', transaction_id: 'T1', version: 2 }]);
        expect(snapshot?.suspense).toEqual([]);
        expect(snapshot?.exceptions).toHaveLength(status === 'pending' ? 0 : 1);
      }
    },
  );

  it('that does not pass is a failure within the deadline, and what comes again is settled', async () => {
    const order = shopOrder();
    const payment = await stored(order);
    const clock = { now: NOW };
    const io = {
      ...store.context.io,
      now: () => clock.now,
      sleep: async (duration_ms: number) => {
        clock.now += duration_ms;
      },
    };
    faulty.wire.fault('TransactWriteItems', 'throttle', 1_000);
    await expect(settleIn({ ...faulty.context, io }, successOf(payment))).rejects.toThrow();
    expect(clock.now - NOW).toBeLessThan(4_000);
    faulty.wire.heal();
    expect(await settleIn(faulty.context, successOf(payment))).toMatchObject({ outcome: 'settled' });
  });
});
