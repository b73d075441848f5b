import { type KeyObject, randomBytes, sign } from 'node:crypto';
import { encodeGbk } from '../../infra/local/simulators/alipay/gbk.ts';
import type { RawMessage } from '../../lib/providers/message.ts';
import { rsaKeys } from './rsa-keys.ts';

export { encodeGbk };

/** Alipay's side and a merchant's, with keys of their own. */
export type AlipayParty = ReturnType<typeof createAlipayParty>;

export type NotificationFields = Readonly<Record<string, string>>;

type Charset = 'utf-8' | 'gbk';

const pem = (key: KeyObject) =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();

export function createAlipayParty({
  app_id = '2021000122671080',
  seller_id = '2088101122136241',
}: {
  readonly app_id?: string;
  readonly seller_id?: string;
} = {}) {
  const alipay = rsaKeys();
  const app = rsaKeys();
  const document = {
    app_id,
    seller_id,
    private_key: pem(app.privateKey),
    alipay_public_key: pem(alipay.publicKey),
    callback_keys: [randomBytes(24).toString('hex')],
  };

  /** The parameters of a paid trade; `total_amount` in yuan. */
  const trade = (out_trade_no: string, total_amount: string, changes: NotificationFields = {}) => ({
    notify_type: 'trade_status_sync',
    notify_time: '2024-05-13 17:49:22',
    notify_id: '2024051301222174921098491452387654',
    app_id: document.app_id,
    seller_id: document.seller_id,
    version: '1.0',
    subject: '租户订单',
    trade_no: '2024051322001498491428765432',
    out_trade_no,
    trade_status: 'TRADE_SUCCESS',
    total_amount,
    gmt_create: '2024-05-13 17:49:10',
    gmt_payment: '2024-05-13 17:49:21',
    ...changes,
  });

  /** The form in which Alipay sends these parameters, signed. */
  const signNotification = (
    fields: NotificationFields,
    { charset = 'utf-8' }: { readonly charset?: Charset } = {},
  ): RawMessage => {
    const encode = charset === 'gbk' ? encodeGbk : (text: string) => Buffer.from(text);
    const signed = Object.entries({ charset, ...fields }).map(
      ([name, value]) => [name, encode(value)] as const,
    );
    const content = signed
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, value], index) => [Buffer.from(`${index === 0 ? '' : '&'}${name}=`), value]);
    const signature = sign('RSA-SHA256', Buffer.concat(content), alipay.privateKey).toString('base64');
    return {
      headers: { 'content-type': `application/x-www-form-urlencoded; charset=${charset}` },
      body: encodeForm([...signed, ['sign_type', Buffer.from('RSA2')], ['sign', Buffer.from(signature)]]),
    };
  };

  /** The gateway's answer to a call of `method`, signed; in answers of the sandbox `sign` comes first. */
  const signAnswer = (
    method: string,
    fields: Readonly<Record<string, unknown>>,
    { signFirst = false }: { readonly signFirst?: boolean } = {},
  ): string => {
    const content = JSON.stringify(fields);
    const signature = sign('RSA-SHA256', Buffer.from(content), alipay.privateKey).toString('base64');
    const response = `"${method.replaceAll('.', '_')}_response":${content}`;
    return signFirst ? `{"sign":"${signature}",${response}}` : `{${response},"sign":"${signature}"}`;
  };

  return { alipay, app, document, trade, signNotification, signAnswer };
}

/** As Java's URLEncoder, which Alipay uses: a space becomes `+`. */
export function encodeForm(fields: readonly (readonly [name: string, value: Buffer])[]): Buffer {
  const encodeByte = (byte: number) => {
    const character = String.fromCharCode(byte);
    if (/[0-9A-Za-z.*_-]/.test(character)) return character;
    return character === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  };
  return Buffer.from(
    fields.map(([name, value]) => `${name}=${[...value].map(encodeByte).join('')}`).join('&'),
  );
}
