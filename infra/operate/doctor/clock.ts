import type { Io } from '../../../lib/io.ts';
import { fault, ok, type Result, unknown, warning } from './check.ts';
import { request } from './request.ts';

/** Providers refuse what is signed more than 300 s off, and so do we. */
const TOLERANCE_MS = 60_000;

/** An address whose answers tell the time. */
export interface TimeSource {
  readonly name: string;
  readonly url: string;
}

interface Clock {
  readonly name: string;
  /** How far it is ahead of this machine's. */
  readonly ahead_ms: number;
}

/** Whether the API's clock agrees with the providers', as far as they answer, and with this machine's. */
export async function checkClock(
  io: Pick<Io, 'fetch' | 'now'>,
  apiUrl: string,
  providers: readonly TimeSource[],
): Promise<Result> {
  const [api, ...others] = await Promise.all(
    [{ name: 'the API', url: apiUrl }, ...providers].map((source) => readClock(io, source)),
  );
  return compareClocks(
    api ?? null,
    others.filter((clock) => clock !== null),
  );
}

/** By the `Date` of an answer, which is to the second; null when there is none. */
async function readClock(io: Pick<Io, 'fetch' | 'now'>, { name, url }: TimeSource): Promise<Clock | null> {
  const asked = io.now();
  const answer = await request(io, url, { method: 'GET', headers: {}, body: null });
  const at = typeof answer === 'string' ? Number.NaN : Date.parse(answer.headers.get('date') ?? '');
  return Number.isNaN(at) ? null : { name, ahead_ms: at - (asked + io.now()) / 2 };
}

function compareClocks(api: Clock | null, providers: readonly Clock[]): Result {
  const check = 'clock';
  if (!api) return unknown(check, 'could not be found out: the API does not say what time it is');
  const here: Clock = { name: 'this machine', ahead_ms: 0 };
  const isOff = ({ ahead_ms }: Clock) => Math.abs(api.ahead_ms - ahead_ms) > TOLERANCE_MS;
  const [off = here] = providers.filter(isOff);
  if (![here, ...providers].some(isOff)) {
    return ok(check, `the API agrees with ${[here, ...providers].map(({ name }) => name).join(', ')}`);
  }
  if (providers.length > 0 && off === here) {
    return warning(check, `this machine's is off by ${seconds(api.ahead_ms)}. Set it, and look again`);
  }
  const difference = seconds(api.ahead_ms - off.ahead_ms);
  return fault(
    check,
    `the API's is off by ${difference} from that of ${off.name}, and signatures count for 300 s. Check where the address leads`,
  );
}

const seconds = (duration_ms: number): string => `${Math.round(Math.abs(duration_ms) / 1_000)} s`;
