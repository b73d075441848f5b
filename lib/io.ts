import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the outside world gives: the time (milliseconds since 1970), randomness and HTTP. Passed in everywhere. */
export interface Io {
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
  readonly fetch: typeof fetch;
  readonly sleep: (duration_ms: number) => Promise<unknown>;
}

export const systemIo: Io = { now: Date.now, randomBytes, fetch: (...request) => fetch(...request), sleep };

/** A time between nothing and `longest_ms`, so that those who wait do not all come back at once. */
export const jitter = (io: Pick<Io, 'randomBytes'>, longest_ms: number): number =>
  Math.floor((io.randomBytes(2).readUInt16BE() / 0x1_0000) * longest_ms);

/**
 * Why `fetch` gave no answer: the system's own code, such as `ECONNREFUSED`, which it hides in the cause of a TypeError,
 * or the error's name, such as `TimeoutError`. Nothing of an address or an answer is in it.
 */
export function unansweredReason(error: unknown): string {
  let cause = error;
  for (let depth = 0; depth < 4 && cause instanceof Error; depth += 1) {
    if ('code' in cause && typeof cause.code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(cause.code)) {
      return cause.code;
    }
    if (cause.message === 'unexpected redirect') return 'redirected';
    cause = cause.cause;
  }
  return error instanceof Error ? error.name : 'no answer';
}

/** A time as it is stored: ISO 8601 in UTC, with milliseconds, so that texts sort as times do. */
export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
