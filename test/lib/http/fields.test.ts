import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountText, bodyError, readAmount } from '../../../lib/http/fields.ts';

const yuan = { digits: 2, step: 1 };
const yen = { digits: 0, step: 1 };

/** The amount that a JSON number means, or what is wrong with it. */
function amountOf(number: string, format = yuan): number | string {
  const text = amountText.safeParse(JSON.parse(number));
  if (!text.success) return text.error.issues[0]?.message.split('\n')[0] ?? '';
  const amount = readAmount(text.data, format, 0, Number.MAX_SAFE_INTEGER);
  return typeof amount === 'number' ? amount : amount.wording.zh;
}

describe('an amount in a body', () => {
  it.each([
    ['1e2', yuan, 10_000],
    ['19.990000000000000001', yuan, 1999],
    ['19.99', yuan, 1999],
    ['1.999E1', yuan, 1999],
    ['100.000', yuan, 10_000],
    ['0', yuan, 0],
    ['0.01', yuan, 1],
    ['1e-2', yuan, 1],
    ['9007199254740991', yen, Number.MAX_SAFE_INTEGER],
  ])('of %s is exact', (number, format, amount) => {
    expect(amountOf(number, format)).toBe(amount);
  });

  it.each([
    ['1.005', yuan, '小数位数不能超过 2 位'],
    [String(0.1 + 0.2), yuan, '小数位数不能超过 2 位'],
    ['0.5', yen, '小数位数不能超过 0 位'],
    ['1e-6', yuan, '小数位数不能超过 2 位'],
    ['1e-7', yuan, '小数位数过多'],
    ['5e-324', yuan, '小数位数过多'],
    ['-0', yuan, '不能带负号'],
    ['-0.0', yuan, '不能带负号'],
    ['-1e-400', yuan, '不能带负号'],
    ['-19.99', yuan, '不能带负号'],
    ['-1e400', yuan, '须为数字'],
    ['90071992547409.92', yuan, '超出可表示的范围'],
    ['9007199254740991', yuan, '超出可表示的范围'],
    ['9007199254740992', yen, '超出可表示的范围'],
    ['9007199254740993', yen, '超出可表示的范围'],
    ['1e21', yen, '超出可表示的范围'],
    ['1e400', yen, '须为数字'],
    ['"1"', yuan, '须为数字'],
    ['null', yuan, '须为数字'],
    ['[1]', yuan, '须为数字'],
    ['{"rawJSON":"1"}', yuan, '须为数字'],
  ])('of %s is refused', (number, format, message) => {
    expect(amountOf(number, format)).toBe(message);
  });

  it('is refused when it is no number at all', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n])
      expect(amountText.safeParse(value).success).toBe(false);
  });

  it('of up to 15 digits is what was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (fen) => {
        const digits = String(fen).padStart(3, '0');
        expect(amountOf(`${digits.slice(0, -2)}.${digits.slice(-2)}`)).toBe(fen);
      }),
    );
  });
});

it('a body has no more of its unknown names looked at than are told', () => {
  const keys = Array.from({ length: 17 }, (_, index) => `field${index}`);
  Object.defineProperty(keys, 16, {
    get: () => {
      throw new Error('looked at');
    },
  });
  const error = bodyError([{ code: 'unrecognized_keys', keys, path: ['parts', 0], message: '' }]);
  expect(error.fields).toHaveLength(16);
});
