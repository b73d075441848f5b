import { setTimeout as sleep } from 'node:timers/promises';
import type { Checkpoint } from './checkpoint.ts';
import { type Delivery, deliverBatch } from './deliver-batch.ts';
import type { StreamRecord } from './record.ts';
import type { EventSourceSettings } from './settings.ts';
import type { StreamPosition, StreamReader } from './stream-reader.ts';

/** Lambda asks each shard four times a second. */
const POLL_INTERVAL_MS = 250;
const REOPEN_INTERVAL_MS = 1_000;

export interface EventSourceMappingOptions extends Pick<Delivery, 'settings' | 'invoke' | 'discard'> {
  readonly openStream: (start: StreamPosition) => Promise<StreamReader>;
  readonly checkpoint: Checkpoint;
  /** Told of a stream that could not be read; it is opened again where it was left. */
  readonly onError: (error: unknown) => void;
}

export interface EventSourceMapping {
  stop(): Promise<void>;
}

/** Feeds a function from a stream, in order and one batch after the other, until it is stopped. */
export function startEventSourceMapping(options: EventSourceMappingOptions): EventSourceMapping {
  const stopping = new AbortController();
  const running = run(options, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function run(options: EventSourceMappingOptions, signal: AbortSignal): Promise<void> {
  const { openStream, checkpoint, onError } = options;
  const pause = (durationMs: number) => sleep(durationMs, undefined, { signal });
  const delivery = { ...options, now: Date.now, sleep: pause };
  while (!signal.aborted) {
    try {
      const reader = await openStream(await checkpoint.load());
      for (;;) {
        await deliverBatch(await collectBatch(reader, options.settings, delivery), delivery);
        await checkpoint.save(reader.position());
      }
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
      await pause(REOPEN_INTERVAL_MS).catch(() => {});
    }
  }
}

/** Gathers a batch: until it is full, or the batching window that its first record opened is over. */
export async function collectBatch(
  reader: Pick<StreamReader, 'read'>,
  { matches, batchSize, batchingWindowMs }: EventSourceSettings,
  { now, sleep }: Pick<Delivery, 'now' | 'sleep'>,
): Promise<readonly StreamRecord[]> {
  const batch: StreamRecord[] = [];
  let windowEnd = Number.POSITIVE_INFINITY;
  while (batch.length < batchSize && now() < windowEnd) {
    const records = await reader.read(batchSize - batch.length);
    batch.push(...records.filter(matches));
    if (batch.length > 0 && windowEnd === Number.POSITIVE_INFINITY) windowEnd = now() + batchingWindowMs;
    if (records.length === 0) await sleep(Math.min(POLL_INTERVAL_MS, Math.max(0, windowEnd - now())));
  }
  return batch;
}
