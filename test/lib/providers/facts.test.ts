import { describe, expect, it } from 'vitest';
import { amountText, countedAmountText } from '../../../lib/providers/facts.ts';

const counted = { amount: 1999, currency: 'CNY', provider: 'alipay' } as const;

describe('the text of an amount', () => {
  it('has the decimals by which its provider counts the currency', () => {
    expect(amountText(counted)).toBe('19.99');
    expect(amountText({ ...counted, amount: 0 })).toBe('0.00');
    expect(amountText({ amount: 500, currency: 'JPY', provider: 'stripe' })).toBe('500');
  });

  it.each([{ amount: null }, { currency: null }, { provider: null }, { currency: 'JPY' }, { currency: '' }])(
    'is none with %j',
    (change) => {
      expect(amountText({ ...counted, ...change })).toBeNull();
    },
  );
});

describe('the text of an amount that was counted', () => {
  it('is that of any', () => {
    expect(countedAmountText(counted)).toBe('19.99');
  });

  it('is not guessed in a currency that the provider does not take', () => {
    expect(() => countedAmountText({ ...counted, currency: 'JPY' })).toThrow('does not take');
  });
});
