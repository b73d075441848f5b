import { describe, expect, it } from 'vitest';
import type { OrderStatus } from '../../../lib/orders/order.ts';
import { decide } from '../../../lib/orders/transition.ts';
import { paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';

const statuses: OrderStatus[] = ['pending', 'failed', 'paid', 'refunding', 'refunded', 'closed'];
const settlement = { provider: 'wechat', transaction_id: 'T1' } as const;

describe('a success', () => {
  it.each<[OrderStatus, string]>([
    ['pending', 'settle'],
    ['failed', 'settle'],
    ['closed', 'paid_after_close'],
    ['paid', 'paid_twice'],
    ['refunding', 'paid_twice'],
    ['refunded', 'paid_twice'],
  ])('of another transaction for a %s order: %s', (status, expected) => {
    const isPaid = status !== 'pending' && status !== 'failed' && status !== 'closed';
    const order = shopOrder({ status, settlement: isPaid ? settlement : null });
    const decision = decide(order, paymentOf(order, { transaction_id: 'T2' }));
    expect(decision.action === 'record_exception' ? decision.exception : decision.action).toBe(expected);
  });

  it.each(statuses)('of the transaction that settled it changes nothing, the order being %s', (status) => {
    const order = shopOrder({ status, settlement });
    expect(decide(order, paymentOf(order))).toEqual({ action: 'none', outcome: 'already_settled' });
  });

  it('of a transaction with the same number at another provider is not the same', () => {
    const order = shopOrder({ status: 'paid', settlement });
    expect(decide(order, paymentOf(order, { provider: 'alipay' })).action).toBe('record_exception');
  });

  it('that names no transaction agrees with a paid order', () => {
    const order = shopOrder({ status: 'paid', settlement });
    const event = paymentOf(order, { transaction_id: null });
    expect(decide(order, event)).toEqual({ action: 'none', outcome: 'already_settled' });
  });

  it('names the transaction of an order that was paid without one', () => {
    const order = shopOrder({ status: 'paid', settlement: { provider: 'wechat', transaction_id: null } });
    expect(decide(order, paymentOf(order))).toEqual({ action: 'name_transaction', status: 'paid' });
  });

  it('is never a second payment where the record of the first is missing', () => {
    const order = shopOrder({ status: 'paid', settlement: null });
    expect(decide(order, paymentOf(order))).toMatchObject({ exception: 'paid_twice' });
  });

  it('is compared like any other, though neither it nor the payment before it names a transaction', () => {
    const order = shopOrder({ status: 'paid', settlement: { provider: 'wechat', transaction_id: null } });
    const event = paymentOf(order, { transaction_id: null, amount: 1 });
    expect(decide(order, event)).toMatchObject({ exception: 'mismatch', fields: ['amount'] });
  });

  it.each(statuses)('for a payment that a %s order gave up goes to suspense', (status) => {
    const order = shopOrder({ status, attempt: 2 });
    const superseded = { action: 'record_exception', exception: 'paid_superseded', fields: [] };
    expect(decide(order, paymentOf(order, { attempt: 1 }))).toEqual(superseded);
    for (const type of ['failed', 'closed'] as const) {
      const event = paymentOf(order, { attempt: 1, type, amount: 1 });
      expect(decide(order, event)).toEqual({ action: 'none', outcome: 'unchanged' });
    }
  });

  it('for no order is rejected', () => {
    expect(decide(undefined, paymentOf(shopOrder()))).toEqual({ action: 'reject' });
  });
});

describe('a difference', () => {
  it.each([
    ['provider', { provider: 'alipay' }],
    ['merchant', { merchant: 'other' }],
    ['amount', { amount: 1 }],
    ['currency', { currency: 'USD' }],
  ] as const)('in %s is a mismatch in every state and for every kind of event', (field, change) => {
    for (const status of statuses) {
      for (const type of ['succeeded', 'failed', 'closed'] as const) {
        const order = shopOrder({ status });
        expect(decide(order, paymentOf(order, { ...change, type }))).toEqual({
          action: 'record_exception',
          exception: 'mismatch',
          fields: [field],
        });
      }
    }
  });

  it('needs a field on both sides: what a message does not say is not compared', () => {
    const order = tenantOrder();
    const { order_no, provider } = order;
    expect(decide(order, { type: 'succeeded', order_no, provider, transaction_id: null }).action).toBe(
      'settle',
    );
  });

  it('is there for an order that costs nothing when a provider claims to have been paid', () => {
    const order = shopOrder({ provider: null, merchant: null, amount: 0 });
    const event = paymentOf(order, { provider: 'wechat', amount: 1 });
    expect(decide(order, event)).toMatchObject({ exception: 'mismatch', fields: ['provider', 'amount'] });
  });
});

describe('a failure or a close', () => {
  it.each<[OrderStatus, boolean, boolean]>([
    ['pending', true, true],
    ['failed', false, true],
    ['paid', false, false],
    ['refunding', false, false],
    ['refunded', false, false],
    ['closed', false, false],
  ])('of a %s order: fails it %s, closes it %s', (status, fails, closes) => {
    const order = shopOrder({ status });
    const unchanged = { action: 'none', outcome: 'unchanged' };
    expect(decide(order, paymentOf(order, { type: 'failed' }))).toEqual(
      fails ? { action: 'set_status', status: 'failed' } : unchanged,
    );
    expect(decide(order, paymentOf(order, { type: 'closed' }))).toEqual(
      closes ? { action: 'set_status', status: 'closed' } : unchanged,
    );
  });
});
