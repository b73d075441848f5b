import { beforeEach, describe, expect, it } from 'vitest';
import { type Inbox, keepEvent } from '../../../infra/client/receive-webhook.ts';
import type { WebhookEvent } from '../../../infra/client/webhook-events.ts';
import type { DomainEvent } from '../../../lib/domain-events/domain-event.ts';
import { readEvents } from '../../../lib/domain-events/read-events.ts';
import { storedEvents } from '../../../lib/domain-events/stored-events.ts';
import { isoTime } from '../../../lib/io.ts';
import type { Put } from '../../../lib/orders/change.ts';
import { closeOrderOnRequest } from '../../../lib/orders/close-order.ts';
import { eraseUser } from '../../../lib/orders/erase-user.ts';
import type { DisputeEvent, PaymentEvent, RefundEvent } from '../../../lib/orders/event.ts';
import { exceptionId, merchantException } from '../../../lib/orders/exception.ts';
import { handOver } from '../../../lib/orders/hand-over.ts';
import type { Order } from '../../../lib/orders/order.ts';
import { payShopOrder } from '../../../lib/orders/pay-shop-order.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { resolveException, resolveMerchantException } from '../../../lib/orders/resolve-exception.ts';
import { applyEvent, settle } from '../../../lib/orders/settle.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import type { StoredItem } from '../../../lib/store/conditional-write.ts';
import { createOrderFinder } from '../../../lib/store/erasure-store.ts';
import { createMerchantExceptionStore } from '../../../lib/store/exception-store.ts';
import { createIdempotencyStore } from '../../../lib/store/idempotency-store.ts';
import type { ItemKey } from '../../../lib/store/keys.ts';
import { createMerchantStore } from '../../../lib/store/merchant-store.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { createWorkStore } from '../../../lib/store/work-store.ts';
import {
  merchantNames,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  shopOrder,
  successOf,
  tenantOrder,
} from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';
import { createFakeMerchants } from '../orders/fake-merchants.ts';

const store = useStore();
const now = isoTime(NOW);
const HOUR_MS = 3_600_000;
let clock = NOW;
beforeEach(() => {
  clock = NOW;
});
const io = { now: () => clock, sleep: async () => {}, randomBytes: (size: number) => Buffer.alloc(size, 7) };
const ports = () => ({ store: createOrderStore(store.context), io });
const closing = () => ({ ...ports(), closeAtProvider: async () => 'closed' as const });

/** Nobody is asked: there is nobody to ask. */
const asking = () => ({
  ...ports(),
  merchants: createFakeMerchants(),
  settle: (event: PaymentEvent) => settle(ports(), event),
});

const refunding = () => ({
  ...asking(),
  settleRefund: (event: RefundEvent) => settleRefund(ports(), event),
  onProviderFailure: () => {},
});

const itemsOf = async (order?: Order) => (await store.items(order?.order_no)) as (StoredItem & ItemKey)[];

/** What the last write of an order marked, in the order of the items' keys. */
const marked = async (order: Order): Promise<readonly DomainEvent[]> =>
  (await itemsOf(order)).flatMap((item) => readEvents(item));

const put = async (...puts: readonly Put[]) => store.put(...puts);

/** An order with its first payment, of each kind of owner. */
async function begun(order: Order, changes: Parameters<typeof paymentOf>[1] = {}) {
  const payment = paymentOf(order, changes);
  await put({ put: 'order', record: order }, { put: 'payment', record: payment });
  return payment;
}

async function paid(order: Order) {
  const record = { ...order, status: 'paid', paid_by: 1, paid_at: now } as Order;
  const payment = paidPayment(record);
  await put({ put: 'order', record }, { put: 'payment', record: payment });
  return payment;
}

const refundSaid = (order: Order, type: RefundEvent['type']): RefundEvent => ({
  ...{ type, payment_no: order.order_no, provider: 'stripe', merchant: merchantNames.stripe },
  ...{ refund_no: `${order.order_no}-r1`, refund_id: 're_1', amount: 400, currency: 'USD' },
});

const disputeSaid = (order: Order, changes: Partial<DisputeEvent> = {}): DisputeEvent => ({
  ...{ type: 'dispute', payment_no: order.order_no, provider: 'stripe', merchant: merchantNames.stripe },
  ...{ dispute_id: 'du_1', transaction_id: 'T1', amount: 1999, currency: 'USD', reason: 'fraudulent' },
  ...{ state: 'open', refundable: false, due_by: isoTime(NOW + 1_000_000), movements: [] },
  ...changes,
});

/** What a receiver keeps that does as the guide says. */
function kept(events: readonly DomainEvent[]): readonly WebhookEvent[] {
  const inbox: Inbox = { ids: new Set(), newest: new Map() };
  for (const { id, type, timestamp, data } of events) {
    keepEvent(inbox, id, { type, timestamp, data } as WebhookEvent);
  }
  return [...inbox.newest.values()];
}

const ID = /^evt_[0-9a-f]{32}$/;

describe('a settlement', () => {
  it.each([
    ['a shop order', shopOrder({ id: 41, kind: 'meal' }), 'shop:meal'],
    ["a tenant's order", tenantOrder(), 'tenant:7'],
  ])('of %s is order.paid, with what paid it', async (_, order, owner) => {
    const payment = await begun(order);
    await settle(ports(), successOf(payment, { paid_at: now }));
    expect(await marked(order)).toEqual([
      {
        type: 'order.paid',
        id: expect.stringMatching(ID),
        timestamp: now,
        recorded_at: now,
        owner,
        data: {
          order_no: order.order_no,
          version: 2,
          kind: order.kind,
          id: order.kind === 'tenant' ? null : order.id,
          tenant_id: order.kind === 'tenant' ? 7 : null,
          status: 'paid',
          amount: order.kind === 'tenant' ? '19.99' : '12.34',
          currency: order.currency,
          payment_no: payment.payment_no,
          provider: payment.provider,
          merchant: payment.merchant,
          transaction_id: 'T1',
          paid_at: now,
        },
      },
    ]);
  });

  it('that had to be read is the same', async () => {
    const order = shopOrder({ payment: 2, payments: 2 });
    const payment = await begun(order, { n: 2 });
    // Of the payment before, so that the order is read.
    await put({ put: 'payment', record: paymentOf(order, { n: 1, state: 'closed', superseded: true }) });
    await settle(ports(), successOf(payment, { returned: 0 }));
    const [event] = await marked(order);
    expect(event).toMatchObject({ type: 'order.paid', data: { payment_no: `${order.order_no}-2` } });
  });

  it('of an order that costs nothing names no payment', async () => {
    const order = shopOrder({ amount: 0, payment: null, payments: 0 });
    await put({ put: 'order', record: order });
    await payShopOrder(asking(), order.order_no, 'user-1', null);
    const [event] = await marked(order);
    expect(event).toMatchObject({
      type: 'order.paid',
      data: { amount: '0.00', payment_no: null, provider: null, transaction_id: null },
    });
  });

  it('names who pays and what was bought nowhere', async () => {
    const order = shopOrder({ description: 'SECRET', openid: 'SECRET', user_id: 'SECRET' });
    const payment = await begun(order);
    await settle(ports(), successOf(payment));
    expect(JSON.stringify(await marked(order))).not.toContain('SECRET');
  });

  it('that comes again, or names its transaction later, is told of no more', async () => {
    const order = shopOrder();
    const payment = await begun(order);
    await settle(ports(), successOf(payment, { transaction_id: null }));
    await settle(ports(), successOf(payment));
    await settle(ports(), successOf(payment));
    const events = await marked(order);
    // The order is as that one write left it.
    expect(events.map(({ type, data }) => [type, data.version])).toEqual([['order.paid', 2]]);
  });
});

describe('what else becomes of an order', () => {
  it('is nothing to tell of where it is handed over again', async () => {
    const order = shopOrder({ status: 'failed' });
    const payment = await begun(order, { state: 'closed' });
    const { kind, id, points, expires_at, appid } = order;
    const request = { kind, id, points, expires_at, appid, user_id: 'user-1', openid: 'openid-1' };
    const ports = { ...closing(), orderPrefix: '' };
    const result = await handOver(ports, { ...request, description: '梨', amount: payment.amount });
    expect(result).toMatchObject({ outcome: 'updated' });
    expect(await marked(order)).toEqual([]);
  });

  it('is payment.failed, and nothing when its payer tries again', async () => {
    const order = shopOrder();
    const payment = await begun(order);
    await settle(ports(), { ...successOf(payment), type: 'failed', transaction_id: null });
    expect(await marked(order)).toMatchObject([
      {
        type: 'payment.failed',
        data: { status: 'failed', payment_no: payment.payment_no, provider: 'wechat', version: 2 },
      },
    ]);
  });

  it('is order.closed', async () => {
    const order = shopOrder();
    await begun(order);
    await closeOrderOnRequest(asking(), { order_no: order.order_no, by: 'admin-1' }, () => true);
    expect(await marked(order)).toMatchObject([
      { type: 'order.closed', owner: 'shop:mall', data: { status: 'closed', version: 2 } },
    ]);
  });

  it('is order.paid where an exception pays a closed order', async () => {
    const order = shopOrder({ status: 'closed' });
    const payment = await begun(order, { state: 'closed' });
    await settle(ports(), successOf(payment));
    expect((await marked(order)).map(({ type }) => type)).toEqual(['exception.raised']);
    const id = exceptionId({
      ...{ kind: 'paid_after_close', provider: 'wechat', refund_no: null },
      ...{ payment_no: payment.payment_no, transaction_id: 'T1' },
    });
    const wanted = { resolution: 'attributed', reason: '核对过', by: 'admin-1' } as const;
    await resolveException(refunding(), { order_no: order.order_no, id, ...wanted });
    expect(await marked(order)).toMatchObject([
      { type: 'exception.resolved', data: { state: 'resolved', resolution: 'attributed', version: 2 } },
      { type: 'order.paid', data: { payment_no: payment.payment_no, transaction_id: 'T1' } },
    ]);
  });
});

describe('a refund', () => {
  const asked = async () => {
    const order = tenantOrder({ refunds: 1 });
    const payment = { ...(await paid(order)), reserved: 400 };
    await put(
      { put: 'order', record: { ...order, status: 'refunding', paid_by: 1, paid_at: now } },
      { put: 'payment', record: payment },
      { put: 'refund', record: refundOf(payment) },
    );
    return order;
  };

  it('is told of when it is decided, and again when it is sent back', async () => {
    const order = await asked();
    await applyEvent(ports(), refundSaid(order, 'refund_succeeded'));
    const [succeeded] = await marked(order);
    expect(succeeded).toMatchObject({
      ...{ type: 'refund.succeeded', owner: 'tenant:7', timestamp: now },
      data: {
        ...{ order_no: order.order_no, version: 2, tenant_id: 7, refund_no: `${order.order_no}-r1` },
        ...{ amount: '4.00', currency: 'USD', status: 'succeeded', provider: 'stripe' },
      },
    });
    await applyEvent(ports(), refundSaid(order, 'refund_failed'));
    const events = await marked(order);
    // The order is paid again, which is no payment.
    expect(events.map(({ type }) => type).toSorted()).toEqual(['exception.raised', 'refund.failed']);
    const failed = events.find(({ type }) => type === 'refund.failed');
    expect(failed).toMatchObject({ data: { status: 'failed', version: 3 } });
    expect(failed?.id).not.toBe(succeeded?.id);
  });
});

describe('a dispute', () => {
  it('is opened, and closed when the bank decides, and again when it decides otherwise', async () => {
    const order = tenantOrder();
    await paid(order);
    const types = async () => {
      const events = await marked(order);
      return events
        .filter(({ type }) => type.startsWith('dispute'))
        .map(({ type, data }) => [type, data.version]);
    };
    await applyEvent(ports(), disputeSaid(order));
    expect(await types()).toEqual([['dispute.opened', 1]]);
    await applyEvent(ports(), disputeSaid(order, { due_by: isoTime(NOW + 2_000_000) }));
    expect(await types()).toEqual([]);
    await applyEvent(ports(), disputeSaid(order, { state: 'lost' }));
    expect(await types()).toEqual([['dispute.closed', 3]]);
    await applyEvent(ports(), disputeSaid(order, { state: 'won' }));
    expect(await types()).toEqual([['dispute.closed', 4]]);
  });

  it.each(['won', 'lost'] as const)(
    'that is %s when it is first heard of is opened and then closed',
    async (state) => {
      const order = tenantOrder();
      await paid(order);
      await applyEvent(ports(), disputeSaid(order, { state }));
      const events = (await marked(order)).filter(({ type }) => type.startsWith('dispute'));
      expect(events).toMatchObject([
        { type: 'dispute.opened', data: { version: 1, state: 'open' } },
        { type: 'dispute.closed', data: { version: 2, state } },
      ]);
      expect(new Set(events.map(({ id }) => id)).size).toBe(2);
      for (const inOrder of [events, events.toReversed()]) {
        expect(kept(inOrder)).toMatchObject([{ type: 'dispute.closed', data: { state } }]);
      }
    },
  );
});

describe("a merchant's own exception", () => {
  it('is raised and resolved, and belongs to no order', async () => {
    const name = { provider: 'wechat', merchant: 'own-1' } as const;
    const record = merchantException(name, { kind: 'unknown_row', reason: 'SECRET' }, NOW);
    await createMerchantStore(store.context).putMerchantException(name, record);
    const events = async () =>
      (await itemsOf())
        .filter(({ pk }) => pk === 'MERCHANT#wechat.own-1')
        .flatMap((item) => readEvents(item));
    expect(await events()).toMatchObject([
      { type: 'exception.raised', owner: 'provider:wechat.own-1', data: { order_no: null, tenant_id: null } },
    ]);
    await resolveMerchantException(
      { store: createMerchantExceptionStore(store.context), io },
      { ...name, id: exceptionId(record), resolution: 'dismissed', reason: 'SECRET', by: 'SECRET' },
    );
    const [resolved] = await events();
    expect(resolved).toMatchObject({ type: 'exception.resolved', timestamp: now, data: { version: 2 } });
    expect(JSON.stringify(resolved)).not.toContain('SECRET');
  });
});

describe('a mark', () => {
  it('is of the version that its write made', async () => {
    const order = tenantOrder({ payment: 1 });
    const payment = await begun(order);
    await settle(ports(), successOf(payment));
    await applyEvent(ports(), disputeSaid(order, { state: 'lost' }));
    const id = exceptionId({
      ...{ kind: 'disputed', provider: 'stripe', payment_no: order.order_no },
      ...{ refund_no: 'du_1', transaction_id: 'T1' },
    });
    const end = { resolution: 'dismissed', reason: '核对过', by: 'admin-1' } as const;
    await resolveException(refunding(), { order_no: order.order_no, id, ...end });
    const items = (await itemsOf(order)).filter((item) => 'marked_version' in item);
    expect(items.map(({ sk, version, marked_version }) => [sk, version, marked_version])).toEqual([
      ['DISPUTE#du_1', 2, 2],
      [`EXCEPTION#${id}`, 2, 2],
      ['ORDER', 2, 2],
    ]);
  });

  it('is gone with the next write, whatever that is', async () => {
    const work = createWorkStore(store.context);
    const key = (order: Order) => ({ pk: `ORDER#${order.order_no}`, sk: 'ORDER' });
    const free = async () => {
      const order = shopOrder({ amount: 0, payment: null, payments: 0 });
      await put({ put: 'order', record: order });
      await payShopOrder(asking(), order.order_no, 'user-1', null);
      expect((await marked(order)).map(({ type }) => type)).toEqual(['order.paid']);
      const [item] = await itemsOf(order);
      return { order, seen: { work: String(item?.['work']), work_due: String(item?.['work_due']) } };
    };
    const writes: ((order: Order, seen: { work: string; work_due: string }) => Promise<unknown>)[] = [
      (order, seen) => work.postponeWork(key(order), seen, now),
      (order, { work: owed }) => work.clearWork(key(order), owed),
      (order, { work: owed }) => work.replaceWork(key(order), owed, { work: 'check#1', work_due: now }),
      (order, { work: owed }) => work.parkWork(key(order), owed),
    ];
    for (const write of writes) {
      const { order, seen } = await free();
      await write(order, seen);
      expect(await marked(order)).toEqual([]);
    }
    const { order } = await free();
    const findOrders = createOrderFinder(store.context);
    await eraseUser({ ...ports(), findOrders, onOrder: () => {}, onProgress: () => {} }, 'user-1');
    expect(await marked(order)).toEqual([]);
  });

  it('that nothing can be made of is said to be so', async () => {
    const order = shopOrder();
    await begun(order);
    const [item] = await itemsOf(order);
    if (!item) throw new Error('no item');
    for (const events of [
      'order.paid',
      '[{"type":"order.invented"}]',
      '[{"type":"refund.failed","owner":1}]',
      [{}],
    ]) {
      expect(() => readEvents({ ...item, events })).toThrow('the marks of an item cannot be read');
    }
  });
});

describe('what is stored', () => {
  const at = (hours: number) => isoTime(NOW + hours * HOUR_MS);
  const setClock = (hours: number) => {
    clock = NOW + hours * HOUR_MS;
  };
  const between = async (order: Order, from: number, to: number) =>
    storedEvents(await itemsOf(order), { from: at(from), to: at(to) });
  const typesBetween = async (order: Order, from: number, to: number) =>
    (await between(order, from, to)).map(({ type }) => type);
  const ofType = (events: readonly DomainEvent[], type: DomainEvent['type']) => {
    const event = events.find((one) => one.type === type);
    if (!event) throw new Error(`no ${type}`);
    return event;
  };
  const erase = () => {
    const findOrders = createOrderFinder(store.context);
    return eraseUser({ ...ports(), findOrders, onOrder: () => {}, onProgress: () => {} }, 'user-9');
  };
  const refundAll = ({ order_no }: Order) => {
    const request = { order_no, amountOf: () => null, amountText: null, reason: '退款' };
    const caller = { operation: 'refund', subject: 'admin-1', key: order_no } as const;
    const idempotency = createIdempotencyStore(store.context);
    const requesting = { ...refunding(), store: { ...ports().store, ...idempotency } };
    return requestRefund(requesting, { ...request, transaction_id: null }, caller);
  };

  it('is told of again as it was, while nothing is written', async () => {
    const order = shopOrder();
    const payment = await begun(order);
    await settle(ports(), successOf(payment, { paid_at: now }));
    expect(await between(order, 0, 0)).toEqual(await marked(order));
  });

  it('is told of as it is now, under the id and the times that it had', async () => {
    const order = shopOrder({ user_id: 'user-9' });
    const payment = await begun(order);
    setClock(6);
    await settle(ports(), successOf(payment, { transaction_id: null, paid_at: now }));
    const [first] = await marked(order);
    expect(first).toMatchObject({ timestamp: at(0), recorded_at: at(6), data: { version: 2 } });
    setClock(7);
    await settle(ports(), successOf(payment));
    await refundAll(order);
    setClock(8);
    await erase();
    const [again] = await between(order, 0, 0);
    expect(again).toEqual({
      ...first,
      data: { ...first?.data, version: 5, status: 'refunded', transaction_id: 'T1' },
    });
    // Who knows it knows it by its id; who does not is told what it is now.
    expect(kept([first, again] as DomainEvent[])).toMatchObject([{ data: { version: 2 } }]);
    expect(kept([again, first] as DomainEvent[])).toMatchObject([{ data: { version: 5 } }]);
  });

  it('is of the period in which it happened, and of the one in which it was recorded', async () => {
    const order = shopOrder();
    const payment = await begun(order);
    setClock(6);
    await settle(ports(), successOf(payment, { paid_at: now }));
    setClock(9);
    await refundAll(order);
    expect(await typesBetween(order, -1, -0.1)).toEqual([]);
    expect(await typesBetween(order, 0, 0)).toEqual(['order.paid']);
    expect(await typesBetween(order, 0.1, 5.9)).toEqual([]);
    expect(await typesBetween(order, 6, 6)).toEqual(['order.paid']);
    expect(await typesBetween(order, 6.1, 8.9)).toEqual([]);
    expect(await typesBetween(order, 9, 9)).toEqual(['refund.succeeded']);
    expect(await typesBetween(order, 9.1, 20)).toEqual([]);
  });

  it('stays in its period when its user is erased', async () => {
    const order = shopOrder({ user_id: 'user-9' });
    await begun(order);
    await closeOrderOnRequest(asking(), { order_no: order.order_no, by: 'user-9' }, () => true);
    const [closed] = await marked(order);
    const returned = shopOrder({ user_id: 'user-9' });
    await begun(returned);
    await settle(ports(), successOf(paymentOf(returned), { paid_at: now }));
    await refundAll(returned);
    const refund = ofType(await marked(returned), 'refund.succeeded');
    setClock(5);
    expect(await erase()).toMatchObject({ erased: 2 });
    expect(await between(order, 0, 0)).toMatchObject([
      { type: 'order.closed', id: closed?.id, timestamp: at(0), data: { version: 3 } },
    ]);
    expect(ofType(await between(returned, 0, 0), 'refund.succeeded')).toMatchObject({
      ...{ id: refund.id, timestamp: at(0), data: { version: 3 } },
    });
    expect(await between(order, 0.1, 10)).toEqual([]);
  });

  it('of a dispute and its exception is their last word, of the time of that', async () => {
    const order = tenantOrder();
    await paid(order);
    await applyEvent(ports(), disputeSaid(order));
    const opened = await marked(order);
    setClock(1);
    await applyEvent(ports(), disputeSaid(order, { due_by: at(300) }));
    expect(ofType(await between(order, 0, 0), 'dispute.opened')).toMatchObject({
      ...{ id: ofType(opened, 'dispute.opened').id, timestamp: at(0) },
      data: { version: 2, due_by: at(300) },
    });

    setClock(2);
    const id = exceptionId({
      ...{ kind: 'disputed', provider: 'stripe', payment_no: order.order_no },
      ...{ refund_no: 'du_1', transaction_id: 'T1' },
    });
    const end = { resolution: 'dismissed', reason: '核对过', by: 'admin-1' } as const;
    await resolveException(refunding(), { order_no: order.order_no, id, ...end });
    expect(await between(order, 2, 2)).toMatchObject([
      { type: 'exception.resolved', timestamp: at(2), recorded_at: at(2) },
    ]);

    setClock(3);
    const movement = { id: 'txn_1', amount: -100, fee: 0, fee_currency: 'USD' };
    await applyEvent(ports(), disputeSaid(order, { state: 'lost', movements: [movement] }));
    const last = await between(order, 3, 3);
    expect(last.map(({ type }) => type).toSorted()).toEqual(['dispute.closed', 'exception.raised']);
    const again = ofType(last, 'exception.raised');
    // Until when evidence could be given was written on it besides, and told with the dispute alone.
    expect(again).toMatchObject({ timestamp: at(3), data: { version: 4, state: 'open' } });
    expect(again.id).not.toBe(ofType(opened, 'exception.raised').id);
    expect(await between(order, 0, 2)).toEqual([]);
  });

  it('and was never marked is told of no more than it was', async () => {
    const order = shopOrder();
    await paid(order);
    expect(await between(order, -100, 100)).toEqual([]);
  });
});
