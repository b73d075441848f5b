import { type KeyObject, verify } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { MalformedMessageError, VerificationError, wordings } from '../message.ts';

/**
 * Whether one of Alipay's keys made this RSA2 signature: SHA256withRSA, PKCS#1 v1.5, which Node takes for a plain RSA
 * key. With the padding named beside the key, each verification takes 10 µs more (Node 24), half as long again.
 */
export const isSignedByAny = (keys: readonly KeyObject[], content: Buffer, signature: Buffer): boolean =>
  keys.some((key) => verify('RSA-SHA256', content, key, signature));

/**
 * Each parameter's value, one character for each of its bytes (`latin1`): which charset they are in stands in one of
 * the parameters.
 */
export type FormFields = Map<string, string>;

const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;
/** Printable ASCII but `&` and `=`, which would end it in the text that is signed. */
const PARAMETER_NAME = /^[\x21-\x25\x27-\x3c\x3e-\x7e]+$/;
const INHERITED_NAMES: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** What a character is worth as a hexadecimal digit, by its code; NaN when it is none. */
const HEX_DIGITS: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  Number.parseInt(String.fromCharCode(code), 16),
);

/**
 * An `application/x-www-form-urlencoded` body, each name and value decoded once. Stricter than browsers are: every
 * parameter has a name and a `=`, none comes twice, and what is not printable ASCII must be percent-encoded.
 * @throws MalformedMessageError
 */
export function parseForm(body: Buffer): FormFields {
  const text = body.toString('latin1');
  if (!PRINTABLE_ASCII.test(text))
    throw new MalformedMessageError(null, { zh: '须为表单编码', en: 'must be form-encoded' });
  const fields = new Map<string, string>();
  for (const pair of text.replaceAll('+', ' ').split('&')) {
    const separator = pair.indexOf('=');
    const name = percentDecode(pair.slice(0, separator));
    if (separator === -1 || !PARAMETER_NAME.test(name) || INHERITED_NAMES.has(name)) {
      throw new MalformedMessageError(null, {
        zh: '含有不允许的参数名',
        en: 'has a parameter with a name that is not allowed',
      });
    }
    if (fields.has(name)) throw repeated(name);
    fields.set(name, percentDecode(pair.slice(separator + 1)));
  }
  return fields;
}

const hasRepeated = { zh: '有参数重复出现', en: 'has a parameter more than once' };

/** The sender made the name up: the log does not repeat it. */
const repeated = (name: string) =>
  /^\w{1,64}$/.test(name)
    ? new MalformedMessageError(name, wordings.repeated, hasRepeated.zh)
    : new MalformedMessageError(null, hasRepeated);

/** One character for each byte. Written out, as a replacement takes twice as long. */
function percentDecode(text: string): string {
  let decoded = '';
  let rest = 0;
  for (let percent = text.indexOf('%'); percent !== -1; percent = text.indexOf('%', rest)) {
    const byte = hexDigit(text, percent + 1) * 16 + hexDigit(text, percent + 2);
    if (Number.isNaN(byte))
      throw new MalformedMessageError(null, {
        zh: '含有无效的百分号编码',
        en: 'has invalid percent-encoding',
      });
    decoded += text.slice(rest, percent) + String.fromCharCode(byte);
    rest = percent + 3;
  }
  return decoded + text.slice(rest);
}

const hexDigit = (text: string, index: number): number => HEX_DIGITS[text.charCodeAt(index)] ?? Number.NaN;

const UNSIGNED: ReadonlySet<string> = new Set(['sign', 'sign_type']);

const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'gbk', 'gb2312', 'gb18030']);

const NOT_ASCII = /[\x80-\xff]/;

/**
 * The parameters of a message whose signature verifies, as text. RSA2 is checked over the bytes as they were
 * sent: all parameters but `sign` and `sign_type`, empty ones too, sorted by name and joined as `name=value` with `&`
 * (alipay-sdk checkNotifySignV2). A text that can be split in another way is refused. Only then are they decoded from
 * the charset that the message names.
 * @throws VerificationError, MalformedMessageError
 */
export function verifyAlipayMessage(
  body: Buffer,
  publicKeys: readonly KeyObject[],
): ReadonlyMap<string, string> {
  const fields = parseForm(body);
  if (!isSignedByAny(publicKeys, signedContent(fields), signatureOf(fields))) {
    throw new VerificationError('signature_mismatch', 'the Alipay signature does not match');
  }
  checkUnambiguous(fields);
  return decodeValues(fields);
}

/** What begins another parameter in the text that is signed: `&`, a name and `=`. */
const PARAMETER_START = /&[\x21-\x25\x27-\x3c\x3e-\x7e]+=/;

/**
 * The signed text does not show where a value ends: one that holds the start of a parameter is genuine under several
 * forms. Whoever is sent such a message, for a trade of an own choice, could send it again as a message about another.
 */
function checkUnambiguous(fields: FormFields): void {
  for (const [name, value] of fields) {
    if (UNSIGNED.has(name) || !PARAMETER_START.test(value)) continue;
    throw new MalformedMessageError(null, {
      zh: '签名内容有歧义',
      en: 'has signed content that can be read in several ways',
    });
  }
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
  if (!CHARSETS.has(charset)) throw new MalformedMessageError('charset', wordings.unsupported);
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
    throw new MalformedMessageError(name, {
      zh: '不符合 charset 所指的编码',
      en: 'is not in the encoding that charset names',
    });
  }
}
