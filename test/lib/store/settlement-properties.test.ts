import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { closeAtProvider } from '../../../lib/orders/check-payment.ts';
import { closeOrderOnRequest } from '../../../lib/orders/close-order.ts';
import { ContentionError, type OrderStore } from '../../../lib/orders/commit.ts';
import type { PaymentEvent, RefundEvent } from '../../../lib/orders/event.ts';
import { handOver, type ShopOrderRequest } from '../../../lib/orders/hand-over.ts';
import { payShopOrder } from '../../../lib/orders/pay-shop-order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import type { Merchants, PaymentRequest } from '../../../lib/orders/provider-gateway.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { applyEvent, settle } from '../../../lib/orders/settle.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import type { Snapshot } from '../../../lib/orders/snapshot.ts';
import { sweepChecks } from '../../../lib/orders/sweep.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { NOW, paymentOf, successOf, tenantOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';
import { createWorld } from '../orders/world.ts';

const store = useStore();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const request: Omit<ShopOrderRequest, 'amount'> = {
  ...{ kind: 'mall', id: 4_000_001, user_id: 'user-1', openid: 'openid-1' },
  ...{ points: 0, description: '苹果', appid: null, expires_at: isoTime(NOW + HOUR_MS) },
};
const order_no = 'mall-4000001';

/** What people and providers do about one order. */
const action = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('pay' as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('pay and be paid' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pay and lose the reply' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('change' as const), amount: fc.constantFrom(0, 1, 1000, 1234) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('sweep' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('tell' as const),
      n: fc.constantFrom(1, 2),
      isNamed: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('be paid late' as const), n: fc.constantFrom(1, 2) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('refund' as const), amount: fc.constantFrom(1, 400, null) }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

class LostReplyError extends Error {}

/** One order in a world in which every call takes its turn when the scheduler gives it. */
function createLife(scheduler: fc.Scheduler) {
  const world = createWorld();
  const { merchants, clock } = world;
  const inTurn = <A extends unknown[], R>(call: (...input: A) => Promise<R>) =>
    scheduler.scheduleFunction(call) as (...input: A) => Promise<R>;
  const turns: OrderStore = { read: inTurn(world.store.read), write: inTurn(world.store.write) };
  const asked: Merchants = {
    current: merchants.current,
    find: async (provider, name) => {
      const merchant = await merchants.find(provider, name);
      if (!merchant) return null;
      const {
        clientParameters,
        createPayment,
        query,
        close,
        refund,
        queryRefund,
        repairRefund,
        reportShipping,
      } = merchant.gateway;
      const createInTurn = inTurn(createPayment);
      const gateway = {
        clientParameters,
        createPayment: async (request: PaymentRequest) => {
          const created = await createInTurn(request);
          losses -= 1;
          if (losses >= 0) throw new LostReplyError();
          losses = 0;
          return created;
        },
        query: inTurn(query),
        close: inTurn(close),
        refund: inTurn(refund),
        queryRefund: inTurn(queryRefund),
        repairRefund: inTurn(repairRefund),
        reportShipping: inTurn(reportShipping),
      };
      return { ...merchant, gateway };
    },
  };
  const commit = { store: { ...world.store, ...turns }, io: world.ports.io };
  const ports = {
    ...world.ports,
    ...commit,
    merchants: asked,
    settle: (event: PaymentEvent) => settle(commit, event),
    settleRefund: (event: RefundEvent) => settleRefund(commit, event),
  };
  const closing = { ...ports, closeAtProvider: (payment: Payment) => closeAtProvider(ports, payment) };
  const taken = new Map<string, PaymentEvent>();
  let keys = 0;
  let losses = 0;

  /** The payer pays what was handed out, if the provider still takes it. */
  const bePaid = (payment: Payment): void => {
    if (merchants.held.get(payment.payment_no) !== 'open') return;
    const event = successOf(payment, { transaction_id: `T-${payment.payment_no}` });
    merchants.held.set(payment.payment_no, event);
    taken.set(payment.payment_no, event);
  };
  /** The provider takes money under a number that it has called closed, and tells of it in the end. */
  const bePaidLate = async (n: number): Promise<void> => {
    const payment = world.store.stored({ order_no }).payments.find((one) => one.n === n);
    if (!payment || merchants.held.get(payment.payment_no) !== 'closed') return;
    merchants.held.set(payment.payment_no, 'open');
    bePaid(payment);
  };
  const pay = async () => {
    const merchant = await asked.find('wechat', merchants.merchantOf('wechat').name);
    if (!merchant) throw new Error('no merchant');
    return payShopOrder(ports, order_no, 'user-1', merchant);
  };
  const act = async (what: Action): Promise<unknown> => {
    switch (what.type) {
      case 'pay':
        return pay();
      case 'pay and be paid': {
        const result = await pay();
        if (result.outcome === 'issued') bePaid(result.payment);
        return result;
      }
      case 'pay and lose the reply':
        losses += 1;
        return pay();
      case 'change':
        return handOver(closing, { ...request, amount: what.amount });
      case 'close':
        return closeOrderOnRequest(ports, { order_no, by: 'admin-1' }, () => true);
      case 'sweep':
        return sweepChecks(ports);
      case 'tell': {
        const event = taken.get(what.n === 1 ? order_no : `${order_no}-${what.n}`);
        return event && settle(commit, { ...event, ...(!what.isNamed && { transaction_id: null }) });
      }
      case 'be paid late':
        return bePaidLate(what.n);
      case 'refund':
        return requestRefund(
          ports,
          {
            ...{ order_no, reason: '退款', transaction_id: null, amountText: null },
            amountOf: () => what.amount,
          },
          { operation: 'refund', subject: 'admin-1', key: `key-${++keys}` },
        );
    }
  };
  const tolerate = async (doing: Promise<unknown>): Promise<void> => {
    await doing.catch((error: unknown) => {
      if (!(error instanceof ContentionError || error instanceof LostReplyError)) throw error;
    });
  };
  return {
    world,
    taken,
    act: (what: Action) => tolerate(act(what)),
    begin: () => handOver(world.ports, { ...request, amount: 1234 }),
    /** What was not told is told, and the sweep goes on until everything is over. */
    drain: async () => {
      for (const event of taken.values()) await settle(world.ports, event);
      for (let hours = 1; hours < 60; hours++) {
        clock.now = NOW + hours * HOUR_MS;
        await sweepChecks(world.ports);
      }
    },
    stored: (): Snapshot => world.store.stored({ order_no }),
  };
}

function expectBooksInOrder(life: ReturnType<typeof createLife>): void {
  const { order, payments, suspense, refunds } = life.stored();
  for (const payment of payments) {
    const isPaying = order.paid_by === payment.n;
    const credit = isPaying ? payment.payee : `suspense:${payment.provider}.${payment.merchant}`;
    if (payment.state === 'paid') expect(payment.booking?.credit).toBe(credit);
    else expect([payment.booking, payment.transaction_id, isPaying]).toEqual([null, null, false]);
  }
  const paid = payments.filter(({ state }) => state === 'paid');
  const paying = payments.find(({ n }) => n === order.paid_by);
  if (paying) expect([paying.amount, paying.superseded]).toEqual([order.amount, false]);
  // Nobody pays twice under one number here.
  expect(suspense).toEqual([]);
  const isPaid = ['paid', 'refunding', 'refunded'].includes(order.status);
  expect(isPaid).toBe(order.paid_by !== null || (order.amount === 0 && order.paid_at !== null));

  const returned = life.world.store.entries({ order_no }).reduce((sum, { amount }) => sum + amount, 0);
  expect(paid.reduce((sum, { refunded }) => sum + refunded, 0)).toBe(returned);
  for (const { amount, reserved, refunded } of paid) {
    expect(reserved).toBeGreaterThanOrEqual(0);
    expect(reserved + refunded).toBeLessThanOrEqual(amount);
  }
  const held = refunds.filter(({ status }) => status === 'open').reduce((sum, { amount }) => sum + amount, 0);
  expect(paid.reduce((sum, { reserved }) => sum + reserved, 0)).toBe(held);
}

describe('one order, in whatever order its calls take effect', () => {
  it('has its books in order at every step, and in the end is over, with all that was paid booked', async () => {
    const seen = new Map<string, number>();
    const mark = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
        async (scheduler, rounds) => {
          const life = createLife(scheduler);
          await life.begin();
          for (const actions of rounds) {
            await scheduler.waitFor(Promise.all(actions.map(life.act)));
            expectBooksInOrder(life);
          }
          await life.drain();
          expectBooksInOrder(life);

          const { order, payments, exceptions, refunds } = life.stored();
          expect(['paid', 'refunded', 'closed']).toContain(order.status);
          expect(refunds.filter(({ status }) => status === 'open')).toEqual([]);
          for (const { payment_no, state, transaction_id, amount } of payments) {
            const event = life.taken.get(payment_no);
            if (event)
              expect([state, transaction_id, amount]).toEqual(['paid', event.transaction_id, event.amount]);
            else expect(state).toBe('closed');
            const atProvider = life.world.merchants.held.get(payment_no) ?? 'absent';
            expect(event ? 'paid' : atProvider).not.toBe('open');
          }
          const told = exceptions.map(({ payment_no }) => payment_no).sort();
          const unowed = payments.filter(({ n, state }) => state === 'paid' && n !== order.paid_by);
          expect(told).toEqual(unowed.map(({ payment_no }) => payment_no).sort());
          expect(
            Object.values(life.world.store.debts({ order_no })).filter((debt) => debt.startsWith('check')),
          ).toEqual([]);
          mark(order.status);
          if (payments.length > 1) mark('several payments');
          if (unowed.length > 0) mark('suspense');
          if (refunds.length > 0) mark('refunds');
        },
      ),
      { numRuns: 400 },
    );
    expect([...seen.keys()].sort()).toEqual(
      ['closed', 'paid', 'refunded', 'refunds', 'several payments', 'suspense'].sort(),
    );
  });
});

describe('every permutation on the table', () => {
  const shuffled = <T>(values: readonly T[]) =>
    fc.shuffledSubarray([...values], { minLength: values.length, maxLength: values.length });

  it('of success, failure, close and the notices of two refunds ends the same', async () => {
    const context = { store: createOrderStore(store.context), io: { ...store.context.io, now: () => NOW } };
    const notices = [
      'succeeded',
      'failed',
      'closed',
      'r1 done',
      'r1 done',
      'r2 failed',
      'r2 failed',
    ] as const;
    await fc.assert(
      fc.asyncProperty(shuffled(notices), async (said) => {
        const order = tenantOrder({ amount: 1000 });
        const payment = paymentOf(order);
        await store.put({ put: 'order', record: order }, { put: 'payment', record: payment });
        await settle(context, successOf(payment));
        const { payment_no, provider, merchant } = payment;
        for (const [n, amount] of [
          [1, 300],
          [2, 200],
        ] as const) {
          const ports = {
            ...context,
            store: { ...context.store, findIdempotencyRecord: async () => null },
            merchants: { find: async () => null },
            settle: (event: PaymentEvent) => settle(context, event),
            settleRefund: (event: RefundEvent) => settleRefund(context, event),
            onProviderFailure: () => {},
          };
          await requestRefund(
            ports,
            {
              ...{ order_no: order.order_no, reason: '退款', transaction_id: null, amountText: null },
              amountOf: () => amount,
            },
            { operation: 'refund', subject: 'admin-1', key: `${order.order_no} ${n}` },
          );
        }
        for (const what of said) {
          const refund_no = `${order.order_no}-${what.slice(0, 2)}`;
          const common = { payment_no, provider, merchant, refund_id: 'R' };
          await applyEvent(
            context,
            what === 'succeeded' || what === 'failed' || what === 'closed'
              ? successOf(payment, { type: what })
              : { ...common, refund_no, type: what === 'r1 done' ? 'refund_succeeded' : 'refund_failed' },
          );
        }
        const snapshot = await context.store.read(order.order_no);
        expect(snapshot).toMatchObject({
          order: { status: 'paid', paid_by: 1 },
          payments: [{ state: 'paid', reserved: 0, refunded: 300, transaction_id: 'T1' }],
          suspense: [],
          refunds: [{ status: 'succeeded' }, { status: 'failed' }],
          exceptions: [{ kind: 'refund_failed', amount: 200, currency: 'USD' }],
        });
        const entries = (await store.items(order.order_no)).filter(({ sk }) =>
          String(sk).startsWith('ENTRY#'),
        );
        expect(entries).toMatchObject([{ sk: 'ENTRY#REFUND#1#1', amount: 300 }]);
      }),
      { numRuns: 12 },
    );
  });
});
