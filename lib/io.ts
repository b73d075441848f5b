import { randomBytes } from 'node:crypto';

/** What the outside world gives: the time (milliseconds since 1970), randomness and HTTP. Passed in everywhere. */
export interface Io {
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
  readonly fetch: typeof fetch;
}

export const systemIo: Io = { now: Date.now, randomBytes, fetch: (...request) => fetch(...request) };
