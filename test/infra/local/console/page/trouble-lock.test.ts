import { expect, it } from 'vitest';
import { lockOf } from '../../../../../infra/local/console/page/trouble-lock.ts';

const anytime = { needsPending: false };
const early = { needsPending: true };
const late = { needsPending: false, needsPaid: true };

it('gives the reason that holds', () => {
  expect(lockOf(early, 'open', { status: 'pending' })).toBeNull();
  expect(lockOf(early, 'failed', { status: 'failed' })).toBeNull();
  expect(lockOf(early, 'paid', { status: 'paid' })).toBe('needs_unpaid');
  expect(lockOf(early, 'open', { status: 'closed' })).toBe('needs_payable');
  expect(lockOf(late, 'open', { status: 'pending' })).toBe('needs_paid');
  expect(lockOf(late, 'paid', { status: 'paid' })).toBeNull();
  expect(lockOf(anytime, 'paid', { status: 'refunded' })).toBeNull();
});

it.each([anytime, early, late])('says of a closed payment that it is closed: %j', (needs) => {
  expect(lockOf(needs, 'closed', { status: 'pending' })).toBe('payment_closed');
});
