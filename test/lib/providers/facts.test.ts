import { describe, expect, it } from 'vitest';
import { fits } from '../../../lib/http/fields.ts';
import { providers } from '../../../lib/orders/kinds.ts';
import { MAX_PAYMENTS, paymentNumber, tenantOrderNumber } from '../../../lib/orders/order-number.ts';
import { refundNumber } from '../../../lib/orders/refund.ts';
import { amountText, billFacts, countedAmountText, providerFacts } from '../../../lib/providers/facts.ts';
import { callbackPath } from '../../../lib/providers/provider.ts';

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

describe('what of ours is sent to a provider', () => {
  const order_no = tenantOrderNumber(0, (size) => Buffer.alloc(size), 'x1');

  it.each(providers)('is never longer than %s takes', (provider) => {
    const longest = {
      payment_no: paymentNumber(order_no, MAX_PAYMENTS),
      refund_no: refundNumber(order_no, 999_999_999),
      notify_url: `${'https://'.padEnd(200, 'a')}${callbackPath(provider, Number.MAX_SAFE_INTEGER)}`,
    };
    const { payment_no, refund_no, notify_url } = providerFacts[provider].texts;
    expect(payment_no && fits(longest.payment_no, payment_no)).toBe(true);
    expect(refund_no && fits(longest.refund_no, refund_no)).toBe(true);
    expect(notify_url === null || fits(longest.notify_url, notify_url)).toBe(true);
  });

  it('is counted in bytes at WeChat Pay', () => {
    const { description } = providerFacts.wechat.texts;
    expect(description && fits(`${'咖'.repeat(42)}x`, description)).toBe(true);
    expect(description && fits(`${'咖'.repeat(42)}é`, description)).toBe(false);
  });
});

it.each([
  ['wechat', '微信支付'],
  ['alipay', '支付宝'],
  ['stripe', 'Stripe'],
] as const)('%s is what people know as %s', (provider, label) => {
  expect(providerFacts[provider].label).toBe(label);
});

it('WeChat Pay takes a fen and more', () => {
  expect(providerFacts.wechat.amounts('CNY')).toEqual({ least: 1, most: Number.MAX_SAFE_INTEGER });
});

it.each([
  ['wechat', true],
  ['alipay', true],
  ['stripe', false],
] as const)('whether %s takes money for a number whose payment failed: %s', (provider, expected) => {
  expect(providerFacts[provider].limits.failedCanBePaid).toBe(expected);
});

it('a bill of WeChat Pay is a merchant’s', () => {
  expect(billFacts.wechat.accountOf('1230000109')).toBe('1230000109');
});
describe('Alipay', () => {
  const { amounts, bill, limits, texts } = providerFacts.alipay;

  it('takes a payment within six days, one that failed too', () => {
    const longest_ms = 6 * 24 * 3_600_000;
    expect(limits).toEqual({ longest_ms, shortest_ms: 60_000, failedCanBePaid: true });
  });

  it('takes from a fen to 100 million yuan', () => {
    expect(amounts('CNY')).toEqual({ least: 1, most: 10_000_000_000 });
  });

  it('has one bill of a seller, whichever of its apps was paid in', () => {
    for (const appId of ['2021000122671080', '2021000000000000'])
      expect(bill.accountOf(`${appId}.2088101122136241`)).toBe('2088101122136241');
  });

  it.each([
    ['payment_no', 64, 'characters'],
    ['refund_no', 64, 'characters'],
    ['notify_url', 256, 'characters'],
    ['description', 256, 'characters'],
    ['reason', 256, 'bytes'],
  ] as const)('takes a %s of at most %i %s', (text, most, unit) => {
    expect(texts[text]).toEqual({ most, unit });
  });
});

describe('Stripe', () => {
  const { bill, limits, texts } = providerFacts.stripe;

  it('takes a payment within a day but for what its clock may be behind, and none that failed', () => {
    const longest_ms = (24 * 60 - 5) * 60_000;
    expect(limits).toEqual({ longest_ms, shortest_ms: 30 * 60_000, failedCanBePaid: false });
  });

  it('has a bill of each side of an account, which lists what is not paid yet', () => {
    expect(bill.accountOf('acct_1SettleParty.test')).toBe('acct_1SettleParty.test');
    expect(bill).toMatchObject({ listsUnpaid: true });
  });

  it.each([
    ['payment_no', { most: 200, unit: 'characters' }],
    ['refund_no', { most: 200, unit: 'characters' }],
    ['description', { most: 250, unit: 'characters' }],
    ['notify_url', null],
    ['reason', null],
  ] as const)('takes a %s of %j', (text, limit) => {
    expect(texts[text]).toEqual(limit);
  });
});

it.each([
  ['wechat', '微信支付'],
  ['alipay', '支付宝'],
  ['stripe', 'Stripe'],
] as const)('people call %s %s', (provider, label) => {
  expect(providerFacts[provider].label).toBe(label);
});
