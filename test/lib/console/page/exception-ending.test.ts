import { describe, expect, it } from 'vitest';
import { endingOf } from '../../../../lib/console/page/exception-ending.ts';
import type { Exception } from '../../../../lib/http/responses/exceptions.ts';
import type { HistoryItem, OrderHistory } from '../../../../lib/http/responses/history.ts';
import { exceptionKinds } from '../../../../lib/orders/kinds.ts';

const at = '2026-11-25T08:00:00.000Z';

const exceptionOf = (changes: Partial<Exception>): Exception => ({
  ...{ id: 'id', order_no: 'mall-1', payment_no: 'mall-1', kind: 'paid_twice', state: 'open' },
  ...{ provider: 'wechat', merchant: '1900000001', transaction_id: '42-2', refund_no: null, fields: [] },
  ...{ amount: '19.99', currency: 'CNY', reason: null, due_by: null, recorded_at: at },
  ...{ resolutions: ['attributed', 'returned', 'written_off', 'dismissed'], resolved: null },
  ...changes,
});

const payment: HistoryItem = {
  ...{
    type: 'payment',
    at,
    payment_no: 'mall-1',
    provider: 'wechat',
    merchant: '1900000001',
    scene: 'jsapi',
  },
  ...{ amount: '19.99', currency: 'CNY', state: 'paid', current: true, transaction_id: '42-1', paid_at: at },
  ...{ expires_at: at, refunded_amount: '0.00', refundable_amount: '19.99' },
};
const suspense: HistoryItem = {
  ...{ type: 'suspense', at, payment_no: 'mall-1', transaction_id: '42-2', provider: 'wechat' },
  ...{ merchant: '1900000001', amount: '19.99', currency: 'CNY' },
  ...{ refunded_amount: '5.00', refundable_amount: '14.99' },
};
const dispute: HistoryItem = {
  ...{ type: 'dispute', at, dispute_id: 'dp_1', payment_no: 'mall-1', amount: '19.99', currency: 'CNY' },
  ...{ state: 'open', reason: 'fraudulent', due_by: null },
};

const orderOf = (
  status: OrderHistory['order']['status'],
  history: readonly HistoryItem[] = [payment, suspense],
  owner: Pick<OrderHistory['order'], 'kind' | 'tenant_id'> = { kind: 'mall', tenant_id: null },
): OrderHistory => ({
  order: {
    ...{ order_no: 'mall-1', status, amount: '19.99', currency: 'CNY', provider: 'wechat' },
    ...{ transaction_id: '42-1', created_at: at, paid_at: at, refunded_amount: '0.00', exceptions: 1 },
    ...{ description: '', expires_at: null, closed_by: null, disputes: 0, ...owner },
  },
  history: [...history],
});

const suspenseAccount = 'suspense:wechat.1900000001';

describe('money in suspense', () => {
  it('goes back as far as it is left, from the account that has it', () => {
    expect(endingOf(exceptionOf({}), 'returned', orderOf('paid'))).toMatchObject({
      ...{ text: 'ending_returns', amount: '14.99', currency: 'CNY', from: suspenseAccount },
      isRefused: false,
    });
  });

  it('is foretold by the message where the order was not read', () => {
    expect(endingOf(exceptionOf({}), 'returned', null)).toMatchObject({ amount: '19.99' });
  });

  it('of which nothing is left returns nothing, and cannot be attributed', () => {
    const order = orderOf('paid', [payment, { ...suspense, refundable_amount: '0.00' }]);
    expect(endingOf(exceptionOf({}), 'returned', order)).toMatchObject({ text: 'ending_nothing_left' });
    expect(endingOf(exceptionOf({}), 'attributed', order)).toMatchObject({ isRefused: true });
  });

  it('of a disputed payment is not returned', () => {
    const ending = (state: 'open' | 'won') =>
      endingOf(exceptionOf({}), 'returned', orderOf('paid', [payment, suspense, { ...dispute, state }]));
    expect(ending('open')).toMatchObject({ text: 'ending_refused_disputed', isRefused: true });
    expect(ending('won')).toMatchObject({ text: 'ending_returns' });
  });

  it('becomes the owner’s of a paid order, and a tenant’s', () => {
    const booked = { text: 'ending_books', from: suspenseAccount, to: 'shop:mall', amount: '14.99' };
    expect(endingOf(exceptionOf({}), 'attributed', orderOf('paid'))).toMatchObject(booked);
    const ofTenant = orderOf('paid', [payment, suspense], { kind: 'tenant', tenant_id: 7 });
    expect(endingOf(exceptionOf({}), 'attributed', ofTenant)).toMatchObject({ ...booked, to: 'tenant:7' });
  });

  it('pays a closed order by its very amount alone', () => {
    const late = exceptionOf({ kind: 'paid_after_close', transaction_id: '42-1' });
    expect(endingOf(late, 'attributed', orderOf('closed', [payment]))).toMatchObject({
      ...{ text: 'ending_pays', amount: '19.99', to: 'shop:mall' },
    });
    const less = orderOf('closed', [{ ...payment, refundable_amount: '9.99' }]);
    expect(endingOf(late, 'attributed', less)).toMatchObject({ text: 'ending_refused_other_amount' });
  });

  it('cannot become the owner’s while the order takes payments', () => {
    const superseded = exceptionOf({ kind: 'paid_superseded' });
    expect(endingOf(superseded, 'attributed', orderOf('pending'))).toMatchObject({
      text: 'ending_refused_order_open',
    });
  });

  it.each(['written_off', 'dismissed'] as const)('stays there when it is %s', (resolution) => {
    expect(endingOf(exceptionOf({}), resolution, orderOf('paid'))).toMatchObject({
      ...{ text: 'ending_stays', from: suspenseAccount, amount: '14.99' },
    });
  });
});

describe('a mismatch', () => {
  const mismatch = exceptionOf({ kind: 'mismatch', fields: ['amount'], amount: '20.00' });

  it('is booked into suspense before it goes back', () => {
    expect(endingOf(mismatch, 'returned', orderOf('pending', []))).toMatchObject({
      ...{ text: 'ending_returns_unbooked', from: 'provider:wechat.1900000001', to: suspenseAccount },
      amount: '20.00',
    });
  });

  it('pays a closed order by its very amount alone', () => {
    const whole = exceptionOf({ kind: 'mismatch', fields: ['appid'] });
    expect(endingOf(whole, 'attributed', orderOf('closed'))).toMatchObject({
      ...{ text: 'ending_pays', from: 'provider:wechat.1900000001', to: 'shop:mall' },
    });
    expect(endingOf(mismatch, 'attributed', orderOf('closed'))).toMatchObject({ isRefused: true });
    expect(endingOf(whole, 'attributed', orderOf('pending'))).toMatchObject({
      text: 'ending_refused_order_open',
    });
  });

  it('closes its payment when it is given up, unless it is of a refund', () => {
    expect(endingOf(mismatch, 'dismissed', null).text).toBe('ending_closes_payment');
    expect(endingOf({ ...mismatch, refund_no: 'mall-1-r1' }, 'dismissed', null).text).toBe('ending_nothing');
  });

  it('of which no amount is known is neither returned nor attributed', () => {
    const unknown = { ...mismatch, amount: null };
    expect(endingOf(unknown, 'returned', null)).toMatchObject({ text: 'ending_refused_unknown' });
    expect(endingOf(unknown, 'attributed', null)).toMatchObject({ text: 'ending_refused_unknown' });
  });
});

describe('what has gone', () => {
  it('is booked out of the owner’s account', () => {
    const gone = exceptionOf({ kind: 'unknown_refund', refund_no: 're_1', amount: '5.00' });
    expect(endingOf(gone, 'attributed', orderOf('paid'))).toMatchObject({
      ...{ text: 'ending_books', amount: '5.00', from: 'shop:mall', to: suspenseAccount },
    });
  });

  it('in a dispute is nobody’s to bear before it is decided, nor when it is won', () => {
    const disputed = exceptionOf({ kind: 'disputed', refund_no: 'dp_1' });
    const ending = (state: 'open' | 'won' | 'lost') =>
      endingOf(disputed, 'attributed', orderOf('paid', [payment, { ...dispute, state }])).text;
    expect(ending('open')).toBe('ending_refused_dispute_open');
    expect(ending('won')).toBe('ending_nothing');
    expect(ending('lost')).toBe('ending_books');
  });
});

it.each(exceptionKinds)('a %s that is dismissed returns nothing', (kind) => {
  const ending = endingOf(exceptionOf({ kind }), 'dismissed', orderOf('paid'));
  expect(ending.text).toMatch(/^ending_(stays|closes_payment|nothing)$/);
});
