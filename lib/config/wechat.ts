import { createSecretKey, type KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { isJsonObject } from '../json.ts';
import {
  baseUrl,
  callbackKeys,
  currentAndPrevious,
  formerMerchants,
  identifier,
  parseDocument,
  rsaPrivateKey,
  rsaPublicKey,
  secretBytes,
  text,
} from './document.ts';

/** Where WeChat Pay is called, and where when that cannot be reached (docs: "跨城冗灾升级指引"). */
export const wechatBaseUrl = 'https://api.mch.weixin.qq.com';
export const wechatBackupBaseUrl = 'https://api2.mch.weixin.qq.com';

/** WeChat Pay's public keys by public key id or platform certificate serial. */
export interface PublicKeys {
  get(serial: string): KeyObject | undefined | Promise<KeyObject | undefined>;
}

export interface WechatConfig {
  /** The apps in which the merchant is paid, the usual one first. */
  readonly appids: readonly [string, ...string[]];
  /** What opens an app's own API, where it is given. */
  readonly appSecrets: ReadonlyMap<string, string>;
  readonly mchid: string;
  /** The same: WeChat's messages name the merchant so. */
  readonly merchant: string;
  readonly former: readonly string[];
  /** The merchant certificate's serial number, which names `privateKey` in requests. */
  readonly serialNumber: string;
  /** The merchant's own key, which signs requests. */
  readonly privateKey: KeyObject;
  /** 32 bytes each; what a message carries is encrypted with one of them. */
  readonly apiv3Keys: readonly KeyObject[];
  readonly publicKeys: PublicKeys;
  /** The first public key id that the document names, which WeChat Pay is asked to answer under; null without one. */
  readonly publicKeyId: string | null;
  readonly callbackKeys: readonly Buffer[];
  readonly baseUrl: string;
  /** Of the API of mini-programs, which is not WeChat Pay's. */
  readonly apiBaseUrl: string;
}

export const hasAppSecret = ({ appSecrets }: Pick<WechatConfig, 'appSecrets'>, appid: string): boolean =>
  appSecrets.has(appid);

const isKeyName = (name: string) => /^[0-9A-Za-z_-]{1,128}$/.test(name) && !(name in Object.prototype);

/** Names are checked first: a record schema passes over `__proto__` in silence. */
const publicKeys = z.pipe(
  z
    .custom<Record<string, unknown>>(isJsonObject, { error: 'must be an object of keys by serial number' })
    .check(
      z.refine((keys) => Object.keys(keys).length > 0, { error: 'must hold a key' }),
      z.refine((keys) => Object.keys(keys).every(isKeyName), { error: 'must name keys by serial number' }),
    ),
  z.pipe(
    z.record(z.string(), rsaPublicKey),
    z.transform((keys): ReadonlyMap<string, KeyObject> => new Map(Object.entries(keys))),
  ),
);

const app = z.object(
  {
    secret: z.optional(
      text.check(z.regex(/^[0-9A-Za-z]{16,64}$/, { error: 'must be the secret of an app' })),
    ),
  },
  { error: 'must be an object' },
);

/** Apps that are bound to the merchant, and what opens their own API. Names are checked first, as above. */
const apps = z.pipe(
  z.custom<Record<string, unknown>>(isJsonObject, { error: 'must be an object of apps by appid' }).check(
    z.refine((given) => Object.keys(given).every(isAppid), { error: 'must name apps by appid' }),
    z.refine((given) => Object.keys(given).length <= 50, { error: 'must hold 50 apps at most' }),
  ),
  z.record(z.string(), app),
);

const isAppid = (name: string) => /^[0-9A-Za-z_-]{1,32}$/.test(name) && !(name in Object.prototype);

const schema = z.object({
  appid: identifier,
  apps: z._default(apps, {}),
  former: formerMerchants,
  mchid: identifier,
  serial_no: identifier,
  private_key: rsaPrivateKey,
  apiv3_key: currentAndPrevious(
    secretBytes(32).check(
      z.refine((key: Buffer) => key.length === 32, { error: 'must have exactly 32 bytes' }),
    ),
  ),
  public_keys: publicKeys,
  callback_keys: callbackKeys,
  base_url: z._default(baseUrl, wechatBaseUrl),
  api_base_url: z._default(baseUrl, 'https://api.weixin.qq.com'),
});

/** @throws DocumentError */
export function parseWechatDocument(document: unknown): WechatConfig {
  const fields = parseDocument('wechat', schema, document);
  const { appid, apps: others } = fields;
  return {
    appids: [appid, ...Object.keys(others).filter((other) => other !== appid)],
    appSecrets: new Map(
      Object.entries(others).flatMap(([name, { secret }]) => (secret === undefined ? [] : [[name, secret]])),
    ),
    mchid: fields.mchid,
    merchant: fields.mchid,
    former: fields.former,
    serialNumber: fields.serial_no,
    privateKey: fields.private_key,
    apiv3Keys: fields.apiv3_key.map((key) => createSecretKey(key)),
    publicKeys: fields.public_keys,
    publicKeyId: fields.public_keys.keys().find((name) => name.startsWith('PUB_KEY_ID_')) ?? null,
    callbackKeys: fields.callback_keys,
    baseUrl: fields.base_url,
    apiBaseUrl: fields.api_base_url,
  };
}
