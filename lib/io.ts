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
