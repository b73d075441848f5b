import { randomBytes, randomInt } from 'node:crypto';

export const randomDigits = (count: number): string =>
  Array.from({ length: count }, () => randomInt(10)).join('');

/** Letters and digits, as providers make their identifiers of. */
export const randomText = (length: number): string => randomBytes(length).toString('hex').slice(0, length);
