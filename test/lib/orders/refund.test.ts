import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RefundStatus } from '../../../lib/orders/kinds.ts';
import {
  moveRefund,
  orderOfRefund,
  parseRefundNumber,
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
    expect(orderOfRefund(refund_no)).not.toBe('mall-1');
  });

  it.each([
    ['mall-1-r1', 'mall-1'],
    ['x1meal-12-r30', 'x1meal-12'],
    [`p${'0'.repeat(26)}-r999999999`, `p${'0'.repeat(26)}`],
    ['mall-12', null],
    ['mall-1-r01', null],
    ['mall-1-r1x', null],
    ['mall-1-r1000000000', null],
    ['mall-1-2-r1', null],
    ['mall-1-r1-r1', null],
    ['shop-1-r1', null],
    ['\nmall-1-r1', null],
    ['mall-1-r1\n', null],
    ['-r1', null],
    ['', null],
  ])('as %j may be of %j', (refund_no, order_no) => {
    expect(orderOfRefund(refund_no)).toBe(order_no);
  });
});

describe('moving a refund', () => {
  const holder = { amount: 1000, reserved: 300, refunded: 400, returned: 50 };

  it.each<[RefundStatus | null, RefundStatus, number, number]>([
    [null, 'open', 500, 400],
    ['open', 'succeeded', 100, 600],
    ['open', 'failed', 100, 400],
    ['succeeded', 'failed', 300, 200],
    ['failed', 'succeeded', 300, 600],
    ['open', 'open', 300, 400],
  ])('of 200 from %s to %s leaves %i reserved and %i refunded', (from, to, reserved, refunded) => {
    expect(moveRefund(holder, 200, from, to)).toEqual({ reserved, refunded });
  });

  it('leaves the rest', () => {
    expect(refundableRest(holder)).toBe(250);
  });

  it('to and fro changes nothing, and money is never made or lost', () => {
    const states = fc.constantFrom<RefundStatus>('open', 'succeeded', 'failed');
    fc.assert(
      fc.property(fc.array(states), fc.nat(), (path, amount) => {
        let at: RefundStatus = 'open';
        let held = { amount: 10, reserved: amount, refunded: 0, returned: 0 };
        for (const to of path) {
          held = { ...held, ...moveRefund(held, amount, at, to) };
          at = to;
          expect(held.reserved + held.refunded).toBe(at === 'failed' ? 0 : amount);
        }
      }),
    );
  });
});

describe('a paid order', () => {
  it.each([
    [0, 0, 0, 'paid'],
    [0, 999, 0, 'paid'],
    [0, 1000, 0, 'refunded'],
    [0, 0, 1000, 'refunded'],
    [0, 400, 600, 'refunded'],
    [0, 400, 599, 'paid'],
    [1, 0, 0, 'refunding'],
    [1, 999, 0, 'refunding'],
    [1000, 0, 0, 'refunding'],
  ])(
    'of 1000 with %i reserved, %i refunded and %i returned is %s',
    (reserved, refunded, returned, status) => {
      expect(refundedStatus({ amount: 1000, reserved, refunded, returned })).toBe(status);
    },
  );
});
