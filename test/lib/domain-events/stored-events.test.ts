import { describe, expect, it } from 'vitest';
import { readEvents } from '../../../lib/domain-events/read-events.ts';
import { storedEvents } from '../../../lib/domain-events/stored-events.ts';
import { isoTime } from '../../../lib/io.ts';
import type { EventMark, Put } from '../../../lib/orders/change.ts';
import { encodeExceptionId, merchantException } from '../../../lib/orders/exception.ts';
import type { Order } from '../../../lib/orders/order.ts';
import { itemOf } from '../../support/items.ts';
import {
  disputeOf,
  merchantNames,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  shippingOf,
  shopOrder,
  tenantOrder,
} from '../../support/orders.ts';

const now = isoTime(NOW);
const recorded_at = isoTime(NOW + 1_000);

const marked = (put: Put, ...events: readonly EventMark[]) =>
  itemOf({ ...put, marks: { at: recorded_at, events } });
const told = (...puts: readonly Put[]) =>
  storedEvents(
    puts.map((put) => marked(put)),
    { from: now, to: recorded_at },
  );

const paid = tenantOrder({ status: 'refunding', version: 4, paid_by: 1, paid_at: now });
const payment = paidPayment(paid);
const orderPut = (record: Order): Put => ({ put: 'order', record });
const paymentPut = (record = payment): Put => ({ put: 'payment', record });
const said = { order_no: paid.order_no, tenant_id: 7, currency: 'USD' };
const named = { payment_no: payment.payment_no, provider: 'stripe', merchant: merchantNames.stripe };
const exceptionRecord = {
  ...merchantException(payment, { kind: 'mismatch', ...{ amount: 500, currency: 'USD' } }, NOW),
  ...{ order_no: paid.order_no, owner: 'tenant:7', payment_no: payment.payment_no },
};
const end = { reason: 'SECRET', by: 'SECRET', at: now, entries: [], refund_no: null };

describe('what is stored of an order that was paid', () => {
  const refund = refundOf(payment, { status: 'succeeded', version: 2 });
  const puts: readonly Put[] = [
    ...[orderPut(paid), paymentPut(), paymentPut({ ...payment, n: 2, provider: 'wechat' })],
    { put: 'refund', record: refund },
  ];
  const orderPaid = {
    ...{ type: 'order.paid', id: expect.any(String), timestamp: now, recorded_at, owner: 'tenant:7' },
    data: {
      ...{ ...said, ...named, version: 4, kind: 'tenant', id: null, status: 'refunding', amount: '19.99' },
      ...{ transaction_id: 'T1', paid_at: now },
    },
  };

  it('tells of it and of its refund', () => {
    expect(told(...puts)).toEqual([
      orderPaid,
      {
        ...{ type: 'refund.succeeded', id: expect.any(String), owner: 'tenant:7' },
        ...{ timestamp: recorded_at, recorded_at },
        data: {
          ...said,
          ...named,
          version: 2,
          refund_no: refund.refund_no,
          amount: '4.00',
          status: 'succeeded',
        },
      },
    ]);
  });

  it('tells of the same in whatever order it is read', () => {
    expect(told(...puts.toReversed())).toEqual(told(...puts).toReversed());
  });

  it.each([
    ['open', []],
    ['failed', ['refund.failed']],
  ] as const)('tells of a refund that is %s: %j', (status, types) => {
    const events = told(orderPut(paid), paymentPut(), { put: 'refund', record: { ...refund, status } });
    expect(events.slice(1).map(({ type }) => type)).toEqual(types);
  });

  it('tells nothing of a refund whose order is not there', () => {
    expect(told({ put: 'refund', record: refund })).toEqual([]);
  });

  it('tells of what it cost although nothing was paid', () => {
    const free = shopOrder({ amount: 0, status: 'paid', paid_at: now, payment: null, payments: 0 });
    expect(told(orderPut(free))).toMatchObject([
      {
        data: {
          ...{ payment_no: null, provider: null, merchant: null, transaction_id: null, amount: '0.00' },
        },
      },
    ]);
  });
});

describe('what is stored of an order that was not paid', () => {
  const order = (status: Order['status']) => shopOrder({ kind: 'meal', id: 5, status });
  const data = {
    ...{ order_no: 'meal-5', version: 1, kind: 'meal', id: 5, tenant_id: null, amount: '12.34' },
    currency: 'CNY',
  };
  const ofShop = { id: expect.any(String), timestamp: recorded_at, recorded_at, owner: 'shop:meal' };

  it('names the payment that failed', () => {
    const failed = order('failed');
    expect(told(orderPut(failed), paymentPut(paymentOf(failed, { state: 'closed' })))).toEqual([
      {
        ...{ ...ofShop, type: 'payment.failed' },
        data: {
          ...{ ...data, status: 'failed' },
          ...{ payment_no: 'meal-5', provider: 'wechat', merchant: merchantNames.wechat },
        },
      },
    ]);
  });

  it('names no payment where it was closed', () => {
    const closed = order('closed');
    expect(told(orderPut(closed), paymentPut(paymentOf(closed)))).toEqual([
      { ...ofShop, type: 'order.closed', data: { ...data, status: 'closed' } },
    ]);
  });

  it('is nothing to tell of while it can still be paid', () => {
    expect(told(orderPut(order('pending')))).toEqual([]);
  });
});

describe('what is stored of an exception', () => {
  const raised = {
    ...{ type: 'exception.raised', id: expect.any(String), timestamp: recorded_at, recorded_at },
    owner: 'tenant:7',
    data: {
      ...{ ...said, ...named, version: 1, id: encodeExceptionId(exceptionRecord), kind: 'mismatch' },
      ...{ state: 'open', amount: '5.00', resolution: null },
    },
  };

  it('says that it is there', () => {
    expect(told({ put: 'exception', record: exceptionRecord })).toEqual([raised]);
  });

  it('says how it ended, and not who said so or why', () => {
    const resolved = { ...end, resolution: 'dismissed' } as const;
    const record = { ...exceptionRecord, state: 'resolved', version: 2, resolved } as const;
    const data = { ...raised.data, version: 2, state: 'resolved', resolution: 'dismissed' };
    expect(told({ put: 'exception', record })).toEqual([{ ...raised, type: 'exception.resolved', data }]);
  });
});

describe('what is stored of a dispute', () => {
  const dispute = disputeOf(payment, { version: 3 });
  const { due_by } = dispute;

  it.each([
    ['open', 'dispute.opened'],
    ['won', 'dispute.closed'],
    ['lost', 'dispute.closed'],
  ] as const)('that is %s is told of as %s', (state, type) => {
    const events = told(orderPut(paid), paymentPut(), { put: 'dispute', record: { ...dispute, state } });
    expect(events.slice(1)).toEqual([
      {
        ...{ type, id: expect.any(String), timestamp: recorded_at, recorded_at, owner: 'tenant:7' },
        data: { ...said, ...named, version: 3, dispute_id: 'du_1', amount: '19.99', state, due_by },
      },
    ]);
  });

  it('that was over when it was first told of was open the version before', () => {
    const marks = (['dispute.opened', 'dispute.closed'] as const).map((type) => ({
      type,
      owner: 'tenant:7',
    }));
    const item = marked({ put: 'dispute', record: { ...dispute, state: 'lost' } }, ...marks);
    expect(readEvents(item).map(({ type, data }) => [type, data])).toMatchObject([
      ['dispute.opened', { version: 2, state: 'open' }],
      ['dispute.closed', { version: 3, state: 'lost' }],
    ]);
  });

  it('that is open is opened in the version that it has', () => {
    const item = marked({ put: 'dispute', record: dispute }, { type: 'dispute.opened', owner: 'tenant:7' });
    expect(readEvents(item)).toMatchObject([{ data: { version: 3, state: 'open' } }]);
  });
});

describe('an item', () => {
  it.each([
    ['a payment', paymentPut()],
    ['what was fetched', { put: 'shipping', record: shippingOf(payment) }],
  ] as [string, Put][])('of a kind that is not told of tells nothing: %s', (_, put) => {
    expect(told(put)).toEqual([]);
  });

  it('that was never marked tells nothing', () => {
    expect(storedEvents([itemOf(orderPut(paid))], { from: now, to: recorded_at })).toEqual([]);
  });

  it.each([
    ['when it happened', now, now, 1],
    ['when it was recorded', recorded_at, recorded_at, 1],
    ['before', isoTime(NOW - 1), isoTime(NOW - 1), 0],
    ['between', isoTime(NOW + 1), isoTime(NOW + 999), 0],
    ['after', isoTime(NOW + 1_001), isoTime(NOW + 2_000), 0],
  ])('is told of in the period %s', (_, from, to, count) => {
    expect(storedEvents([marked(orderPut(paid)), itemOf(paymentPut())], { from, to })).toHaveLength(count);
  });

  it('has an id of its own for each item, version and type, and for nothing else', () => {
    const idOf = (record: Order, type: EventMark['type']) =>
      readEvents(marked(orderPut(record), { type, payment })).map(({ id }) => id);
    const known = idOf(paid, 'order.paid');
    expect(known).toEqual([expect.stringMatching(/^evt_[0-9a-f]{32}$/)]);
    expect(idOf({ ...paid, status: 'refunded' }, 'order.paid')).toEqual(known);
    const others = [
      ...idOf({ ...paid, version: 5 }, 'order.paid'),
      ...idOf(paid, 'order.closed'),
      ...idOf(tenantOrder({ paid_at: now }), 'order.paid'),
    ];
    expect(new Set([...known, ...others]).size).toBe(4);
  });

  it.each([
    [{ amount: 'x', currency: 'cny' }, 'amount'],
    [{ marked_at: undefined }, 'marked_at'],
  ])('that cannot be told of is refused by the names of its fields: %j', (changes, field) => {
    const item = { ...marked(orderPut(shopOrder()), { type: 'order.closed' }), ...changes };
    expect(() => readEvents(item)).toThrow(`cannot be told of: ${field}`);
  });

  it.each(['order.paid', '{}', '[{"type":"order.invented"}]', '[{"type":"refund.failed","owner":1}]', 7])(
    'whose marks are %j cannot be read',
    (events) => {
      expect(() => readEvents({ ...itemOf(orderPut(paid)), events })).toThrow('the marks of an item');
    },
  );
});
