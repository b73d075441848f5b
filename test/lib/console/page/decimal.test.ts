import fc from 'fast-check';
import { expect, it } from 'vitest';
import { negated, sumOfDecimals, withoutZeros } from '../../../../lib/console/page/decimal.ts';
import { isNothing } from '../../../../lib/console/page/format.ts';

it.each([
  [[], '0'],
  [['0.10', '0.20'], '0.30'],
  [['19.99', '0.00004'], '19.99004'],
  [['5.00', '-7.50'], '-2.50'],
  [['-0.30', '0.10'], '-0.20'],
  [['100', '20'], '120'],
  [['9007199254740993.01', '0.01'], '9007199254740993.02'],
])('%j add up to %s', (texts, sum) => {
  expect(sumOfDecimals(texts)).toBe(sum);
});

it('a text and its negation are nothing together', () => {
  const decimal = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.stringMatching(/^\d{1,5}$/))
    .map(([whole, fraction]) => `${whole}.${fraction}`);
  fc.assert(fc.property(decimal, (text) => isNothing(sumOfDecimals([text, negated(text)]))));
});

it.each([
  ['7407.83000', '7407.83'],
  ['0.12500', '0.125'],
  ['-0.00030', '-0.0003'],
  ['12.000', '12'],
  ['100', '100'],
  ['5.00', '5'],
])('%s is %s without three zeros at its end', (text, shorter) => {
  expect(withoutZeros(text, 3)).toBe(shorter);
});
