import { verify } from 'node:crypto';
import type { PublicKeys } from '../../config/wechat.ts';
import { type RawMessage, VerificationError } from '../message.ts';

/** The bytes, or null unless the text is canonical base64: `Buffer` itself skips what it does not know. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null;
}

/** The one signature type that is taken, whatever a message names (docs: "签名算法"). */
export const signatureType = 'WECHATPAY2-SHA256-RSA2048';

/** How far a message's clock may be from ours, either way (wechatpay-go core/auth/validators). */
const clockTolerance_ms = 300_000;

/** WeChat sends signatures that begin so to see whether they are refused. */
const probePrefix = 'WECHATPAY/SIGNTEST/';

/**
 * Verifies a message or an answer: RSA PKCS#1 v1.5 with SHA-256 over timestamp, nonce and the body's own bytes,
 * each followed by a line feed (wechatpay-go core/auth/validators); that padding is what Node takes for a plain RSA
 * key, and naming it costs 10 µs. `now` in milliseconds. The key is looked for last, because looking may take a
 * download.
 * @throws VerificationError
 */
export async function verifyWechatMessage(
  publicKeys: PublicKeys,
  { headers, body }: RawMessage,
  now: number,
): Promise<void> {
  const serial = headers['wechatpay-serial'];
  const timestamp = headers['wechatpay-timestamp'];
  const nonce = headers['wechatpay-nonce'];
  const encoded = headers['wechatpay-signature'];
  if (!serial || !timestamp || !nonce || !encoded) {
    throw new VerificationError('signature_missing', 'a Wechatpay-* header is missing');
  }
  if (encoded.startsWith(probePrefix)) {
    throw new VerificationError('probe', 'the WeChat Pay signature is a probe');
  }
  checkForm(headers['wechatpay-signature-type'], serial, nonce);
  const signature = decodeBase64(encoded);
  if (!signature) throw malformed();
  checkTimestamp(timestamp, now);
  const key = await publicKeys.get(serial);
  if (!key) throw new VerificationError('unknown_key', 'the Wechatpay-Serial is not a configured key');
  const text = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')]);
  if (!verify('RSA-SHA256', text, key, signature)) {
    throw new VerificationError('signature_mismatch', 'the WeChat Pay signature does not match');
  }
}

/** Header lines that repeat arrive joined by a comma, which none of these may hold. */
function checkForm(type: string | undefined, ...values: readonly string[]): void {
  const isPlain = values.every((value) => /^[!-+\--~]{1,128}$/.test(value));
  if (!isPlain || (type !== undefined && type !== signatureType)) throw malformed();
}

function checkTimestamp(text: string, now: number): void {
  if (!/^[1-9][0-9]{0,11}$/.test(text)) throw malformed();
  if (Math.abs(now - Number(text) * 1000) > clockTolerance_ms) {
    throw new VerificationError('timestamp_out_of_range', 'the WeChat Pay timestamp is more than 300 s off');
  }
}

const malformed = () =>
  new VerificationError('signature_malformed', 'the Wechatpay-* headers have not the form of a signature');
