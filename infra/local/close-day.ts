import { setTimeout as sleep } from 'node:timers/promises';
import { allProviders } from '../../lib/providers/all.ts';
import type { OpenParts } from '../../lib/providers/provider.ts';
import { digest } from '../endpoints.ts';
import type { LocalDocuments } from './documents.ts';
import type { LocalQueue } from './queue/queue.ts';

const HOUR_MS = 3_600_000;
const POLL_INTERVAL_MS = 50;
/** A day that fails is hidden in the queue for far longer, and the digest says that it is not done. */
const LONGEST_WAIT_MS = 20_000;

export interface ClosingParts extends OpenParts {
  readonly documents: LocalDocuments['documents'];
  readonly queue: LocalQueue;
  /** Runs a function that a schedule runs. */
  readonly run: (functionName: string) => Promise<void>;
}

/**
 * Does today what the next day would do: reconciles each merchant's bill so far, then tells the group. What comes
 * later today is left out, since a day is reconciled once.
 * @throws Error when the digest cannot be sent
 */
export async function closeDay({ documents, queue, run, ...parts }: ClosingParts): Promise<void> {
  const { now } = parts.io;
  for (const { name: provider, facts, open } of allProviders) {
    const document = documents[provider];
    if (!document) continue;
    const day = new Date(now() + facts.bill.utcOffset_h * HOUR_MS).toISOString().slice(0, 10);
    queue.send(JSON.stringify({ provider, merchant: open(parts)(document).name, day }), 0);
  }
  const until = now() + LONGEST_WAIT_MS;
  while (isBusy(queue) && now() < until) await sleep(POLL_INTERVAL_MS);
  await run(digest.name);
}

function isBusy(queue: LocalQueue): boolean {
  const { visible, inFlight } = queue.counts();
  return visible + inFlight > 0;
}
