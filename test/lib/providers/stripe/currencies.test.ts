import { describe, expect, it } from 'vitest';
import { parseAmount } from '../../../../lib/money.ts';
import { stripeCurrencies, stripeFacts } from '../../../../lib/providers/stripe/facts.ts';

const parse = (text: string, currency: string) =>
  parseAmount(text, stripeCurrencies[currency] ?? { digits: -1, step: 0 });

describe('the least and the most that Stripe takes', () => {
  it.each([
    ['USD', 50, 99_999_999],
    ['GBP', 30, 99_999_999],
    ['HUF', 17_500, 99_999_999],
    ['JPY', 50, 99_999_999],
    ['IDR', 50, 999_999_999_999],
    ['CNY', 1, 99_999_999],
  ])('of %s', (currency, least, most) => {
    expect(stripeFacts.amounts(currency)).toEqual({ least, most });
  });
});

describe('stripeCurrencies', () => {
  it.each([
    ['19.99', 'USD', 1999],
    ['19.99', 'CNY', 1999],
    ['10.45', 'HUF', 1045],
    ['500', 'JPY', 500],
    ['5', 'ISK', 500],
    ['5', 'UGX', 500],
    ['5.12', 'KWD', 5120],
  ])('counts %s %s as %i', (text, currency, amount) => {
    expect(parse(text, currency)).toBe(amount);
  });

  it.each([
    ['19.999', 'USD'],
    ['500.5', 'JPY'],
    ['5.5', 'ISK'],
    ['5.01', 'UGX'],
    ['5.124', 'KWD'],
  ])('refuses %s %s', (text, currency) => {
    expect(() => parse(text, currency)).toThrow(expect.objectContaining({ name: 'AmountError' }));
  });

  it('knows each zero-decimal and three-decimal currency', () => {
    const codesWith = (digits: number) =>
      Object.keys(stripeCurrencies).filter((code) => stripeCurrencies[code]?.digits === digits);
    expect(codesWith(0).join(' ')).toBe('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF');
    expect(codesWith(3).join(' ')).toBe('BHD JOD KWD OMR TND');
    expect(codesWith(2).length).toBeGreaterThan(110);
    expect(Object.keys(stripeCurrencies).every((code) => /^[A-Z]{3}$/.test(code))).toBe(true);
  });

  it.each(['constructor', '__proto__', 'toString', 'usd', 'XXX', ''])('does not know %j', (code) => {
    expect(stripeCurrencies[code]).toBeUndefined();
  });
});
