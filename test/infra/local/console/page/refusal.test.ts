import { expect, it } from 'vitest';
import { afterChange } from '../../../../../infra/local/console/page/refusal.ts';

const refusal = { message: 'wrong', fields: ['amount', 'currency'] };

it('is gone once each field that it names was changed', () => {
  const first = afterChange(refusal, 'amount');
  expect(first).toEqual({ message: 'wrong', fields: ['currency'] });
  expect(afterChange(first, 'note')).toEqual(first);
  expect(afterChange(first, 'currency')).toBeNull();
});

it('that names no field is gone with any change', () => {
  expect(afterChange({ message: 'no answer', fields: [] }, 'amount')).toBeNull();
  expect(afterChange(null, 'amount')).toBeNull();
});
