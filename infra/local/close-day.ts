import { setTimeout as sleep } from 'node:timers/promises';
import type { Io } from '../../lib/io.ts';
import { allProviders } from '../../lib/providers/all.ts';
import { digest } from '../endpoints.ts';
import type { Payees } from './payees.ts';
import type { LocalQueue } from './queue/queue.ts';

const HOUR_MS = 3_600_000;
const POLL_INTERVAL_MS = 50;
/** A day that fails is hidden in the queue for far longer, and the digest says that it is not done. */
const LONGEST_WAIT_MS = 20_000;

export interface ClosingParts {
  readonly payees: Pick<Payees, 'merchants'>;
  readonly io: Pick<Io, 'now'>;
  readonly queue: LocalQueue;
  /** Runs a function that a schedule runs. */
  readonly run: (functionName: string) => Promise<void>;
}

/**
 * Does today what the next day would do: reconciles each merchant's bill so far, then tells the group. What comes
 * later today is left out, since a day is reconciled once.
 * @throws Error when the digest cannot be sent
 */
export async function closeDay({ payees, queue, run, io: { now } }: ClosingParts): Promise<void> {
  for (const { name: provider, facts } of allProviders) {
    const day = new Date(now() + facts.bill.utcOffset_h * HOUR_MS).toISOString().slice(0, 10);
    for (const merchant of await payees.merchants(provider)) {
      queue.send(JSON.stringify({ provider, merchant, day }), 0);
    }
  }
  const until = now() + LONGEST_WAIT_MS;
  while (isBusy(queue) && now() < until) await sleep(POLL_INTERVAL_MS);
  await run(digest.name);
}

function isBusy(queue: LocalQueue): boolean {
  const { visible, inFlight } = queue.counts();
  return visible + inFlight > 0;
}
