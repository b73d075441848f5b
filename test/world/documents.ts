import { createHmac } from 'node:crypto';
import { type Keys, wechatKeyId } from './keys.ts';
import type { AlipayMerchant } from './providers/alipay.ts';
import type { StripeAccount } from './providers/stripe/forms.ts';
import type { WechatMerchant } from './providers/wechat/forms.ts';

/** Who is paid in this world, and what the stage's documents say of it. */

const appid = 'wx1234567890abcdef';
export const publicUrl = 'https://pay.example.com';
export const TABLE_NAME = 'settle-test';
export const wecomKey = 'robot-key-never-to-be-told';

export const wechatMerchants: readonly [WechatMerchant, WechatMerchant] = [
  {
    mchid: '1900000109',
    appids: [appid],
    serial_no: '1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C',
    apiv3_key: 'first-apiv3-key-of-thirty-two-by',
  },
  {
    mchid: '1900007291',
    appids: [appid],
    serial_no: '7777D5CFBD9E1E1B0A0D5F0D0A4F1B5A3C6E9F10',
    apiv3_key: 'other-apiv3-key-of-thirty-two-by',
  },
];

export const alipayMerchants: readonly [AlipayMerchant, AlipayMerchant] = [
  { app_id: '2021000122671234', seller_id: '2088102147948060' },
  { app_id: '2021000199999999', seller_id: '2088102147940000' },
];

export const stripeAccounts: readonly [StripeAccount, StripeAccount] = [
  {
    account: 'acct_1Wrld00000000001',
    livemode: false,
    secret_key: 'sk_test_first_key_of_the_world',
    webhook_secret: 'whsec_first_secret_of_the_world',
  },
  {
    account: 'acct_1Wrld00000000002',
    livemode: false,
    secret_key: 'sk_test_other_key_of_the_world',
    webhook_secret: 'whsec_other_secret_of_the_world',
  },
];

export const callbackKeys = {
  wechat: 'wechat-relay-key-0123456789abcdef',
  alipay: 'alipay-relay-key-0123456789abcdef',
} as const;

const auth = {
  issuer: 'https://login.example.com',
  audience: 'settle',
  hs256_secret: 'a-secret-of-the-login-that-has-32-bytes-at-least',
} as const;

export interface DocumentOptions {
  /** Which of a provider's two merchants is the stage's. */
  readonly wechat: 0 | 1;
  readonly alipay: 0 | 1;
  readonly stripe: 0 | 1;
}

export function documentsOf(
  keys: Keys,
  { wechat, alipay, stripe }: DocumentOptions,
): Record<string, unknown> {
  const { mchid, serial_no, apiv3_key } = wechatMerchants[wechat];
  const { account, secret_key, webhook_secret } = stripeAccounts[stripe];
  return {
    auth,
    wechat: {
      appid,
      mchid,
      serial_no,
      private_key: keys.wechatMerchant.privatePem,
      apiv3_key,
      public_keys: { [wechatKeyId]: keys.wechatPlatform.publicPem },
      callback_keys: [callbackKeys.wechat],
    },
    alipay: {
      ...alipayMerchants[alipay],
      private_key: keys.alipayMerchant.privatePem,
      alipay_public_key: keys.alipayPlatform.publicPem,
      callback_keys: [callbackKeys.alipay],
    },
    stripe: {
      account,
      secret_key,
      webhook_secrets: [webhook_secret],
      success_url: 'https://shop.example.com/paid',
      cancel_url: 'https://shop.example.com/cancelled',
    },
    wecom: { webhook_url: `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${wecomKey}` },
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
  ...Object.values(callbackKeys),
  keys.wechatMerchant.privatePem.slice(100, 160),
  keys.alipayMerchant.privatePem.slice(100, 160),
];
