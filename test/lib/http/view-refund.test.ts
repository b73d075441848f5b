import { describe, expect, it } from 'vitest';
import { refundState, refundsReply, viewRefund } from '../../../lib/http/view-refund.ts';
import type { Refund } from '../../../lib/orders/refund.ts';
import type { Snapshot } from '../../../lib/orders/snapshot.ts';
import { merchantNames, paidPayment, refundOf, shopOrder } from '../../support/orders.ts';

const order = shopOrder({ status: 'refunding', paid_by: 1 });
const payment = paidPayment(order);
const refund = refundOf(payment);
const snapshotOf = (...refunds: readonly Refund[]): Snapshot => ({
  ...{ order, payments: [payment], suspense: [], refunds, returns: [], disputes: [] },
  ...{ shipping: null, exceptions: [] },
});

describe('what is told of a refund', () => {
  it('is what it returns, of whom, and who asked why', () => {
    expect(refundState(snapshotOf(refund), refund)).toEqual({
      ...{ order_no: order.order_no, refund_no: `${order.order_no}-r1`, payment_no: payment.payment_no },
      ...{ transaction_id: 'T1', provider: 'wechat', merchant: merchantNames.wechat },
      ...{ status: 'open', amount: '4.00', currency: 'CNY', reason: '退款', requested_by: 'admin-1' },
      ...{ created_at: refund.created_at, decided_at: null },
    });
  });

  it('names the further transaction that it returns, or none while the payment has none', () => {
    const further = refundOf(payment, { suspense: 'T2' });
    expect(refundState(snapshotOf(further), further).transaction_id).toBe('T2');
    const unnamed = { ...snapshotOf(refund), payments: [{ ...payment, transaction_id: null }] };
    expect(refundState(unnamed, refund).transaction_id).toBeNull();
  });

  it('says when it was decided', () => {
    const updated_at = '2026-11-22T09:00:00.000Z';
    for (const status of ['succeeded', 'failed'] as const) {
      const decided = refundOf(payment, { status, updated_at });
      expect(refundState(snapshotOf(decided), decided)).toMatchObject({ status, decided_at: updated_at });
    }
    const changed = refundOf(payment, { updated_at });
    expect(refundState(snapshotOf(changed), changed).decided_at).toBeNull();
  });

  it('is as it is stored now', async () => {
    const decided = refundOf(payment, { status: 'succeeded' });
    const store = { read: async () => snapshotOf(decided) };
    expect(await viewRefund(store, refund)).toMatchObject({ status: 'succeeded', transaction_id: 'T1' });
  });

  it('is as it was decided where that cannot be read', async () => {
    const read = () => Promise.reject(new Error('throttled'));
    expect(await viewRefund({ read }, refund)).toEqual({
      ...refundState(snapshotOf(refund), refund),
      transaction_id: null,
    });
    const further = refundOf(payment, { suspense: 'T2', status: 'succeeded' });
    expect(await viewRefund({ read }, further)).toMatchObject({ status: 'succeeded', transaction_id: 'T2' });
  });
});

it('all of an order’s are told in the order in which they were asked for', () => {
  const all = [10, 9, 1].map((n) => refundOf(payment, { n }));
  expect(refundsReply(snapshotOf(...all)).refunds.map(({ refund_no }) => refund_no)).toEqual(
    [1, 9, 10].map((n) => `${order.order_no}-r${n}`),
  );
});
