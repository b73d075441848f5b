import { describe, expect, it } from 'vitest';
import { providers, shopKinds } from '../../../lib/orders/kinds.ts';
import {
  feesAccount,
  isMerchantName,
  isSuspenseAccount,
  ownerAccount,
  parseAccount,
  parseOwner,
  providerAccount,
  strangerMerchant,
  suspenseAccount,
} from '../../../lib/orders/ledger.ts';
import { merchantNames } from '../../support/orders.ts';

describe('an account', () => {
  it.each([
    ['tenant:7', { tenant_id: 7 }],
    [`tenant:${Number.MAX_SAFE_INTEGER}`, { tenant_id: Number.MAX_SAFE_INTEGER }],
    ['shop:mall', {}],
    ['shop:meal', {}],
    ['provider:wechat.1900000001', { merchant: { provider: 'wechat', merchant: '1900000001' } }],
    [
      'provider:alipay.2021000000000001.2088000000000001',
      { merchant: { provider: 'alipay', merchant: '2021000000000001.2088000000000001' } },
    ],
    [
      'provider:stripe.acct_1Settle.live',
      { merchant: { provider: 'stripe', merchant: 'acct_1Settle.live' } },
    ],
    [
      'suspense:stripe.acct_1Settle.test',
      { merchant: { provider: 'stripe', merchant: 'acct_1Settle.test' } },
    ],
    ['fees:wechat.1900000001', { merchant: { provider: 'wechat', merchant: '1900000001' } }],
  ])('can be %s', (name, keptFor) => {
    expect(parseAccount(name)).toEqual({ name, tenant_id: null, merchant: null, ...keptFor });
  });

  it.each([
    '',
    'tenant:',
    'tenant:0',
    'tenant:07',
    'tenant:-1',
    'tenant:1.0',
    'tenant:7#',
    'tenant:7\n',
    ' tenant:7',
    'TENANT:7',
    'tenant:9007199254740993',
    'shop:7',
    'shop:',
    'shop:tenant',
    'provider:paypal.1',
    'provider:wechat',
    'provider:wechat.',
    'provider:wechat.1#2',
    `provider:wechat.${'1'.repeat(131)}`,
    'provider:',
    'suspense',
    'constructor',
    '__proto__',
  ])('cannot be %j', (name) => {
    expect(parseAccount(name)).toBeNull();
  });

  it('of each provider, shop and tenant is one that can be asked for', () => {
    const names = [
      ...providers.map((provider) => ({ provider, merchant: merchantNames[provider] })).map(providerAccount),
      ...providers.map((provider) => ({ provider, merchant: merchantNames[provider] })).map(suspenseAccount),
      ...shopKinds.map((kind) => ownerAccount({ kind })),
      ownerAccount({ kind: 'tenant', tenant_id: 12 }),
    ];
    expect(new Set(names).size).toBe(2 * providers.length + shopKinds.length + 1);
    for (const name of names) expect(parseAccount(name)?.name).toBe(name);
  });

  it('is one merchant’s', () => {
    const merchant = { provider: 'wechat', merchant: '1900000001' } as const;
    expect(providerAccount(merchant)).toBe('provider:wechat.1900000001');
    expect(suspenseAccount(merchant)).toBe('suspense:wechat.1900000001');
    expect(feesAccount(merchant)).toBe('fees:wechat.1900000001');
  });

  it('in suspense is told from others', () => {
    expect(isSuspenseAccount('suspense:wechat.1900000001')).toBe(true);
    expect(['provider:wechat.1', 'tenant:7', 'shop:mall'].filter(isSuspenseAccount)).toEqual([]);
  });
});

it('a stranger’s name says whose key was used and who was named, and is no merchant’s', () => {
  const stranger = strangerMerchant('1900000001', '1900000002');
  expect(stranger).toBe('1900000001/1900000002');
  expect(isMerchantName(stranger)).toBe(false);
  expect(Object.values(merchantNames).every(isMerchantName)).toBe(true);
});

describe('the owner that an account is kept for', () => {
  it.each([
    ['tenant:7', { kind: 'tenant', tenant_id: 7 }],
    ['shop:mall', { kind: 'mall', tenant_id: null }],
    ['shop:meal', { kind: 'meal', tenant_id: null }],
    ['shop:paper', null],
    ['shop', null],
    ['provider:wechat.1900000001', null],
    ['suspense:wechat.mall', null],
  ])('%s', (account, owner) => {
    expect(parseOwner(account)).toEqual(owner);
  });
});
