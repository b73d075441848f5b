import { generateKeyPair, randomBytes, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import type { DocumentName } from '../endpoints.ts';
import { type KeptState, openState } from './kept-state.ts';

interface WechatDocument {
  readonly appid: string;
  /** The apps in which the merchant is paid, besides, and what opens an app's own API. */
  readonly apps?: Readonly<Record<string, { readonly secret?: string }>>;
  readonly mchid: string;
  readonly serial_no: string;
  readonly private_key: string;
  readonly apiv3_key: string;
  readonly public_keys: Readonly<Record<string, string>>;
  readonly callback_keys: readonly string[];
  readonly base_url: string;
  /** Of the API of mini-programs. */
  readonly api_base_url: string;
}

interface AlipayDocument {
  readonly app_id: string;
  readonly seller_id: string;
  readonly private_key: string;
  readonly alipay_public_key: string;
  readonly callback_keys: readonly string[];
  readonly gateway_url: string;
}

export interface StripeDocument {
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

export interface WebhooksDocument {
  readonly url: string;
  readonly secrets: readonly string[];
}

/** What simulators need to act as the providers of whom they pay: the documents they serve, and the other side's keys. */
export interface MerchantCounterparts {
  readonly wechat: WechatCounterpart | null;
  readonly alipay: AlipayCounterpart | null;
  readonly stripe: StripeDocument | null;
}

/** Of the stage, and of each tenant that has merchants of its own. */
export interface Counterparts extends MerchantCounterparts {
  readonly wecom: WecomDocument | null;
  /** Where shops take webhooks, by whose they are: `stage`, or `tenants/<id>`. */
  readonly inboxes: ReadonlyMap<string, WebhooksDocument>;
  readonly tenants: ReadonlyMap<number, MerchantCounterparts>;
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

/**
 * Documents as they came from a file: nothing about their fields is known yet. One that is null is not there. `tenants`
 * by number; `merchants`, those of before, by `<provider>/<merchant>`.
 */
export interface GivenDocuments extends Readonly<Partial<Record<DocumentName, unknown>>> {
  readonly tenants?: Readonly<Record<string, unknown>>;
  readonly merchants?: Readonly<Record<string, unknown>>;
}

/** All documents of a stage; null for one that is not there. */
export type StageDocuments = Readonly<Record<DocumentName, unknown>> & {
  readonly tenants: Readonly<Record<string, unknown>>;
  readonly merchants: Readonly<Record<string, unknown>>;
};

export interface LocalDocuments {
  readonly documents: StageDocuments;
  /** Null for a document that was given: only its owner has the provider's keys. */
  readonly counterparts: Counterparts;
}

/** Where nothing else is asked for, this tenant is paid to merchants of its own at every provider. */
export const exampleTenant = 8;

/** Whose inbox is where, below `/inbox/`. */
const STAGE_INBOX = 'stage';
const EXAMPLE_INBOX = `tenants/${exampleTenant}`;

/** Who is paid, as the providers name it. */
interface Identity {
  readonly appid: string;
  /** Further appids that are bound to the mchid. */
  readonly otherAppids: readonly string[];
  readonly mchid: string;
  readonly app_id: string;
  readonly seller_id: string;
  readonly account: string;
}

const STAGE: Identity = {
  appid: 'wx1234567890abcdef',
  otherAppids: ['wxabcdef1234567890'],
  mchid: '1900000001',
  app_id: '2021000000000001',
  seller_id: '2088000000000001',
  account: 'acct_1000000000000001',
};

const EXAMPLE: Identity = {
  appid: 'wx8234567890abcdef',
  otherAppids: [],
  mchid: '1900000008',
  app_id: '2021000000000008',
  seller_id: '2088000000000008',
  account: 'acct_1000000000000008',
};

/** In PEM. */
export interface RsaKeys {
  readonly privateKey: string;
  readonly publicKey: string;
}

type MakeRsaKeys = () => Promise<RsaKeys>;

export interface DocumentParts {
  readonly consoleUrl: string;
  readonly state?: KeptState;
  /** Makes keys, in place of new ones. */
  readonly rsaKeys?: MakeRsaKeys | undefined;
}

/**
 * Documents with keys that are kept in `state`, fresh ones where none are, whose provider addresses are the
 * simulators', save those that were given. There is an example of a tenant with its own merchants where none are.
 */
export async function generateDocuments(
  { consoleUrl, state = openState(), rsaKeys = generateRsaKeys }: DocumentParts,
  given?: GivenDocuments,
): Promise<LocalDocuments> {
  const { tenants = {}, merchants = {}, ...ofStage } = given ?? {};
  const kept = keeperOf(state, consoleUrl);
  const generate = <T>(name: DocumentName, make: () => Promise<T> | T): Promise<T> | null =>
    name in ofStage ? null : kept(name, make);
  const example = given
    ? null
    : await kept('example', async () => ({
        ...(await generateMerchants(consoleUrl, EXAMPLE, rsaKeys)),
        webhooks: generateWebhooks(consoleUrl, EXAMPLE_INBOX),
      }));
  const [auth, wechat, alipay, stripe, wecom, webhooks] = await Promise.all([
    generate('auth', () => ({ issuer: 'settle-local', audience: 'settle', hs256_secret: secret() })),
    generate('wechat', () => generateWechat(consoleUrl, STAGE, rsaKeys)),
    generate('alipay', () => generateAlipay(consoleUrl, STAGE, rsaKeys)),
    generate('stripe', () => generateStripe(consoleUrl, STAGE)),
    generate('wecom', () => ({ webhook_url: wecomUrl(consoleUrl) })),
    generate('webhooks', () => generateWebhooks(consoleUrl, STAGE_INBOX)),
  ]);
  return {
    documents: {
      auth,
      wechat: wechat?.document,
      alipay: alipay?.document,
      stripe,
      ...{ wecom, webhooks },
      ...ofStage,
      tenants: {
        ...tenants,
        ...(example && { [exampleTenant]: tenantDocument(example) }),
      },
      merchants,
    },
    counterparts: {
      ...{ wechat, alipay, stripe, wecom },
      inboxes: new Map([
        ...(webhooks ? [[STAGE_INBOX, webhooks] as const] : []),
        ...(example ? [[EXAMPLE_INBOX, example.webhooks] as const] : []),
      ]),
      tenants: new Map(example ? [[exampleTenant, example]] : []),
    },
  };
}

async function generateMerchants(consoleUrl: string, identity: Identity, rsaKeys: MakeRsaKeys) {
  const [wechat, alipay] = await Promise.all([
    generateWechat(consoleUrl, identity, rsaKeys),
    generateAlipay(consoleUrl, identity, rsaKeys),
  ]);
  return { wechat, alipay, stripe: generateStripe(consoleUrl, identity) };
}

type Example = Awaited<ReturnType<typeof generateMerchants>> & { readonly webhooks: WebhooksDocument };

const tenantDocument = ({ wechat, alipay, stripe, webhooks }: Example) => ({
  paid_to: 'own',
  wechat: wechat.document,
  alipay: alipay.document,
  stripe,
  webhooks,
});

/** Makes what is not kept yet. The simulators may be at another port than before. */
function keeperOf(state: KeptState, consoleUrl: string) {
  const generated = state.map<string>('documents');
  const here = '<console>';
  return async <T>(name: string, make: () => Promise<T> | T): Promise<T> => {
    const known = generated.get(name);
    if (known !== undefined) return JSON.parse(known.replaceAll(here, consoleUrl));
    const made = await make();
    generated.set(name, JSON.stringify(made).replaceAll(consoleUrl, here));
    return made;
  };
}

async function generateWechat(
  consoleUrl: string,
  { appid, otherAppids, mchid }: Identity,
  rsaKeys: MakeRsaKeys,
): Promise<WechatCounterpart> {
  const [merchant, platform] = await Promise.all([rsaKeys(), rsaKeys()]);
  const platformSerial = `PUB_KEY_ID_${digits(25)}`;
  return {
    document: {
      appid,
      apps: Object.fromEntries([appid, ...otherAppids].map((app) => [app, { secret: hex(16) }])),
      mchid,
      serial_no: hex(20).toUpperCase(),
      private_key: merchant.privateKey,
      apiv3_key: hex(16),
      public_keys: { [platformSerial]: platform.publicKey },
      callback_keys: [secret()],
      base_url: `${consoleUrl}/wechat`,
      api_base_url: `${consoleUrl}/weixin`,
    },
    platformPrivateKey: platform.privateKey,
    platformSerial,
    merchantPublicKey: merchant.publicKey,
  };
}

async function generateAlipay(
  consoleUrl: string,
  { app_id, seller_id }: Identity,
  rsaKeys: MakeRsaKeys,
): Promise<AlipayCounterpart> {
  const [app, alipay] = await Promise.all([rsaKeys(), rsaKeys()]);
  return {
    document: {
      app_id,
      seller_id,
      private_key: app.privateKey,
      alipay_public_key: alipay.publicKey,
      callback_keys: [secret()],
      gateway_url: `${consoleUrl}/alipay/gateway.do`,
    },
    privateKey: alipay.privateKey,
    appPublicKey: app.publicKey,
  };
}

function generateStripe(consoleUrl: string, { account }: Identity): StripeDocument {
  return {
    account,
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

const generateWebhooks = (consoleUrl: string, inbox: string): WebhooksDocument => ({
  url: `${consoleUrl}/inbox/${inbox}`,
  secrets: [`whsec_${randomBytes(32).toString('base64')}`],
});

function generateRsaKeys(): Promise<RsaKeys> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const secret = () => randomBytes(32).toString('base64url');
const digits = (count: number) => Array.from({ length: count }, () => randomInt(10)).join('');
