import { setTimeout as sleep } from 'node:timers/promises';
import { checkBooks } from '../support/books.ts';
import { createHttpClient } from '../support/http-client.ts';
import { startTestSystem } from '../support/local-system.ts';
import { createParties, openTable } from '../support/parties.ts';
import { scanTable } from '../support/table-scan.ts';
import { createRandom } from '../world/random.ts';
import { type CallbackKind, createCallbacks } from './callbacks.ts';
import { type Latency, summarise } from './latency.ts';

export interface LoadOptions {
  readonly seed: number;
  /** Callbacks a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly onProgress?: (line: string) => void;
}

export interface LoadReport {
  readonly sent: Readonly<Record<CallbackKind, number>>;
  /** Answered in a second, over the whole time. */
  readonly rate: number;
  readonly latency: Readonly<Record<CallbackKind, Latency>>;
  /** Answers other than success, and for forged messages 401. */
  readonly errors: Readonly<Record<string, number>>;
  /** How many are still to be announced: a robot takes twenty messages a minute. */
  readonly owed: number;
  /** What is wrong with the books. */
  readonly wrong: readonly string[];
}

/** More callbacks than this are not under way at once: a system that cannot follow makes the rate sink. */
const UNDER_WAY = 256;

/** Sends callbacks at an even rate to a system of its own, then checks the books. */
export async function runLoad({ seed, rate, seconds, onProgress }: LoadOptions): Promise<LoadReport> {
  const parties = createParties();
  await using started = new AsyncDisposableStack();
  const system = started.adopt(await startTestSystem({ documents: parties.documents }), (part) =>
    part.stop(),
  );
  const callbacks = createCallbacks(parties, openTable(system), createRandom(seed));
  const call = createHttpClient(system.url);
  const times: Record<CallbackKind, number[]> = { genuine: [], duplicate: [], forged: [] };
  const errors: Record<string, number> = {};

  async function send(): Promise<void> {
    const { kind, path, message } = await callbacks.next();
    const begun = performance.now();
    const outcome = await call('POST', path, message).then(
      ({ status }) => String(status),
      () => 'no answer',
    );
    times[kind].push(performance.now() - begun);
    if (outcome !== (kind === 'forged' ? '401' : '200')) {
      errors[`${kind}: ${outcome}`] = (errors[`${kind}: ${outcome}`] ?? 0) + 1;
    }
  }

  const answered = () => Object.values(times).reduce((sum, { length }) => sum + length, 0);
  const begun = performance.now();
  const elapsed_s = () => (performance.now() - begun) / 1_000;
  const progress = setInterval(() => {
    const { p99 } = summarise(times.genuine.slice(-1_000));
    const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
    onProgress?.(
      `${Math.round(elapsed_s())}/${seconds} s  ${answered()} answered  ${Math.round(answered() / elapsed_s())}/s  p99 ${p99.toFixed(1)} ms  ${failed} errors`,
    );
  }, 1_000);
  await paced(rate, seconds, send).finally(() => clearInterval(progress));
  const lasted_s = elapsed_s();

  const items = await scanTable(system);
  return {
    sent: { genuine: times.genuine.length, duplicate: times.duplicate.length, forged: times.forged.length },
    rate: answered() / lasted_s,
    latency: {
      genuine: summarise(times.genuine),
      duplicate: summarise(times.duplicate),
      forged: summarise(times.forged),
    },
    errors,
    owed: items.filter(({ work }) => /^(alert|notify)#/.test(String(work))).length,
    wrong: checkBooks({
      items,
      taken: callbacks.taken,
      perhapsTaken: new Set(),
      returned: [],
      announced: null,
    }),
  };
}

/** Starts `run` at an even rate, and waits for all of them. */
async function paced(rate: number, seconds: number, run: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  const underWay = new Set<Promise<void>>();
  for (let index = 0; index < rate * seconds; index++) {
    const wait_ms = begun + (index * 1_000) / rate - performance.now();
    if (wait_ms > 1) await sleep(wait_ms);
    if (performance.now() - begun > seconds * 1_000) break;
    while (underWay.size >= UNDER_WAY) await Promise.race(underWay);
    const running = run().finally(() => underWay.delete(running));
    underWay.add(running);
  }
  await Promise.all(underWay);
}
