import { expect, it } from 'vitest';
import { toRecord } from '../../../lib/store/items.ts';
import { itemOf } from '../../support/items.ts';
import { paidPayment, refundOf, shopOrder } from '../../support/orders.ts';

const order = shopOrder({ closed_by: 'admin-1' });
const refund = refundOf(paidPayment(order), { requested_by: 'admin-1' });

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
