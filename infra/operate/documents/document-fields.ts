import { randomBytes } from 'node:crypto';
import { eventTypes } from '../../../lib/orders/kinds.ts';
import type { DocumentName } from '../../endpoints.ts';

export interface DocumentField {
  readonly name: string;
  /**
   * `text` may be seen while it is typed and `secret` may not; `secrets` is a list of them. The others come from files:
   * `pem` is a key or certificate, `keys` holds some by name, `json` is anything else, and `serial` may be typed too.
   * `apps` are appids, which may be seen, and a secret of each, which may not. `list` is several texts, `switch` yes or no.
   */
  readonly kind:
    | 'text'
    | 'list'
    | 'switch'
    | 'secret'
    | 'secrets'
    | 'serial'
    | 'pem'
    | 'keys'
    | 'json'
    | 'apps';
  /** What it is, or where it is to be found. */
  readonly hint: string;
  /** May be left out. */
  readonly optional?: true;
  /** For few: nobody is asked for it while it is right. What is stored stays. */
  readonly unasked?: true;
  /** Left out once another field of this group is given. */
  readonly oneOf?: string;
  /** Left out unless this field is given. */
  readonly with?: string;
  /** Found out from the fields before it; asked for where that fails. */
  readonly found?: true;
  /** Makes what need not come from anywhere else. */
  readonly generate?: () => string | readonly string[];
  /** A list whose first is in use: the next goes before it, and the one in use stays as the second. */
  readonly rotates?: true;
  /** Only of the stage's document, not of a tenant's part. */
  readonly ofStage?: true;
}

const PLACEHOLDER = 'whsec_placeholder_';

/** 32 random bytes, as text that can be copied anywhere. */
const randomSecret = (): string => randomBytes(32).toString('base64url');

/**
 * Stands in a document for the signing secret of a webhook that is still to be made: nobody knows it, so that nothing
 * verifies under it.
 */
const placeholderWebhookSecret = (): string => PLACEHOLDER + randomSecret();

/** The form of Standard Webhooks. */
const signingSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

export const isPlaceholder = (webhookSecret: string): boolean => webhookSecret.startsWith(PLACEHOLDER);

const address = (name: string): DocumentField => ({
  name,
  kind: 'text',
  optional: true,
  unasked: true,
  hint: 'where the provider is reached',
});

/** `setup` writes it as the merchant changes. */
const former: DocumentField = {
  name: 'former',
  kind: 'json',
  optional: true,
  unasked: true,
  hint: 'a file of the merchants whose place this one took',
};

const callbackKeys: DocumentField = {
  name: 'callback_keys',
  kind: 'secrets',
  hint: 'signs the flat bodies of relays, at least 24 characters; a list begins with the current one',
  generate: () => [randomSecret()],
};

/** The fields of each document, in the order in which they are asked for. */
export const documentFields: Readonly<Record<DocumentName, readonly DocumentField[]>> = {
  auth: [
    { name: 'issuer', kind: 'text', hint: 'the iss of the tokens that your login issues' },
    { name: 'audience', kind: 'text', hint: 'the aud of the tokens that your login issues for Settle' },
    {
      name: 'jwks_url',
      kind: 'text',
      oneOf: 'keys',
      optional: true,
      hint: 'where your login publishes its public keys, https://…/.well-known/jwks.json',
    },
    {
      name: 'jwks',
      kind: 'json',
      oneOf: 'keys',
      optional: true,
      hint: 'a file of the public keys themselves, {"keys":[…]}',
    },
    {
      name: 'hs256_secret',
      kind: 'secret',
      oneOf: 'keys',
      optional: true,
      hint: 'shared with your login, which signs tokens with it (HS256), at least 32 characters',
      generate: randomSecret,
    },
  ],
  wechat: [
    { name: 'appid', kind: 'text', hint: 'AppID of the mini-program (公众平台, 开发管理), wx…' },
    { name: 'mchid', kind: 'text', hint: 'merchant number (商户平台, 账户中心, 商户信息)' },
    {
      name: 'serial_no',
      kind: 'serial',
      hint: "serial of the merchant's certificate (账户中心, API安全), or the path of apiclient_cert.pem",
    },
    { name: 'private_key', kind: 'pem', hint: 'apiclient_key.pem' },
    { name: 'apiv3_key', kind: 'secret', hint: 'APIv3密钥, 32 characters (账户中心, API安全)' },
    {
      name: 'public_keys',
      kind: 'keys',
      hint: 'pub_key.pem of WeChat Pay (账户中心, API安全, 微信支付公钥), or its platform certificate',
    },
    callbackKeys,
    {
      name: 'apps',
      kind: 'apps',
      optional: true,
      hint: 'AppID of a further app that is bound to the merchant, or of any whose secret Settle needs to tell WeChat what was sent',
    },
    former,
    address('base_url'),
    address('api_base_url'),
  ],
  alipay: [
    { name: 'app_id', kind: 'text', hint: 'APPID (开放平台, 控制台, the app)' },
    { name: 'seller_id', kind: 'text', hint: 'PID of the merchant, 2088… (开放平台, 账号中心)' },
    { name: 'private_key', kind: 'pem', hint: '应用私钥, the key of the app' },
    {
      name: 'alipay_public_key',
      kind: 'pem',
      hint: '支付宝公钥, the key of Alipay, or alipayCertPublicKey_RSA2.crt in certificate mode',
    },
    callbackKeys,
    former,
    address('gateway_url'),
    {
      name: 'app_cert',
      kind: 'pem',
      optional: true,
      hint: 'appCertPublicKey_….crt, in certificate mode',
    },
    {
      name: 'alipay_root_cert',
      kind: 'pem',
      optional: true,
      with: 'app_cert',
      hint: 'alipayRootCert.crt, in certificate mode',
    },
  ],
  stripe: [
    { name: 'secret_key', kind: 'secret', hint: 'sk_… or a restricted rk_… (Developers, API keys)' },
    {
      name: 'webhook_secrets',
      kind: 'secrets',
      hint: 'signing secret of the webhook, whsec_…; Enter while there is no webhook yet',
      generate: () => [placeholderWebhookSecret()],
    },
    { name: 'success_url', kind: 'text', hint: 'your page that the payer comes back to when all is paid' },
    { name: 'cancel_url', kind: 'text', hint: 'your page that the payer comes back to when not' },
    former,
    address('base_url'),
    { name: 'account', kind: 'text', found: true, hint: 'acct_… (Settings, Business, Account details)' },
  ],
  wecom: [
    {
      name: 'webhook_url',
      kind: 'secret',
      hint: 'address of the group robot, https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…',
    },
  ],
  webhooks: [
    { name: 'url', kind: 'text', hint: 'address that is told of each event, https://…' },
    {
      name: 'secrets',
      kind: 'secrets',
      rotates: true,
      hint: 'signs what is sent there (Standard Webhooks), whsec_…',
      generate: () => [signingSecret()],
    },
    {
      name: 'events',
      kind: 'list',
      optional: true,
      hint: `the events that it is told of, of ${eventTypes.join(', ')}; all of them where it is left out`,
    },
    {
      name: 'tenant_events',
      kind: 'switch',
      optional: true,
      ofStage: true,
      hint: "whether it is told of tenants' orders too",
    },
  ],
};
