import { MalformedMessageError } from '../errors.ts';

/**
 * Each parameter's value, one character for each of its bytes (`latin1`): which charset they are in stands in one of
 * the parameters.
 */
export type FormFields = ReadonlyMap<string, string>;

const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;
const INCOMPLETE_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const INHERITED_NAMES: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * An `application/x-www-form-urlencoded` body, each name and value decoded once. Stricter than browsers are: every
 * parameter has a name and a `=`, none comes twice, and what is not printable ASCII must be percent-encoded.
 * @throws MalformedMessageError
 */
export function parseForm(body: Buffer): FormFields {
  const text = body.toString('latin1');
  if (!PRINTABLE_ASCII.test(text)) throw new MalformedMessageError(null, '须为表单编码');
  if (INCOMPLETE_ESCAPE.test(text)) throw new MalformedMessageError(null, '含有无效的百分号编码');
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

/** `unescape` makes one character of each escape; the `%u…` that it knows too has been refused. */
const percentDecode = (text: string): string => (text.includes('%') ? unescape(text) : text);
