import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Order, OrderStatus, TenantOrder } from '../../../lib/orders/order.ts';
import type { PaymentEvent } from '../../../lib/orders/payment-event.ts';
import { refundNumber } from '../../../lib/orders/refund.ts';
import type { RefundEvent } from '../../../lib/orders/refund-event.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import { decide } from '../../../lib/orders/transition.ts';
import { createEventStore } from '../../../lib/store/event-store.ts';
import { putOrder } from '../../../lib/store/order-store.ts';
import { createRequestRefundStore } from '../../../lib/store/refund-store.ts';
import { NOW, paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const now = new Date(NOW).toISOString();
const apply = (event: PaymentEvent | RefundEvent) =>
  'refund_no' in event
    ? settleRefund(createEventStore(store.context), event, () => NOW)
    : settle(createEventStore(store.context), event, () => NOW);

const provider = fc.constantFrom('wechat', 'alipay', null);
const merchant = fc.constantFrom('mch/app', 'other');
const transaction_id = fc.constantFrom('T1', 'T2', null);

/** Orders as they can be stored: one that was paid has a settlement, and no other has. */
const orders: fc.Arbitrary<Order> = fc
  .record({
    make: fc.constantFrom<(changes: object) => Order>(shopOrder, tenantOrder),
    status: fc.constantFrom<OrderStatus>('pending', 'failed', 'paid', 'refunding', 'refunded', 'closed'),
    provider,
    merchant: fc.option(merchant),
    amount: fc.constantFrom(0, 1234),
    attempt: fc.constantFrom(1, 2),
    settledBy: fc.constantFrom('T1', null, null),
  })
  .map(({ make, settledBy, ...fields }) => {
    const isPaid = ['paid', 'refunding', 'refunded'].includes(fields.status);
    const settlement = isPaid ? { provider: fields.provider, transaction_id: settledBy } : null;
    return make({ ...fields, settlement, currency: 'CNY' });
  });

/** What may be said of an order: as it is, or otherwise, or not at all. */
const messages = fc.record(
  {
    type: fc.constantFrom<PaymentEvent['type']>('succeeded', 'failed', 'closed'),
    transaction_id,
    provider,
    merchant,
    amount: fc.constantFrom(1234, 1),
    currency: fc.constantFrom('CNY', 'USD'),
    attempt: fc.constantFrom(1, 2),
  },
  { requiredKeys: ['type', 'transaction_id'] },
);

const fields = ['provider', 'merchant', 'amount', 'currency', 'attempt'] as const;

/** Most messages agree with their order, or next to none would be applied. */
const cases = fc
  .tuple(orders, messages, fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.subarray([...fields])))
  .map(([order, message, differing]) => {
    const { order_no, provider, merchant, amount, currency, attempt } = order;
    const agreeing = { provider, amount, currency, attempt, ...(merchant !== null && { merchant }) };
    const said = Object.fromEntries(differing.map((field) => [field, message[field]]));
    const known = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
    const { type, transaction_id } = message;
    return { order, event: { ...agreeing, ...known, type, transaction_id, order_no } as PaymentEvent };
  });

describe('a decision', () => {
  it('is what the condition of its write allows, for any order and any message', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(cases, async ({ order, event }) => {
        await putOrder(store.context, order);
        const writes = createEventStore(store.context);
        const decision = decide(order, event);
        seen.add(decision.action);
        const answers = {
          set_status: event.type !== 'succeeded' && (await writes.setOrderStatus(event, event.type, now)),
          name_transaction:
            event.type === 'succeeded' &&
            event.transaction_id !== null &&
            (await writes.nameTransaction(event, now)),
          settle: event.type === 'succeeded' && (await writes.settleOrder(event, null, now)),
        };
        for (const [action, answer] of Object.entries(answers)) {
          if (answer) expect([action, answer.applied]).toEqual([action, decision.action === action]);
        }
      }),
      { numRuns: 250 },
    );
    expect([...seen].sort()).toEqual([
      'name_transaction',
      'none',
      'record_exception',
      'set_status',
      'settle',
    ]);
  });
});

/** An order and its entries, without what tells how often and when they were touched. */
async function endOf({ order_no }: Order) {
  const items = await store.items(order_no);
  return items
    .filter(({ sk }) => sk === 'ORDER' || /^(ENTRY|REFUND|EXCEPTION)#/.test(String(sk)))
    .map(({ sk, status, settlement, reserved, refunded, amount, debit, credit }) => ({
      sk,
      status,
      settlement,
      reserved,
      refunded,
      amount,
      debit,
      credit,
    }));
}

async function refundingOrder(): Promise<TenantOrder> {
  const order = tenantOrder({ amount: 1000 });
  await putOrder(store.context, order);
  await apply(paymentOf(order));
  const bank = createProvider();
  bank.settings.decideLater = true;
  for (const [key, amount] of [
    ['first', 300],
    ['second', 200],
  ] as const) {
    await requestRefund(
      {
        store: createRequestRefundStore(store.context),
        gateway: bank.gateway,
        settleRefund: (event) => settleRefund(createEventStore(store.context), event, () => NOW),
        now: () => NOW,
        onProviderFailure: (error) => {
          throw error;
        },
      },
      { order_no: order.order_no, amount, reason: '退款', transaction_id: null },
      { subject: 'admin-1', key: `${order.order_no}-${key}` },
    );
  }
  return order;
}

const refundNotice = (order: Order, n: number, type: RefundEvent['type']): RefundEvent => ({
  type,
  order_no: order.order_no,
  provider: 'stripe',
  refund_no: refundNumber(order.order_no, n),
  refund_id: `R${n}`,
});

const shuffled = <T>(values: readonly T[]) =>
  fc.shuffledSubarray([...values], { minLength: values.length, maxLength: values.length });

/** The index keeps notices of one type apart, so that none is left out of a permutation. */
const permutationsOf = (...types: PaymentEvent['type'][]) =>
  shuffled(types.map((type, index) => ({ type, index })));

/** A new order that heard these, one after the other. */
async function orderAfter(notices: readonly { readonly type: PaymentEvent['type'] }[]): Promise<TenantOrder> {
  const order = tenantOrder();
  await putOrder(store.context, order);
  for (const { type } of notices) await apply(paymentOf(order, { type }));
  return order;
}

describe('every permutation', () => {
  it('of successes and failures ends the same: paid, with one entry', async () => {
    const notices = permutationsOf('succeeded', 'failed', 'succeeded', 'failed');
    await fc.assert(
      fc.asyncProperty(notices, async (said) => {
        const order = await orderAfter(said);
        expect(await endOf(order)).toMatchObject([
          { sk: 'ENTRY#PAYMENT', amount: 1999 },
          { sk: 'ORDER', status: 'paid', settlement: { provider: 'stripe', transaction_id: 'T1' } },
        ]);
      }),
      { numRuns: 12 },
    );
  });

  it('of success, failure, close and the notices of two refunds ends the same', async () => {
    const makers: readonly ((order: Order) => PaymentEvent | RefundEvent)[] = [
      (order) => paymentOf(order as TenantOrder),
      (order) => paymentOf(order as TenantOrder, { type: 'failed' }),
      (order) => paymentOf(order as TenantOrder, { type: 'closed' }),
      (order) => refundNotice(order, 1, 'refund_succeeded'),
      (order) => refundNotice(order, 1, 'refund_succeeded'),
      (order) => refundNotice(order, 2, 'refund_failed'),
      (order) => refundNotice(order, 2, 'refund_failed'),
    ];
    await fc.assert(
      fc.asyncProperty(shuffled(makers), async (notices) => {
        const order = await refundingOrder();
        for (const notice of notices) await apply(notice(order));
        expect(await endOf(order)).toMatchObject([
          { sk: 'ENTRY#PAYMENT', amount: 1000 },
          { sk: 'ENTRY#REFUND#1', amount: 300, debit: 'tenant:7', credit: 'provider:stripe' },
          { sk: 'ORDER', status: 'paid', reserved: 0, refunded: 300 },
          { sk: 'REFUND#1', status: 'succeeded' },
          { sk: 'REFUND#2', status: 'failed' },
        ]);
      }),
      { numRuns: 12 },
    );
  });

  it('of a close and successes ends paid, or closed with the money in suspense, by which came first', async () => {
    const notices = permutationsOf('succeeded', 'closed', 'succeeded', 'closed');
    await fc.assert(
      fc.asyncProperty(notices, async (said) => {
        const order = await orderAfter(said);
        const keys = (await store.items(order.order_no)).map(({ sk, status }) => status ?? sk);
        expect(keys).toEqual(
          said[0]?.type === 'succeeded'
            ? ['ENTRY#PAYMENT', 'paid']
            : ['ENTRY#SUSPENSE#stripe#T1', 'EXCEPTION#paid_after_close#stripe#T1', 'closed'],
        );
      }),
      { numRuns: 12 },
    );
  });
});
