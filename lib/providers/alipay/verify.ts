import type { KeyObject } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { MalformedMessageError, VerificationError } from '../errors.ts';
import { type FormFields, parseForm } from './form.ts';
import { isSignedByAny } from './signature.ts';

const UNSIGNED: ReadonlySet<string> = new Set(['sign', 'sign_type']);

const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'gbk', 'gb2312', 'gb18030']);

const NOT_ASCII = /[\x80-\xff]/;

/**
 * The parameters of a notification whose signature verifies, as text. RSA2 is checked over the bytes as they were
 * sent: all parameters but `sign` and `sign_type`, empty ones too, sorted by name and joined as `name=value` with `&`
 * (alipay-sdk checkNotifySignV2). Only then are they decoded from the charset that the message names.
 * @throws VerificationError, MalformedMessageError
 */
export function verifyNotification(
  body: Buffer,
  publicKeys: readonly KeyObject[],
): ReadonlyMap<string, string> {
  const fields = parseForm(body);
  if (!isSignedByAny(publicKeys, signedContent(fields), signatureOf(fields))) {
    throw new VerificationError('signature_mismatch', 'the Alipay signature does not match');
  }
  return decodeValues(fields);
}

function signedContent(fields: FormFields): Buffer {
  const content = [...fields.keys()]
    .filter((name) => !UNSIGNED.has(name))
    .sort()
    .map((name) => `${name}=${fields.get(name)}`)
    .join('&');
  return Buffer.from(content, 'latin1');
}

/** The message must say RSA2, but what it says never chooses the algorithm. */
function signatureOf(fields: FormFields): Buffer {
  const sign = fields.get('sign');
  const signType = fields.get('sign_type');
  if (!sign || !signType) {
    throw new VerificationError('signature_missing', 'the Alipay message is not signed');
  }
  const signature = Buffer.from(sign, 'base64');
  if (signType !== 'RSA2' || signature.toString('base64') !== sign) {
    throw new VerificationError('signature_malformed', 'the Alipay signature is not RSA2 in base64');
  }
  return signature;
}

function decodeValues(fields: FormFields): ReadonlyMap<string, string> {
  const charset = fields.get('charset')?.toLowerCase() ?? 'utf-8';
  if (!CHARSETS.has(charset)) throw new MalformedMessageError('charset', '不受支持');
  const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  for (const [name, value] of fields) {
    // Bytes of ASCII mean the same in each of the charsets.
    // Stryker disable next-line ConditionalExpression: decoding them takes time and changes nothing
    if (NOT_ASCII.test(value)) fields.set(name, decodeValue(decoder, name, value));
  }
  return fields;
}

function decodeValue(decoder: TextDecoder, name: string, value: string): string {
  try {
    return decoder.decode(Buffer.from(value, 'latin1'));
  } catch {
    throw new MalformedMessageError(name, '不符合 charset 所指的编码');
  }
}
