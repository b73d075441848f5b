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
