import { describe, expect, it } from 'vitest';
import { memoryCheckpoint } from '../../../../infra/local/stream/checkpoint.ts';
import {
  collectBatch,
  startEventSourceMapping,
} from '../../../../infra/local/stream/event-source-mapping.ts';
import type { StreamRecord } from '../../../../infra/local/stream/record.ts';
import type { StreamReader } from '../../../../infra/local/stream/stream-reader.ts';
import { numbers, records, settings } from './records.ts';

/** Collects from a stream that gives these pages one after the other, then nothing. */
async function collect(pages: readonly (readonly StreamRecord[])[], change: Partial<typeof settings>) {
  const left = [...pages];
  const limits: number[] = [];
  let now = 0;
  const clock = {
    now: () => now,
    sleep: async (durationMs: number) => {
      now += durationMs;
    },
  };
  const read = async (limit: number) => {
    limits.push(limit);
    return left.shift() ?? [];
  };
  const batch = await collectBatch({ read }, { ...settings, ...change }, clock);
  return { batch: numbers(batch), limits, waited: now };
}

describe('collectBatch', () => {
  it('waits for records, and without a window hands them over at once', async () => {
    const { batch, waited } = await collect([[], records(1, 2), records(3)], {});
    expect(batch).toEqual([1, 2]);
    expect(waited).toBe(250);
  });

  it('gathers until the window that the first record opened is over', async () => {
    const { batch, waited } = await collect([[], records(1), [], records(2), []], { batchingWindowMs: 600 });
    expect(batch).toEqual([1, 2]);
    expect(waited).toBe(250 + 600);
  });

  it('hands a full batch over before the window is over', async () => {
    const { batch, limits, waited } = await collect([records(1), records(2, 3)], {
      batchSize: 3,
      batchingWindowMs: 60_000,
    });
    expect({ batch, limits, waited }).toEqual({ batch: [1, 2, 3], limits: [3, 2], waited: 0 });
  });

  it('leaves out what the filter does not match', async () => {
    const even = (value: unknown) => Number((value as StreamRecord).dynamodb.SequenceNumber) % 2 === 0;
    const { batch } = await collect([records(1, 3), records(4, 5)], { matches: even });
    expect(batch).toEqual([4]);
  });
});

describe('startEventSourceMapping', () => {
  it('remembers where it was, and opens the stream there when it could not be read', async () => {
    const starts: unknown[] = [];
    const delivered: number[][] = [];
    const errors: unknown[] = [];
    const streams = [
      [records(1, 2), 'broken'],
      [records(3), null],
    ] as const;
    const openStream = async (start: unknown): Promise<StreamReader> => {
      const [page, then] = streams[starts.push(start) - 1] ?? [[], null];
      const pages = [page];
      return {
        read: async () => {
          const next = pages.shift();
          if (!next && then) throw new Error(then);
          return next ?? [];
        },
        position: () => ({ shard: String(numbers(page).at(-1)) }),
      };
    };
    const mapping = startEventSourceMapping({
      settings,
      openStream,
      checkpoint: memoryCheckpoint(),
      invoke: async ({ Records }) => {
        delivered.push(numbers(Records));
      },
      discard: () => {},
      onError: (error) => errors.push(error),
    });
    await expect.poll(() => delivered).toEqual([[1, 2], [3]]);
    await mapping.stop();
    expect(starts).toEqual([{}, { shard: '2' }]);
    expect(errors.map(String)).toEqual(['Error: broken']);
  });
});
