import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import {
  absentUntil,
  afterDeadline,
  nextAnnouncement,
  nextCheck,
  nextPaymentCheck,
  paymentExpiry,
} from '../../../lib/orders/schedule.ts';
import { NOW } from '../../support/orders.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('a check', () => {
  it.each([
    [0, MINUTE],
    [2 * MINUTE, MINUTE],
    [2 * MINUTE + 2, MINUTE + 1],
    [HOUR, HOUR / 2],
    [12 * HOUR, 6 * HOUR],
    [100 * HOUR, 6 * HOUR],
  ])('of what waits for %i ms is made again %i ms later', (waited, later) => {
    expect(nextCheck(isoTime(NOW - waited), NOW)).toBe(NOW + later);
  });

  it('of what a bad write has left without a time is put off as any other', () => {
    expect(nextCheck('never', NOW)).toBe(NOW + 6 * HOUR);
  });

  it.each([
    ['soon', 1 * MINUTE, NOW + MINUTE],
    ['one second after the payment is over', 3 * HOUR, NOW + HOUR + SECOND],
  ])('of a payment comes %s', (_, waited, next) => {
    const payment = { begun_at: isoTime(NOW - waited), expires_at: isoTime(NOW + HOUR) };
    expect(nextPaymentCheck(payment, NOW)).toBe(next);
  });

  it('of a payment comes soon after absent means closed', () => {
    const payment = { begun_at: isoTime(NOW - 12 * HOUR), expires_at: isoTime(NOW - SECOND) };
    expect(nextPaymentCheck(payment, NOW)).toBe(NOW + 5 * MINUTE + 12 * SECOND);
    expect(nextPaymentCheck(payment, NOW + 6 * MINUTE)).toBeGreaterThan(NOW + 6 * HOUR);
  });

  it('is never due before it can be made, nor more than six hours later', () => {
    const times = fc.integer({ min: -1_000 * HOUR, max: 1_000 * HOUR });
    fc.assert(
      fc.property(fc.nat(1_000 * HOUR), times, (age, expiry) => {
        const payment = { begun_at: isoTime(NOW - age), expires_at: isoTime(NOW + expiry) };
        const next = nextPaymentCheck(payment, NOW);
        expect(next).toBeGreaterThan(NOW);
        expect(next).toBeLessThanOrEqual(NOW + 6 * HOUR);
      }),
    );
  });
});

describe('a payment', () => {
  it('that its provider does not hold may arrive until clocks and our own patience have passed', () => {
    expect(absentUntil({ expires_at: isoTime(NOW) })).toBe(NOW + 5 * MINUTE + 12 * SECOND);
  });

  it('ends as late as its provider takes it, and no later than its order', () => {
    expect(paymentExpiry(NOW, 2 * HOUR, null)).toBe(isoTime(NOW + 2 * HOUR));
    expect(paymentExpiry(NOW, 2 * HOUR, isoTime(NOW + HOUR))).toBe(isoTime(NOW + HOUR));
    expect(paymentExpiry(NOW, 2 * HOUR, isoTime(NOW + 3 * HOUR))).toBe(isoTime(NOW + 2 * HOUR));
  });
});

it('a deadline is looked after once it has surely passed', () => {
  expect(afterDeadline(isoTime(NOW))).toBe(NOW + SECOND);
});

it.each([
  [0, 5 * MINUTE],
  [10 * MINUTE + 2, 5 * MINUTE + 1],
  [HOUR, HOUR / 2],
  [25 * HOUR, HOUR],
])('an announcement that has waited %i ms is tried again %i ms later', (waited, later) => {
  expect(nextAnnouncement(NOW - waited, NOW)).toBe(NOW + later);
});
