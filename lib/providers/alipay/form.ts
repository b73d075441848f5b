import { MalformedMessageError } from '../errors.ts';

/** Each parameter's value as bytes: which charset they are in stands in one of the parameters. */
export type FormFields = ReadonlyMap<string, Buffer>;

const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * An `application/x-www-form-urlencoded` body, each name and value decoded once. Stricter than browsers are: every
 * parameter has a name and a `=`, none comes twice, and what is not printable ASCII must be percent-encoded.
 * @throws MalformedMessageError
 */
export function parseForm(body: Buffer): FormFields {
  const text = body.toString('latin1');
  if (!PRINTABLE_ASCII.test(text)) throw new MalformedMessageError(null, '须为表单编码');
  const fields = new Map<string, Buffer>();
  for (const pair of text.split('&')) {
    const separator = pair.indexOf('=');
    const name = decode(pair.slice(0, separator)).toString('latin1');
    if (separator === -1 || !PRINTABLE_ASCII.test(name) || name in Object.prototype) {
      throw new MalformedMessageError(null, '含有不允许的参数名');
    }
    if (fields.has(name)) throw new MalformedMessageError(name, '重复出现');
    fields.set(name, decode(pair.slice(separator + 1)));
  }
  return fields;
}

function decode(encoded: string): Buffer {
  if (/%(?![0-9A-Fa-f]{2})/.test(encoded)) throw new MalformedMessageError(null, '含有无效的百分号编码');
  const bytes = encoded
    .replaceAll('+', ' ')
    .replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}
