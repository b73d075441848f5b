import { describe, expect, it } from 'vitest';
import { findHolding, snapshotOf } from '../../../lib/orders/snapshot.ts';
import { paidPayment, shopOrder, suspenseOf } from '../../support/orders.ts';

describe('the money of a transaction under a payment', () => {
  const order = shopOrder({ status: 'paid', paid_by: 1, payment: 2, payments: 2 });
  const [payment, other] = [paidPayment(order, { n: 1 }), paidPayment(order, { n: 2 })];
  const third = suspenseOf(payment, { transaction_id: 'T3' });
  const second = suspenseOf(payment);
  const snapshot = { ...snapshotOf(order, [payment, other]), suspense: [suspenseOf(other), third, second] };

  it.each([
    ['its own', 'T1', payment],
    ['a further one, also where another payment has one of the same number', 'T2', second],
    ['another further one', 'T3', third],
    ['one that is not known, which is taken for its own', 'T4', payment],
    ['one that nobody names', null, payment],
  ])('is that of %s', (_, transaction_id, holding) => {
    expect(findHolding(snapshot, payment, transaction_id)).toBe(holding);
  });
});
