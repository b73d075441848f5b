import { expect, it } from 'vitest';
import { cashierState } from '../../../../../infra/local/console/page/cashier-state.ts';

it('is what the provider says of the payment', () => {
  expect(cashierState({ status: 'pending' }, 'paid')).toBe('paid');
  expect(cashierState({ status: 'refunded' }, 'paid')).toBe('paid');
  expect(cashierState({ status: 'pending' }, 'closed')).toBe('closed');
  expect(cashierState({ status: 'failed' }, 'failed')).toBe('payable');
  // Whoever kept the code can pay all the same.
  expect(cashierState({ status: 'closed' }, 'open')).toBe('payable');
});

it('is what the order says where the provider knows of no payment', () => {
  expect(cashierState({ status: 'pending' }, null)).toBe('payable');
  expect(cashierState({ status: 'closed' }, null)).toBe('closed');
  expect(cashierState({ status: 'refunding' }, null)).toBe('paid');
});
