import type { KeyObject } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { MalformedMessageError, VerificationError } from '../errors.ts';
import { type FormFields, parseForm } from './form.ts';
import { isSignedByAny } from './signature.ts';

const UNSIGNED: ReadonlySet<string> = new Set(['sign', 'sign_type']);

const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'gbk', 'gb2312', 'gb18030']);

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
    .map((name) => `${name}=${textOf(fields, name)}`)
    .join('&');
  return Buffer.from(content, 'latin1');
}

/** A parameter's bytes, one character each. */
const textOf = (fields: FormFields, name: string) => fields.get(name)?.toString('latin1') ?? '';

/** The message must say RSA2, but what it says never chooses the algorithm. */
function signatureOf(fields: FormFields): Buffer {
  const sign = textOf(fields, 'sign');
  const signType = textOf(fields, 'sign_type');
  if (sign === '' || signType === '') {
    throw new VerificationError('signature_missing', 'the Alipay message is not signed');
  }
  const signature = Buffer.from(sign, 'base64');
  if (signType !== 'RSA2' || signature.toString('base64') !== sign) {
    throw new VerificationError('signature_malformed', 'the Alipay signature is not RSA2 in base64');
  }
  return signature;
}

function decodeValues(fields: FormFields): ReadonlyMap<string, string> {
  const charset = fields.get('charset')?.toString('latin1').toLowerCase() ?? 'utf-8';
  if (!CHARSETS.has(charset)) throw new MalformedMessageError('charset', '不受支持');
  const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  return new Map([...fields].map(([name, value]) => [name, decodeValue(decoder, name, value)]));
}

function decodeValue(decoder: TextDecoder, name: string, value: Buffer): string {
  try {
    return decoder.decode(value);
  } catch {
    throw new MalformedMessageError(name, '不符合 charset 所指的编码');
  }
}
