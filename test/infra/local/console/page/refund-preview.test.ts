import { expect, it } from 'vitest';
import { previewRefund } from '../../../../../infra/local/console/page/refund-preview.ts';

it('says what goes back and what is left, in the decimals of the currency', () => {
  expect(previewRefund('3', '8.80')).toEqual({ amount: '3.00', left: '5.80' });
  expect(previewRefund(' 8.8 ', '8.80')).toEqual({ amount: '8.80', left: '0.00' });
  expect(previewRefund('500', '1200')).toEqual({ amount: '500', left: '700' });
  expect(previewRefund('90071992547409.91', '90071992547409.91')?.left).toBe('0.00');
});

it.each(['', '0', '0.00', '-1', '8.81', '1.005', '1e1', '1,000', 'all'])('takes no %j of 8.80', (typed) => {
  expect(previewRefund(typed, '8.80')).toBeNull();
});

it('takes no part of a yen', () => {
  expect(previewRefund('1.5', '1200')).toBeNull();
});
