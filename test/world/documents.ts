import { createHmac } from 'node:crypto';
import { type Keys, wechatKeyId } from './keys.ts';
import { type AlipayMerchant, alipayMerchantName } from './providers/alipay.ts';
import type { ProviderName } from './providers/books.ts';
import { type StripeAccount, stripeMerchantName } from './providers/stripe/forms.ts';
import type { WechatMerchant } from './providers/wechat/forms.ts';

/** Who is paid in this world, and what the stage's documents say of it. */

export const appid = 'wx1234567890abcdef';
/** A second program of the same merchants. */
export const otherAppid = 'wxfedcba0987654321';
export const publicUrl = 'https://pay.example.com';
export const TABLE_NAME = 'settle-test';
export const wecomKey = 'robot-key-never-to-be-told';

/** The tenant that can have merchants of its own; one that is registered as paid to the stage; others are not. */
export const OWN_TENANT = 2;
export const STAGE_TENANT = 3;

/** Whose a merchant is. Each has two at a provider, one of them at a time. */
export type Owner = 'stage' | 'tenant';

type Pair<T> = readonly [T, T];

export const wechatOf: Readonly<Record<Owner, Pair<WechatMerchant>>> = {
  stage: [
    {
      mchid: '1900000109',
      appids: [appid, otherAppid],
      serial_no: '1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C',
      apiv3_key: 'first-apiv3-key-of-thirty-two-by',
      tenant_id: null,
    },
    {
      mchid: '1900007291',
      appids: [appid, otherAppid],
      serial_no: '7777D5CFBD9E1E1B0A0D5F0D0A4F1B5A3C6E9F10',
      apiv3_key: 'other-apiv3-key-of-thirty-two-by',
      tenant_id: null,
    },
  ],
  tenant: [
    {
      mchid: '1900020001',
      appids: ['wx2222222222222222'],
      serial_no: '2222D5CFBD9E1E1B0A0D5F0D0A4F1B5A3C6E9F10',
      apiv3_key: 'third-apiv3-key-of-thirty-two-by',
      tenant_id: OWN_TENANT,
    },
    {
      mchid: '1900020002',
      appids: ['wx2222222222222222'],
      serial_no: '3333D5CFBD9E1E1B0A0D5F0D0A4F1B5A3C6E9F10',
      apiv3_key: 'forth-apiv3-key-of-thirty-two-by',
      tenant_id: OWN_TENANT,
    },
  ],
};

/** What opens the API of a program. */
export const appSecrets: ReadonlyMap<string, string> = new Map([
  [appid, '0123456789abcdef0123456789abcdef'],
  [otherAppid, 'fedcba9876543210fedcba9876543210'],
]);

/** The stage's second merchant has none of its second program. */
const secretOf = (mchid: string, name: string) => {
  const secret = mchid === wechatOf.stage[1].mchid && name === otherAppid ? undefined : appSecrets.get(name);
  return secret === undefined ? {} : { secret };
};

const alipayOf: Readonly<Record<Owner, Pair<AlipayMerchant>>> = {
  stage: [
    { app_id: '2021000122671234', seller_id: '2088102147948060', key: 0 },
    { app_id: '2021000199999999', seller_id: '2088102147940000', key: 1 },
  ],
  tenant: [
    { app_id: '2021000222220001', seller_id: '2088102222220001', key: 2 },
    { app_id: '2021000222220002', seller_id: '2088102222220002', key: 3 },
  ],
};

const accountOf = (n: number, word: string, tenant_id: number | null): StripeAccount => ({
  account: `acct_1Wrld0000000000${n}`,
  livemode: false,
  secret_key: `sk_test_${word}_key_of_the_world`,
  webhook_secret: `whsec_${word}_secret_of_the_world`,
  tenant_id,
});

export const stripeOf: Readonly<Record<Owner, Pair<StripeAccount>>> = {
  stage: [accountOf(1, 'first', null), accountOf(2, 'other', null)],
  tenant: [accountOf(3, 'third', OWN_TENANT), accountOf(4, 'forth', OWN_TENANT)],
};

export const wechatMerchants = [...wechatOf.stage, ...wechatOf.tenant];
export const alipayMerchants = [...alipayOf.stage, ...alipayOf.tenant];
export const stripeAccounts = [...stripeOf.stage, ...stripeOf.tenant];

/** What signs the flat bodies of a merchant's relay. */
export const callbackKeyOf = (provider: ProviderName, merchant: string) =>
  `${provider}-relay-key-of-${merchant}-0123456789`;

export function merchantName(provider: ProviderName, owner: Owner, which: 0 | 1): string {
  if (provider === 'wechat') return wechatOf[owner][which].mchid;
  if (provider === 'alipay') return alipayMerchantName(alipayOf[owner][which]);
  return stripeMerchantName(stripeOf[owner][which]);
}

/** Where a merchant's messages are to come in. */
export const addressOf = (provider: ProviderName, merchant: string): string => {
  const isTenants = ([0, 1] as const).some((which) => merchantName(provider, 'tenant', which) === merchant);
  return `/api/pay/callback/${provider}${isTenants ? `/${OWN_TENANT}` : ''}`;
};

export const auth = {
  issuer: 'https://login.example.com',
  audience: 'settle',
  hs256_secret: 'a-secret-of-the-login-that-has-32-bytes-at-least',
} as const;

export const wecomDocument = {
  webhook_url: `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${wecomKey}`,
};

/** What a document says of a merchant. */
export function merchantDocument(
  keys: Keys,
  provider: ProviderName,
  owner: Owner,
  which: 0 | 1,
): Readonly<Record<string, unknown>> {
  const callback_keys = [callbackKeyOf(provider, merchantName(provider, owner, which))];
  if (provider === 'wechat') {
    const { mchid, serial_no, apiv3_key, appids } = wechatOf[owner][which];
    return {
      appid: appids[0],
      apps: Object.fromEntries(appids.map((name) => [name, secretOf(mchid, name)])),
      mchid,
      serial_no,
      private_key: keys.wechatMerchant.privatePem,
      apiv3_key,
      public_keys: { [wechatKeyId]: keys.wechatPlatform.publicPem },
      callback_keys,
    };
  }
  if (provider === 'alipay') {
    const { app_id, seller_id, key } = alipayOf[owner][which];
    return {
      app_id,
      seller_id,
      private_key: keys.alipayMerchant.privatePem,
      alipay_public_key: keys.alipayPlatforms[key]?.publicPem,
      callback_keys,
    };
  }
  const { account, secret_key, webhook_secret } = stripeOf[owner][which];
  return {
    account,
    secret_key,
    webhook_secrets: [webhook_secret],
    success_url: 'https://shop.example.com/paid',
    cancel_url: 'https://shop.example.com/cancelled',
  };
}

export interface TokenClaims {
  readonly sub: string;
  readonly role: 'admin' | 'user';
  readonly tenant_id?: number;
}

/** A JWT as the stage's login signs it, good for a day. */
export function tokenOf(claims: TokenClaims, now_ms: number, secret: string = auth.hs256_secret): string {
  const exp = Math.floor(now_ms / 1_000) + 86_400;
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: auth.issuer, aud: auth.audience, exp, ...claims })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** What no log line and no message may hold. */
export const secrets = (keys: Keys): string[] => [
  auth.hs256_secret,
  wecomKey,
  ...wechatMerchants.flatMap(({ apiv3_key }) => [apiv3_key]),
  ...stripeAccounts.flatMap(({ secret_key, webhook_secret }) => [secret_key, webhook_secret]),
  ...appSecrets.values(),
  'relay-key-of',
  keys.wechatMerchant.privatePem.slice(100, 160),
  keys.alipayMerchant.privatePem.slice(100, 160),
];
