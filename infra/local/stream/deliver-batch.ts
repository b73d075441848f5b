import { createdAt, type StreamRecord, sequenceNumber } from './record.ts';
import type { EventSourceSettings } from './settings.ts';

export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

export interface DiscardedBatch {
  readonly condition: DiscardCondition;
  readonly records: readonly StreamRecord[];
  /** How often the function was called with the batch. */
  readonly invocations: number;
}

export interface Delivery {
  readonly settings: EventSourceSettings;
  /** @throws when the function fails */
  readonly invoke: (event: { readonly Records: readonly StreamRecord[] }) => Promise<unknown>;
  readonly discard: (batch: DiscardedBatch) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (durationMs: number) => Promise<unknown>;
}

interface Attempt {
  readonly records: readonly StreamRecord[];
  /** Calls already made that count as retries; splitting a batch does not (Lambda developer guide). */
  readonly attempts: number;
}

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 30_000;

/**
 * Delivers a batch in order until each record is done with or discarded, as an event source mapping on a stream
 * does (Lambda developer guide, "Using Lambda with DynamoDB" and "Configuring partial batch response").
 */
export async function deliverBatch(records: readonly StreamRecord[], delivery: Delivery): Promise<void> {
  const { settings, discard, sleep } = delivery;
  const pending: Attempt[] = [{ records, attempts: 0 }];
  for (let next = pending.shift(); next; next = pending.shift()) {
    const { attempts } = next;
    const current = discardExpired(next, delivery);
    if (current.length === 0) continue;
    const checkpoint = await invokeOnce(current, delivery);
    const remaining = current.slice(checkpoint ?? 0);
    if (remaining.length === 0) continue;
    const parts = settings.bisectBatchOnFunctionError ? split(remaining, checkpoint) : [];
    if (parts.length > 0) {
      pending.unshift(...parts.map((part) => ({ records: part, attempts })));
    } else if (attempts < settings.maximumRetryAttempts) {
      pending.unshift({ records: remaining, attempts: attempts + 1 });
    } else {
      discard({ condition: 'RetryAttemptsExhausted', records: remaining, invocations: attempts + 1 });
      continue;
    }
    await sleep(Math.min(FIRST_BACKOFF_MS * 2 ** attempts, MAX_BACKOFF_MS));
  }
}

/**
 * The parts to retry without spending an attempt: halves after a failure as a whole, the rest after progress.
 * None for a single record, nor when the function names the first record: the documentation has nothing split then.
 */
function split(
  remaining: readonly StreamRecord[],
  checkpoint: number | null,
): readonly (readonly StreamRecord[])[] {
  if (checkpoint !== null) return checkpoint > 0 ? [remaining] : [];
  if (remaining.length === 1) return [];
  const middle = Math.ceil(remaining.length / 2);
  return [remaining.slice(0, middle), remaining.slice(middle)];
}

function discardExpired({ records, attempts }: Attempt, delivery: Delivery): readonly StreamRecord[] {
  const oldest = delivery.now() - delivery.settings.maximumRecordAgeMs;
  const expired = records.filter((record) => createdAt(record) < oldest);
  if (expired.length === 0) return records;
  delivery.discard({ condition: 'RecordAgeExceeded', records: expired, invocations: attempts });
  return records.filter((record) => createdAt(record) >= oldest);
}

/** How many records from the first are done with; null when the function failed as a whole. */
async function invokeOnce(
  records: readonly StreamRecord[],
  { settings, invoke }: Delivery,
): Promise<number | null> {
  let result: unknown;
  try {
    result = await invoke({ Records: records });
  } catch {
    return null;
  }
  return settings.reportBatchItemFailures ? readCheckpoint(result, records) : records.length;
}

/** The lowest record that the answer names. An answer that names none of the batch is a failure as a whole. */
function readCheckpoint(result: unknown, records: readonly StreamRecord[]): number | null {
  const { batchItemFailures } = (result ?? {}) as {
    batchItemFailures?: { itemIdentifier?: unknown }[] | null;
  };
  const indexes = (batchItemFailures ?? []).map((failure) =>
    records.findIndex((record) => sequenceNumber(record) === failure.itemIdentifier),
  );
  if (indexes.length === 0) return records.length;
  return indexes.includes(-1) ? null : Math.min(...indexes);
}
