import { expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { Put } from '../../../lib/orders/change.ts';
import { merchantException } from '../../../lib/orders/exception.ts';
import { idempotencyPut } from '../../../lib/orders/idempotency.ts';
import { toRecord } from '../../../lib/store/items.ts';
import { itemKindOf, shardOf } from '../../../lib/store/keys.ts';
import { itemOf, refundEntryOf } from '../../support/items.ts';
import {
  disputeOf,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  returnOf,
  shippingOf,
  shopOrder,
  suspenseOf,
} from '../../support/orders.ts';

const order = shopOrder({ closed_by: 'admin-1' });
const payment = paidPayment(order);
const refund = refundOf(payment, { requested_by: 'admin-1' });

it.each<Put>([
  { put: 'order', record: order },
  { put: 'payment', record: payment },
  { put: 'payment', record: paymentOf(order) },
  { put: 'suspense', record: suspenseOf(payment) },
  { put: 'refund', record: refund },
  { put: 'return', record: returnOf(payment) },
  { put: 'dispute', record: disputeOf(payment) },
  { put: 'shipping', record: shippingOf(payment) },
  { put: 'entry', record: refundEntryOf(payment, refund) },
  { put: 'exception', record: merchantException(payment, { kind: 'unknown_row' }, NOW) },
])('what is put as $put is read as it was, whatever it owes and tells', (put) => {
  const owes = { kind: 'notify', due: NOW } as const;
  const marks = { at: isoTime(NOW), events: [{ type: 'order.paid', owner: 'shop:mall' }] } as const;
  const item = itemOf({ ...put, owes, marks } as Put);
  expect(itemKindOf(item)).toBe(put.put);
  expect(toRecord(put.put, item)).toEqual(put.record);
});

it("a caller's key is taken out of the table once it is no longer good, and says nothing of the caller", () => {
  const caller = { operation: 'refund', subject: 'admin-1', key: 'key-1' } as const;
  const { put, record } = idempotencyPut(caller, 'mall-1-r1', '{}', NOW + 1);
  const item = itemOf({ put, record });
  const { result, request, expires_at } = record;
  expect(item['ttl']).toBe(Math.floor(Date.parse(expires_at) / 1_000) + 1);
  expect(toRecord('idempotency', item)).toEqual({ result, request, expires_at });
  expect(JSON.stringify(item)).not.toMatch(/admin-1|key-1/);
});

it('an item owes what it owes in the shard of its order, when it is due', () => {
  const shard = shardOf(order.order_no);
  const due = itemOf({ put: 'order', record: order, owes: { kind: 'check', due: NOW } });
  expect(due).toMatchObject({ work: `check#${shard}`, work_due: isoTime(NOW) });
  expect(Object.keys(itemOf({ put: 'order', record: order }))).not.toContain('work');
});

it('an item is marked with its events as text, when that was decided and the version that it has', () => {
  const marks = { at: isoTime(NOW), events: [{ type: 'order.closed', payment: null }] } as const;
  const marked = { events: '[{"type":"order.closed","payment":null}]', marked_at: isoTime(NOW) };
  const versioned = itemOf({ put: 'refund', record: { ...refund, version: 3 }, marks });
  expect(versioned).toMatchObject({ ...marked, marked_version: 3 });
  const unversioned = itemOf({ put: 'entry', record: refundEntryOf(payment, refund), marks });
  expect(unversioned).toMatchObject({ ...marked, marked_version: 1 });
  expect(Object.keys(itemOf({ put: 'order', record: order }))).not.toContain('events');
});

it('what is booked is in the lists of both of its accounts', () => {
  const shard = shardOf(order.order_no);
  const booked = { debit: expect.stringMatching(`^provider:wechat.*#${shard}$`), booked_at: isoTime(NOW) };
  const credited = { ...booked, credit: `shop:mall#${shard}` };
  expect(itemOf({ put: 'payment', record: payment })).toMatchObject({
    ...credited,
    payee: `shop:mall#${shard}`,
  });
  expect(itemOf({ put: 'suspense', record: suspenseOf(payment) })).toMatchObject(booked);
  expect(itemOf({ put: 'entry', record: refundEntryOf(payment, refund) })).toMatchObject({
    ...{ debit: `shop:mall#${shard}`, credit: booked.debit, booked_at: isoTime(NOW) },
  });
});

it('an exception is in the list of those of its state', () => {
  const record = { ...merchantException(payment, { kind: 'unknown_row' }, NOW), order_no: order.order_no };
  expect(itemOf({ put: 'exception', record })).toMatchObject({
    exception_shard: `open#${shardOf(order.order_no)}`,
  });
});

it('that a payment was asked about is no part of it', () => {
  const item = { ...itemOf({ put: 'payment', record: payment }), queried_at: isoTime(NOW) };
  expect(toRecord('payment', item)).toEqual(payment);
});

it('an order is in the list of its owner, by when it was made, and a record of it says nothing of that', () => {
  const item = itemOf({ put: 'order', record: order });
  expect(item).toMatchObject({
    listing: expect.stringMatching(/^orders:shop:mall#[0-7]$/),
    listed_at: order.created_at,
  });
  expect(toRecord('order', item)).toEqual(order);
});

it('of what was stored before it was kept who asked, nobody did', () => {
  const { closed_by: _closedBy, ...earlierOrder } = itemOf({ put: 'order', record: order });
  const { requested_by: _requestedBy, ...earlierRefund } = itemOf({ put: 'refund', record: refund });
  expect(toRecord('order', earlierOrder)).toEqual({ ...order, closed_by: null });
  expect(toRecord('refund', earlierRefund)).toEqual({ ...refund, requested_by: null });
});
