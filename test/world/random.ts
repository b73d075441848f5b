/** Numbers that look random and follow from a seed alone. */
export interface Random {
  /** From 0 up to, but without, 1. */
  next(): number;
  /** A whole number from 0 up to, but without, `limit`. */
  below(limit: number): number;
  between(lowest: number, highest: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  bytes(size: number): Buffer;
  /** Digits and lower-case letters. */
  text(length: number): string;
  digits(length: number): string;
  /** A generator of its own, so that what one part of the world draws does not move another's. */
  fork(name: string): Random;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** mulberry32: small, quick and good enough to choose what happens next. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const letters = (length: number, from: string) =>
    Array.from({ length }, () => from[below(from.length)] ?? '').join('');
  return {
    next,
    below,
    between: (lowest, highest) => lowest + below(highest - lowest + 1),
    chance: (probability) => next() < probability,
    pick: <T>(choices: readonly T[]) => {
      if (choices.length === 0) throw new RangeError('nothing to choose from');
      return choices[below(choices.length)] as T;
    },
    bytes: (size) => Buffer.from(Array.from({ length: size }, () => below(256))),
    text: (length) => letters(length, alphabet),
    digits: (length) => letters(length, '0123456789'),
    fork: (name) => createRandom(mix(state, name)),
  };
}

/** FNV-1a over the name, begun at the seed. */
function mix(seed: number, name: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
