import { isLoopback } from '../../../../lib/config/document.ts';
import { type Finding, fault, warning } from './finding.ts';

export interface FieldText {
  /** With the names or positions inside it: `public_keys.PUB_KEY_ID_1`, `callback_keys.0`. */
  readonly field: string;
  readonly text: string;
}

/** Every text that a document holds, at any depth. */
export function textsIn(value: unknown, field = ''): FieldText[] {
  if (typeof value === 'string') return [{ field, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    textsIn(inner, field === '' ? name : `${field}.${name}`),
  );
}

/** `callback_keys.0` → `callback_keys` */
export const topField = (field: string): string => field.split('.', 1)[0] ?? field;

/** Addresses of this machine count in the local system only. */
export function inspectAddresses(document: unknown, stage: string): Finding[] {
  if (stage === 'local') return [];
  const addresses = textsIn(document).filter(({ text }) => /^https?:\/\//.test(text));
  return addresses
    .filter(({ text }) => isLoopback(text))
    .map(({ field }) => fault(field, 'leads to the machine that reads it'));
}

const secretFields: ReadonlySet<string> = new Set(['hs256_secret', 'apiv3_key', 'callback_keys', 'secrets']);

/** A random secret of 24 bytes or more has more of them, however it is written. */
const LEAST_DIFFERENT_CHARACTERS = 8;

export function inspectSecretStrength(document: unknown): Finding[] {
  const secrets = textsIn(document).filter(({ field }) => secretFields.has(topField(field)));
  return secrets.flatMap(({ field, text }, index) => [
    ...(new Set(text).size < LEAST_DIFFERENT_CHARACTERS
      ? [warning(field, 'is easy to guess: let it be made at random')]
      : []),
    ...(secrets.slice(0, index).some((other) => other.text === text)
      ? [warning(field, 'is there twice')]
      : []),
  ]);
}

/** As it comes of copying; around a PEM it does no harm. */
export function inspectBlanks(document: unknown): Finding[] {
  return textsIn(document)
    .filter(({ text }) => text !== text.trim() && !text.includes('-----BEGIN') && text.length < 300)
    .map(({ field }) => fault(field, 'begins or ends with white space'));
}
