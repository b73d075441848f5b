import { createHmac } from 'node:crypto';

export type FlatFields = Readonly<Record<string, string>>;

/**
 * The flat callback body with its `sig`: HMAC-SHA256 in hex over `name=value` of all fields that are not empty,
 * sorted by name in byte order and joined with `&`.
 */
export function signedFlatBody(fields: FlatFields, key: string): string {
  const text = Object.entries(fields)
    .filter(([name, value]) => name !== 'sig' && value !== '')
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return JSON.stringify({ ...fields, sig: createHmac('sha256', key).update(text).digest('hex') });
}
