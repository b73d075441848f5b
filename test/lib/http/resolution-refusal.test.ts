import { describe, expect, it } from 'vitest';
import { refusalError } from '../../../lib/http/resolution-refusal.ts';
import type { Refused } from '../../../lib/orders/resolution.ts';

const outcomes: readonly Exclude<Refused['outcome'], 'not_allowed' | 'not_found'>[] = [
  'already_resolved',
  'nothing_left',
  'already_booked',
  'not_booked',
  'never_owned',
  'disputed',
  'order_open',
  'other_amount',
  'amount_unknown',
  'dispute_open',
];

describe('why an end was refused', () => {
  it.each(outcomes)('advises no end that the exception may not have: %s', (outcome) => {
    const { statusCode, wording } = refusalError({ outcome });
    expect(statusCode).toBe(409);
    // Any of these can be given up; attributed or returned is money of some kinds alone.
    for (const words of Object.values(wording)) expect(words).not.toMatch(/(attributed|returned)$/);
  });
});
