import { expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { Put } from '../../../lib/orders/change.ts';
import { idempotencyPut } from '../../../lib/orders/idempotency.ts';
import { toRecord } from '../../../lib/store/items.ts';
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
])('what is put as $put is read as it was, whatever it owes and tells', (put) => {
  const owes = { kind: 'notify', due: NOW } as const;
  const marks = { at: isoTime(NOW), events: [{ type: 'order.paid', owner: 'shop:mall' }] } as const;
  expect(toRecord(put.put, itemOf({ ...put, owes, marks } as Put))).toEqual(put.record);
});

it("a caller's key is taken out of the table once it is no longer good, and says nothing of the caller", () => {
  const caller = { operation: 'refund', subject: 'admin-1', key: 'key-1' } as const;
  const { put, record } = idempotencyPut(caller, 'mall-1-r1', '{}', NOW + 1);
  const item = itemOf({ put, record });
  const { result, request, expires_at } = record;
  expect(item['ttl']).toBe(Math.floor(Date.parse(expires_at) / 1_000) + 1);
  expect(toRecord('idempotency', item)).toMatchObject({ result, request, expires_at });
  expect(JSON.stringify(item)).not.toMatch(/admin-1|key-1/);
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
