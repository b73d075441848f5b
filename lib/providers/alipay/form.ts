import { MalformedMessageError } from '../errors.ts';

/**
 * Each parameter's value, one character for each of its bytes (`latin1`): which charset they are in stands in one of
 * the parameters.
 */
export type FormFields = Map<string, string>;

const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;
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
  if (!PRINTABLE_ASCII.test(text)) throw new MalformedMessageError(null, '须为表单编码');
  const fields = new Map<string, string>();
  for (const pair of text.replaceAll('+', ' ').split('&')) {
    const separator = pair.indexOf('=');
    const name = percentDecode(pair.slice(0, separator));
    if (separator === -1 || !PRINTABLE_ASCII.test(name) || INHERITED_NAMES.has(name)) {
      throw new MalformedMessageError(null, '含有不允许的参数名');
    }
    if (fields.has(name)) throw new MalformedMessageError(name, '重复出现');
    fields.set(name, percentDecode(pair.slice(separator + 1)));
  }
  return fields;
}

/** One character for each byte. Written out, as a replacement takes twice as long. */
function percentDecode(text: string): string {
  let decoded = '';
  let rest = 0;
  for (let percent = text.indexOf('%'); percent !== -1; percent = text.indexOf('%', rest)) {
    const byte = hexDigit(text, percent + 1) * 16 + hexDigit(text, percent + 2);
    if (Number.isNaN(byte)) throw new MalformedMessageError(null, '含有无效的百分号编码');
    decoded += text.slice(rest, percent) + String.fromCharCode(byte);
    rest = percent + 3;
  }
  return decoded + text.slice(rest);
}

const hexDigit = (text: string, index: number): number => HEX_DIGITS[text.charCodeAt(index)] ?? Number.NaN;
