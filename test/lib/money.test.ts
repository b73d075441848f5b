import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AmountError, formatAmount, parseAmount } from '../../lib/money.ts';

const yuan = { digits: 2, step: 1 };
const yen = { digits: 0, step: 1 };
const dinar = { digits: 3, step: 10 };
const krona = { digits: 2, step: 100 };

describe('parseAmount', () => {
  it.each([
    ['19.99', yuan, 1999],
    ['0.3', yuan, 30],
    ['0.01', yuan, 1],
    ['0', yuan, 0],
    ['100.00', yuan, 10000],
    ['100.000', yuan, 10000],
    ['1.23000', yuan, 123],
    ['90071992547409.91', yuan, Number.MAX_SAFE_INTEGER],
    ['500', yen, 500],
    ['500.0', yen, 500],
    ['1.23', dinar, 1230],
    ['5', krona, 500],
  ])('reads %s exactly', (text, format, amount) => {
    expect(parseAmount(text, format)).toBe(amount);
  });

  it.each([
    ['1.005', yuan],
    ['0.30000000000000004', yuan],
    ['1e2', yuan],
    ['1e+21', yuan],
    ['NaN', yuan],
    ['Infinity', yuan],
    ['-0', yuan],
    ['-1', yuan],
    ['+1', yuan],
    ['１２', yuan],
    ['1,000', yuan],
    ['01', yuan],
    ['.5', yuan],
    ['5.', yuan],
    ['', yuan],
    [' 1', yuan],
    ['1\n', yuan],
    ['0x10', yuan],
    ['90071992547409.92', yuan],
    ['9007199254740993', yen],
    ['0.5', yen],
    ['1.234', dinar],
    ['5.5', krona],
  ])('refuses %j', (text, format) => {
    expect(() => parseAmount(text, format)).toThrow(expect.objectContaining({ name: 'AmountError' }));
  });

  it('reads back every amount that it writes', () => {
    const amounts = fc.maxSafeNat();
    const formats = fc.constantFrom(yuan, yen, { digits: 3, step: 1 });
    fc.assert(
      fc.property(amounts, formats, (amount, format) => {
        const text = formatAmount(amount, format);
        return text.length > 16 + 1 + format.digits || parseAmount(text, format) === amount;
      }),
    );
  });

  it('has no answer but an amount or its own error, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          return Number.isSafeInteger(parseAmount(text, yuan));
        } catch (error) {
          return error instanceof AmountError;
        }
      }),
    );
  });
});

describe('formatAmount', () => {
  it.each([
    [0, yuan, '0.00'],
    [5, yuan, '0.05'],
    [1999, yuan, '19.99'],
    [500, yen, '500'],
    [1230, dinar, '1.230'],
  ])('writes %d with all decimals', (amount, format, text) => {
    expect(formatAmount(amount, format)).toBe(text);
  });
});
