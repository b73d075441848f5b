import type { DocumentName } from '../endpoints.ts';

export interface DocumentField {
  readonly name: string;
  /**
   * `text` may be seen, `secret` may not; `pem` is a key or certificate, `keys` holds some by name, `secrets` is a list;
   * `json` is anything else.
   */
  readonly kind: 'text' | 'secret' | 'secrets' | 'pem' | 'keys' | 'json';
  /** May be left out. */
  readonly optional?: true;
  /** Can be made here, and is then not to be had from anywhere else. */
  readonly generated?: true;
  /** What it is, or where it is to be found. */
  readonly hint: string;
}

const baseUrl = (provider: string): DocumentField => ({
  name: 'base_url',
  kind: 'text',
  optional: true,
  hint: `only to reach ${provider} at another address than its own`,
});

const callbackKeys: DocumentField = {
  name: 'callback_keys',
  kind: 'secrets',
  generated: true,
  hint: 'signs the flat bodies of relays; the current one and, during a rotation, the one before',
};

/** The fields of each document in the order in which they are asked for and checked. */
export const documentFields: Readonly<Record<DocumentName, readonly DocumentField[]>> = {
  auth: [
    { name: 'issuer', kind: 'text', hint: 'the `iss` of the tokens that your login issues' },
    { name: 'audience', kind: 'text', hint: 'the `aud` of the tokens that your login issues for Settle' },
    {
      name: 'jwks_url',
      kind: 'text',
      optional: true,
      hint: 'where your login publishes its keys, such as https://…/.well-known/jwks.json; Enter for a shared secret instead',
    },
    { name: 'jwks', kind: 'json', optional: true, hint: 'the public keys themselves, as {"keys":[…]}' },
    {
      name: 'hs256_secret',
      kind: 'secret',
      optional: true,
      generated: true,
      hint: 'shared with your login, which signs tokens with it (HS256)',
    },
  ],
  wechat: [
    { name: 'appid', kind: 'text', hint: "the mini-program's AppID (小程序后台, 开发管理), wx…" },
    { name: 'mchid', kind: 'text', hint: 'the merchant number (商户平台, 账户中心, 商户信息)' },
    {
      name: 'serial_no',
      kind: 'text',
      hint: "the merchant certificate's serial (账户中心, API安全), or the path of apiclient_cert.pem",
    },
    { name: 'private_key', kind: 'pem', hint: 'apiclient_key.pem' },
    {
      name: 'apiv3_key',
      kind: 'secret',
      hint: 'the APIv3 key, 32 characters (账户中心, API安全, APIv3密钥)',
    },
    {
      name: 'public_keys',
      kind: 'keys',
      hint: "WeChat Pay's public key by its PUB_KEY_ID_… (API安全, 微信支付公钥), or its platform certificate by serial",
    },
    callbackKeys,
    baseUrl('WeChat Pay'),
  ],
  alipay: [
    { name: 'app_id', kind: 'text', hint: 'the APPID (开放平台控制台, the app)' },
    { name: 'seller_id', kind: 'text', hint: "the merchant's PID, 2088… (账号中心)" },
    { name: 'private_key', kind: 'pem', hint: "the app's private key (应用私钥)" },
    {
      name: 'alipay_public_key',
      kind: 'pem',
      hint: 'the key of Alipay and not of the app (支付宝公钥, or alipayCertPublicKey_RSA2.crt)',
    },
    callbackKeys,
    { ...baseUrl('Alipay'), name: 'gateway_url' },
    { name: 'app_cert', kind: 'pem', optional: true, hint: 'appCertPublicKey_….crt, in certificate mode' },
    {
      name: 'alipay_root_cert',
      kind: 'pem',
      optional: true,
      hint: 'alipayRootCert.crt, in certificate mode',
    },
  ],
  stripe: [
    { name: 'secret_key', kind: 'secret', hint: 'sk_… or a restricted rk_… (Developers, API keys)' },
    {
      name: 'webhook_secrets',
      kind: 'secrets',
      generated: true,
      hint: "whsec_…, the webhook's signing secret; not there before the webhook is",
    },
    { name: 'success_url', kind: 'text', hint: 'your page that the payer returns to when it is paid' },
    { name: 'cancel_url', kind: 'text', hint: 'your page that the payer returns to when it is not' },
    baseUrl('Stripe'),
  ],
  wecom: [
    {
      name: 'webhook_url',
      kind: 'secret',
      hint: "the group robot's address, https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    },
  ],
};
