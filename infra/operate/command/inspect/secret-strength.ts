import { type Finding, warning } from './finding.ts';
import { textsIn, topField } from './texts.ts';

const secretFields: ReadonlySet<string> = new Set(['hs256_secret', 'apiv3_key', 'callback_keys']);

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
