import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  moveRefund,
  parseRefundNumber,
  type RefundStatus,
  refundableRest,
  refundedStatus,
  refundNumber,
} from '../../../lib/orders/refund.ts';

describe('refund numbers', () => {
  it('name one refund of one order', () => {
    expect(refundNumber('mall-1', 2)).toBe('mall-1-r2');
    fc.assert(
      fc.property(fc.constantFrom('mall-1', 'meal-12'), fc.integer({ min: 1, max: 999_999_999 }), (no, n) => {
        expect(parseRefundNumber(refundNumber(no, n), no)).toBe(n);
        expect(parseRefundNumber(refundNumber(no, n), 'mall-12')).toBeNull();
      }),
    );
  });

  it.each([
    '',
    'mall-1',
    'mall-1-r',
    'mall-1-r0',
    'mall-1-r01',
    'mall-1-r1x',
    'mall-1-r-1',
    'mall-1-r1000000000',
    'mall-1-r1\n',
    'mall-1-2-r1',
    'xmall-1-r1',
    'meal-1-r1',
    'mall-1x-r1',
  ])('of mall-1 are none of the form %j', (refund_no) => {
    expect(parseRefundNumber(refund_no, 'mall-1')).toBeNull();
  });
});

describe('moving a refund', () => {
  const holder = { amount: 1000, reserved: 300, refunded: 400, kept: true };

  it.each<[RefundStatus | 'none', RefundStatus, number, number]>([
    ['none', 'open', 500, 400],
    ['open', 'succeeded', 100, 600],
    ['open', 'failed', 100, 400],
    ['succeeded', 'failed', 300, 200],
    ['failed', 'succeeded', 300, 600],
    ['open', 'open', 300, 400],
  ])('of 200 from %s to %s leaves %i reserved and %i refunded', (from, to, reserved, refunded) => {
    expect(moveRefund(holder, 200, from, to)).toEqual({ amount: 1000, reserved, refunded, kept: true });
  });

  it('leaves the rest', () => {
    expect(refundableRest(holder)).toBe(300);
  });

  it('to and fro changes nothing, and money is never made or lost', () => {
    const states = fc.constantFrom<RefundStatus>('open', 'succeeded', 'failed');
    fc.assert(
      fc.property(fc.array(states), fc.nat(), (path, amount) => {
        let at: RefundStatus = 'open';
        let held = { amount: 10, reserved: amount, refunded: 0 };
        for (const to of path) {
          held = moveRefund(held, amount, at, to);
          at = to;
          expect(held.reserved + held.refunded).toBe(at === 'failed' ? 0 : amount);
        }
      }),
    );
  });
});

describe('a paid order', () => {
  it.each([
    [0, 0, 'paid'],
    [0, 999, 'paid'],
    [0, 1000, 'refunded'],
    [1, 0, 'refunding'],
    [1, 999, 'refunding'],
    [1000, 0, 'refunding'],
  ])('of 1000 with %i reserved and %i refunded is %3$s', (reserved, refunded, status) => {
    expect(refundedStatus({ amount: 1000, reserved, refunded })).toBe(status);
  });
});
