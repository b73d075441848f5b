import { expect, it } from 'vitest';
import { displayedAmount } from '../../../../../infra/local/simulators/payer/displayed-amount.ts';

it.each([
  ['wechat', 'CNY', 1, '¥0.01', 'CN¥0.01'],
  ['alipay', 'CNY', 123_456_789, '¥1,234,567.89', 'CN¥1,234,567.89'],
  ['stripe', 'USD', 123_450, 'US$1,234.50', '$1,234.50'],
  ['stripe', 'JPY', 1_234_567, 'JP¥1,234,567', '¥1,234,567'],
  ['stripe', 'KWD', 1_234_560, 'KWD 1,234.560', 'KWD 1,234.560'],
  // Sent in hundredths of what has none.
  ['stripe', 'UGX', 123_400, 'UGX 1,234.00', 'UGX 1,234.00'],
  ['stripe', 'IDR', 999_999_999_999, 'IDR 9,999,999,999.99', 'IDR 9,999,999,999.99'],
  // Not the provider's: its unit is not known.
  ['wechat', 'USD', 1234, '1234 USD', '1234 USD'],
] as const)('writes an amount of %s in %s as people do: %d', (provider, currency, amount, zh, en) => {
  const written = (language: 'zh' | 'en') =>
    displayedAmount({ provider, currency, amount }, language).replaceAll('\u00a0', ' ');
  expect([written('zh'), written('en')]).toEqual([zh, en]);
});
