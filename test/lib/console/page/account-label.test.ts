import { describe, expect, it } from 'vitest';
import { accountGroups, accountLabel, growsByDebit } from '../../../../lib/console/page/account-label.ts';
import { createText } from '../../../../lib/console/page/text.ts';

const text = createText('en');

it.each([
  ['shop:mall', 'Mall shop'],
  ['shop:meal', 'Meal shop'],
  ['tenant:7', 'Tenant 7'],
  ['suspense:wechat.1900000001', 'Suspense · WeChat Pay 1900000001'],
  ['provider:stripe.acct_1.live', 'Held by Stripe · acct_1.live'],
  ['fees:alipay.2021.2088', 'Fees · Alipay 2021.2088'],
  ['suspense:paypal.1', 'suspense:paypal.1'],
  ['shop:other', 'shop:other'],
])('%s is called %s', (account, label) => {
  expect(accountLabel(text, account)).toBe(label);
});

describe('the accounts to choose from', () => {
  const merchants = [{ provider: 'wechat', merchant: '1900000001' }] as const;

  it('are those of the shops, and three of each merchant', () => {
    expect(accountGroups(merchants, null)).toEqual([
      { group: 'owners', accounts: ['shop:mall', 'shop:meal'] },
      { group: 'suspense', accounts: ['suspense:wechat.1900000001'] },
      { group: 'provider', accounts: ['provider:wechat.1900000001'] },
      { group: 'fees', accounts: ['fees:wechat.1900000001'] },
    ]);
  });

  it('are a tenant’s own alone, where only that is reached', () => {
    expect(accountGroups([], 7)).toEqual([{ group: 'owners', accounts: ['tenant:7'] }]);
  });
});

it('what a provider holds or keeps grows by debits, what is owed by credits', () => {
  const accounts = ['provider:wechat.1', 'fees:wechat.1', 'suspense:wechat.1', 'shop:mall', 'tenant:7'];
  expect(accounts.map(growsByDebit)).toEqual([true, true, false, false, false]);
});
