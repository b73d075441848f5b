import { generateKeyPair, randomBytes, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import type { DocumentName } from '../endpoints.ts';

interface WechatDocument {
  readonly appid: string;
  readonly mchid: string;
  readonly serial_no: string;
  readonly private_key: string;
  readonly apiv3_key: string;
  readonly public_keys: Readonly<Record<string, string>>;
  readonly callback_keys: readonly string[];
  readonly base_url: string;
}

interface AlipayDocument {
  readonly app_id: string;
  readonly seller_id: string;
  readonly private_key: string;
  readonly alipay_public_key: string;
  readonly callback_keys: readonly string[];
  readonly gateway_url: string;
}

interface StripeDocument {
  readonly account: string;
  readonly secret_key: string;
  readonly webhook_secrets: readonly string[];
  readonly success_url: string;
  readonly cancel_url: string;
  readonly base_url: string;
}

interface WecomDocument {
  readonly webhook_url: string;
}

/** What a simulator needs to act as the provider: the document it serves, and the provider's side of its keys. */
export interface Counterparts {
  readonly wechat: WechatCounterpart | null;
  readonly alipay: AlipayCounterpart | null;
  readonly stripe: StripeDocument | null;
  readonly wecom: WecomDocument | null;
}

export interface WechatCounterpart {
  readonly document: WechatDocument;
  /** PEM; WeChat Pay signs its answers and notifications with it, under `platformSerial`. */
  readonly platformPrivateKey: string;
  readonly platformSerial: string;
  /** PEM, of `platformSerial`, when the merchant uses platform certificates and not a public key. */
  readonly platformCertificate?: string;
  /** PEM; the merchant's requests verify with it. */
  readonly merchantPublicKey: string;
}

export interface AlipayCounterpart {
  readonly document: AlipayDocument;
  /** PEM; Alipay signs its answers and notifications with it. */
  readonly privateKey: string;
  /** PEM; the app's requests verify with it. */
  readonly appPublicKey: string;
}

/** Documents as they came from a file: nothing about their fields is known yet. */
export type GivenDocuments = Readonly<Partial<Record<DocumentName, unknown>>>;

export interface LocalDocuments {
  readonly documents: Readonly<Record<DocumentName, unknown>>;
  /** Null for a document that was given: only its owner has the provider's keys. */
  readonly counterparts: Counterparts;
}

/** Documents with fresh keys, whose provider addresses are the simulators', save those that were given. */
export async function generateDocuments(
  { consoleUrl }: { readonly consoleUrl: string },
  given: GivenDocuments = {},
): Promise<LocalDocuments> {
  const [wechat, alipay] = await Promise.all([
    'wechat' in given ? null : generateWechat(consoleUrl),
    'alipay' in given ? null : generateAlipay(consoleUrl),
  ]);
  const stripe = 'stripe' in given ? null : generateStripe(consoleUrl);
  const wecom = 'wecom' in given ? null : { webhook_url: wecomUrl(consoleUrl) };
  return {
    documents: {
      auth: { issuer: 'settle-local', audience: 'settle', hs256_secret: secret() },
      wechat: wechat?.document,
      alipay: alipay?.document,
      stripe,
      wecom,
      ...given,
    },
    counterparts: { wechat, alipay, stripe, wecom },
  };
}

async function generateWechat(consoleUrl: string): Promise<WechatCounterpart> {
  const [merchant, platform] = await Promise.all([generateRsaKeys(), generateRsaKeys()]);
  const platformSerial = `PUB_KEY_ID_${digits(25)}`;
  return {
    document: {
      appid: 'wx1234567890abcdef',
      mchid: '1900000001',
      serial_no: hex(20).toUpperCase(),
      private_key: merchant.privateKey,
      apiv3_key: hex(16),
      public_keys: { [platformSerial]: platform.publicKey },
      callback_keys: [secret()],
      base_url: `${consoleUrl}/wechat`,
    },
    platformPrivateKey: platform.privateKey,
    platformSerial,
    merchantPublicKey: merchant.publicKey,
  };
}

async function generateAlipay(consoleUrl: string): Promise<AlipayCounterpart> {
  const [app, alipay] = await Promise.all([generateRsaKeys(), generateRsaKeys()]);
  return {
    document: {
      app_id: '2021000000000001',
      seller_id: '2088000000000001',
      private_key: app.privateKey,
      alipay_public_key: alipay.publicKey,
      callback_keys: [secret()],
      gateway_url: `${consoleUrl}/alipay/gateway.do`,
    },
    privateKey: alipay.privateKey,
    appPublicKey: app.publicKey,
  };
}

function generateStripe(consoleUrl: string): StripeDocument {
  return {
    account: 'acct_1000000000000001',
    secret_key: `sk_test_${hex(24)}`,
    webhook_secrets: [`whsec_${hex(24)}`],
    success_url: `${consoleUrl}/stripe/success`,
    cancel_url: `${consoleUrl}/stripe/cancel`,
    base_url: `${consoleUrl}/stripe`,
  };
}

function wecomUrl(consoleUrl: string): string {
  return `${consoleUrl}/wecom/cgi-bin/webhook/send?key=${hex(16)}`;
}

function generateRsaKeys(): Promise<{ privateKey: string; publicKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const secret = () => randomBytes(32).toString('base64url');
const digits = (count: number) => Array.from({ length: count }, () => randomInt(10)).join('');
