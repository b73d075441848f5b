import { type KeyObject, randomBytes } from 'node:crypto';
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin';
import { type Io, systemIo } from '../../lib/io.ts';
import type { RawMessage } from '../../lib/providers/message.ts';
import { rsaKeys } from './rsa-keys.ts';

/** WeChat's side and a merchant's, with keys of their own. What WeChat signs is signed by `wechatpay-axios-plugin`. */
export type WechatParty = ReturnType<typeof createWechatParty>;

export interface NotificationOptions {
  readonly eventType?: string;
  /** When it is signed, in milliseconds. */
  readonly at?: number;
}

const identifier = (bytes: number) => randomBytes(bytes).toString('hex').toUpperCase();

/** A key of WeChat's own, under its name: what it signs for several merchants may be signed with one. */
export const createWechatPlatform = () => ({ ...rsaKeys(), serial: `PUB_KEY_ID_${identifier(14)}` });

export interface WechatPartyOptions {
  readonly mchid?: string;
  readonly appid?: string;
  readonly platform?: ReturnType<typeof createWechatPlatform>;
  readonly apiv3Key?: string;
}

export function createWechatParty({
  mchid = '1230000109',
  appid = 'wxd678efh567hg6787',
  platform = createWechatPlatform(),
  apiv3Key = identifier(16),
}: WechatPartyOptions = {}) {
  const merchant = rsaKeys();
  const { serial } = platform;
  const document = {
    appid,
    mchid,
    serial_no: identifier(20),
    private_key: merchant.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    apiv3_key: apiv3Key,
    public_keys: { [serial]: platform.publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    callback_keys: [identifier(16)],
  };

  /** The headers with which WeChat sends or answers this body. */
  const signBody = (body: string, at?: number) => signWechatBody(serial, platform.privateKey, body, at);

  const signText = (text: string, at?: number): RawMessage => ({
    headers: { 'content-type': 'application/json', ...signBody(text, at) },
    body: Buffer.from(text),
  });

  /** A resource as it is inside a notification. */
  const encrypt = (plaintext: string, associated_data = 'transaction') => {
    const nonce = Formatter.nonce(12);
    return {
      algorithm: 'AEAD_AES_256_GCM',
      original_type: 'transaction',
      associated_data,
      nonce,
      ciphertext: Aes.AesGcm.encrypt(plaintext, apiv3Key, nonce, associated_data),
    };
  };

  /** The notification that carries a resource, encrypted and signed. */
  const signNotification = (
    resource: object,
    { eventType = 'TRANSACTION.SUCCESS', at = Date.now() }: NotificationOptions = {},
  ): RawMessage =>
    signText(
      JSON.stringify({
        id: 'EV-2018022511223320873',
        create_time: new Date(at).toISOString(),
        resource_type: 'encrypt-resource',
        event_type: eventType,
        summary: '支付成功',
        resource: encrypt(JSON.stringify(resource)),
      }),
      at,
    );

  /** The resource of a paid transaction; `total` in fen. */
  const transaction = (out_trade_no: string, total: number, changes: object = {}) => ({
    appid: document.appid,
    mchid: document.mchid,
    out_trade_no,
    transaction_id: `42000000${out_trade_no}`,
    trade_type: 'JSAPI',
    trade_state: 'SUCCESS',
    trade_state_desc: '支付成功',
    bank_type: 'CMC',
    attach: '',
    success_time: '2018-06-08T10:34:56+08:00',
    payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
    amount: { total, payer_total: total, currency: 'CNY', payer_currency: 'CNY' },
    ...changes,
  });

  /** A refund as WeChat answers it, accepted; amounts in fen. */
  const refund = (
    out_trade_no: string,
    out_refund_no: string,
    refund: number,
    total: number,
    changes: object = {},
  ) => ({
    refund_id: `50000000${out_refund_no}`,
    out_refund_no,
    transaction_id: `42000000${out_trade_no}`,
    out_trade_no,
    channel: 'ORIGINAL',
    user_received_account: '支付用户零钱',
    create_time: '2018-06-08T10:34:56+08:00',
    status: 'PROCESSING',
    amount: { total, refund, payer_total: total, payer_refund: refund, currency: 'CNY' },
    ...changes,
  });

  /** The resource of a notice that a refund succeeded. */
  const refundNotice = (out_trade_no: string, out_refund_no: string, refund: number, total: number) => ({
    mchid: document.mchid,
    out_trade_no,
    transaction_id: `42000000${out_trade_no}`,
    out_refund_no,
    refund_id: `50000000${out_refund_no}`,
    refund_status: 'SUCCESS',
    success_time: '2018-06-08T10:34:56+08:00',
    user_received_account: '支付用户零钱',
    amount: { total, refund, payer_total: total, payer_refund: refund },
  });

  return {
    serial,
    platform,
    merchant,
    document,
    encrypt,
    signBody,
    signText,
    signNotification,
    transaction,
    refund,
    refundNotice,
  };
}

/** The headers that a key of WeChat's gives to a body. `at` in milliseconds. */
export function signWechatBody(serial: string, key: KeyObject, body: string, at: number = Date.now()) {
  const timestamp = String(Math.floor(at / 1000));
  const nonce = Formatter.nonce(32);
  return {
    'wechatpay-serial': serial,
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-signature': Rsa.sign(Formatter.response(timestamp, nonce, body), key),
  };
}

export interface WechatAnswer {
  readonly status?: number;
  readonly text?: string;
  /** Take the place of, or with undefined remove, headers of the signed answer. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** An `Io` on which WeChat gives this answer, or one for each request, signed at `now`; `calls` are what it was sent. */
export function createWechatIo(
  party: WechatParty,
  answer: WechatAnswer | ((request: Request) => WechatAnswer),
  now: number,
) {
  const calls: Request[] = [];
  const io: Io = {
    ...systemIo,
    now: () => now,
    fetch: async (...parameters) => {
      const request = new Request(...parameters);
      calls.push(request);
      const given = typeof answer === 'function' ? answer(request) : answer;
      const { status = 200, text = '', headers } = given;
      const signed = Object.entries({ ...party.signBody(text, now), ...headers });
      const present = signed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
      return new Response(status === 204 ? null : text, {
        status,
        headers: new Headers(Object.fromEntries(present)),
      });
    },
  };
  return { io, calls };
}
