import { createCipheriv, verify } from 'node:crypto';
import { rsaSign, wechatKeyId } from '../../keys.ts';
import type { Surroundings } from '../../surroundings.ts';
import type { WireAnswer, WireRequest } from '../../wire.ts';
import { Refusal, type WechatMerchant } from './forms.ts';

/** How WeChat Pay signs, encrypts, and knows who asks. */
export interface Platform {
  readonly signed: (body: string) => Record<string, string>;
  readonly encrypt: (merchant: WechatMerchant, associated_data: string, text: string) => object;
  readonly answer: (status: number, value: unknown) => WireAnswer;
  /** @throws Refusal */
  readonly authenticate: (request: WireRequest) => WechatMerchant;
  readonly rotate: () => void;
  readonly hasRotated: () => boolean;
}

export function createPlatform(
  { clock, random, faults, keys }: Surroundings,
  merchants: readonly WechatMerchant[],
): Platform {
  let hasRotated = false;

  const signer = () =>
    hasRotated
      ? { key: keys.wechatNext.privateKey, serial: keys.wechatNext.serial }
      : { key: keys.wechatPlatform.privateKey, serial: wechatKeyId };
  const signed = (body: string): Record<string, string> => {
    const { key, serial } = signer();
    const timestamp = String(Math.floor(clock.now() / 1_000));
    const nonce = random.text(32);
    return {
      'wechatpay-timestamp': timestamp,
      'wechatpay-nonce': nonce,
      'wechatpay-serial': serial,
      'wechatpay-signature': rsaSign(key, `${timestamp}\n${nonce}\n${body}\n`, serial),
      'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
    };
  };
  const encrypt = (merchant: WechatMerchant, associated_data: string, text: string) => {
    const nonce = random.text(12);
    const cipher = createCipheriv('aes-256-gcm', merchant.apiv3_key, nonce, { authTagLength: 16 });
    cipher.setAAD(Buffer.from(associated_data));
    const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return {
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: ciphertext.toString('base64'),
      associated_data,
      nonce,
    };
  };
  const answer = (status: number, value: unknown): WireAnswer => {
    const body = value === null ? '' : JSON.stringify(value);
    const headers = { 'content-type': 'application/json; charset=utf-8', 'request-id': random.text(16) };
    // A refusal may come unsigned; what counts is signed.
    if (status >= 300 && (random.chance(0.3) || faults.happens('provider_unsigned')))
      return { status, headers, body };
    const signature = signed(body);
    if (faults.happens('provider_bad_signature'))
      signature['wechatpay-signature'] = signed(`${body} `)['wechatpay-signature'] ?? '';
    return { status, headers: { ...headers, ...signature }, body };
  };

  /** Who asks, by the signature of the request. */
  const authenticate = ({ method, url, headers, body }: WireRequest): WechatMerchant => {
    const refuse = () => new Refusal(401, 'SIGN_ERROR', '错误的签名，验签失败');
    const header = headers.get('authorization') ?? '';
    const [schema = '', rest = ''] = header.split(/ (.*)/s);
    const fields = Object.fromEntries(
      [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    const merchant = merchants.find(
      ({ mchid, serial_no }) => mchid === fields['mchid'] && serial_no === fields['serial_no'],
    );
    if (schema !== 'WECHATPAY2-SHA256-RSA2048' || !merchant) throw refuse();
    const { timestamp = '', nonce_str = '', signature = '' } = fields;
    if (Math.abs(clock.now() / 1_000 - Number(timestamp)) > 300) throw refuse();
    const text = `${method}\n${url.pathname}${url.search}\n${timestamp}\n${nonce_str}\n${body}\n`;
    const isGood = verify(
      'sha256',
      Buffer.from(text),
      keys.wechatMerchant.publicKey,
      Buffer.from(signature, 'base64'),
    );
    if (
      !isGood ||
      !(headers.get('accept') ?? '').includes('application/json') ||
      !headers.get('user-agent')
    ) {
      if (isGood) throw new Refusal(400, 'PARAM_ERROR', 'Http头Accept或User-Agent缺失');
      throw refuse();
    }
    return merchant;
  };

  return {
    signed,
    encrypt,
    answer,
    authenticate,
    rotate: () => {
      hasRotated = true;
    },
    hasRotated: () => hasRotated,
  };
}
