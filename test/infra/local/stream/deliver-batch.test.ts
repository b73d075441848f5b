import { describe, expect, it } from 'vitest';
import { type DiscardedBatch, deliverBatch } from '../../../../infra/local/stream/deliver-batch.ts';
import type { StreamRecord } from '../../../../infra/local/stream/record.ts';
import type { EventSourceSettings } from '../../../../infra/local/stream/settings.ts';
import { numbers, record, records, settings } from './records.ts';

type Answer = (batch: readonly number[], call: number) => unknown;

/** Delivers and says what the function was called with, what was discarded, and how long it waited. */
async function deliver(
  batch: readonly StreamRecord[],
  answer: Answer,
  change: Partial<EventSourceSettings> = {},
) {
  const calls: (readonly number[])[] = [];
  const discarded: DiscardedBatch[] = [];
  const waits: number[] = [];
  let now = 0;
  await deliverBatch(batch, {
    settings: { ...settings, ...change },
    invoke: async ({ Records }) => {
      calls.push(numbers(Records));
      return answer(numbers(Records), calls.length);
    },
    discard: (what) => discarded.push(what),
    now: () => now,
    sleep: async (durationMs) => {
      waits.push(durationMs);
      now += durationMs;
    },
  });
  const given = discarded.map(({ condition, records: lost, invocations }) => ({
    condition,
    records: numbers(lost),
    invocations,
  }));
  return { calls, discarded: given, waits };
}

const failure = (...failed: readonly (number | string | null)[]) => ({
  batchItemFailures: failed.map((itemIdentifier) => ({
    itemIdentifier: typeof itemIdentifier === 'number' ? String(itemIdentifier) : itemIdentifier,
  })),
});
const fail = () => {
  throw new Error('failed');
};
/** Fails a batch as a whole while this record is in it. */
const poisonedBy = (poison: number) => (batch: readonly number[]) => (batch.includes(poison) ? fail() : null);

describe('deliverBatch', () => {
  it.each([
    ['null', null],
    ['no list', {}],
    ['a null list', { batchItemFailures: null }],
    ['an empty list', failure()],
  ])('is done with a batch whose answer is %s', async (_what, answer) => {
    expect(await deliver(records(1, 2), () => answer)).toEqual({ calls: [[1, 2]], discarded: [], waits: [] });
  });

  it('goes on from the lowest record that failed', async () => {
    const { calls, discarded } = await deliver(records(1, 2, 3, 4), (_batch, call) =>
      call === 1 ? failure(4, 2) : null,
    );
    expect(calls).toEqual([
      [1, 2, 3, 4],
      [2, 3, 4],
    ]);
    expect(discarded).toEqual([]);
  });

  it.each([
    ['names a record that is not in the batch', failure(2, 9)],
    ['names nothing', failure(null)],
    ['names an empty text', failure('')],
  ])('takes an answer that %s for a failure as a whole', async (_what, answer) => {
    const { calls } = await deliver(records(1, 2), (_batch, call) => (call === 1 ? answer : null));
    expect(calls).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('does not look at the answer unless item failures are reported', async () => {
    const { calls } = await deliver(records(1, 2), () => failure(1), { reportBatchItemFailures: false });
    expect(calls).toEqual([[1, 2]]);
  });

  it('retries a bounded number of times, waiting longer each time, then gives the batch up', async () => {
    const { calls, discarded, waits } = await deliver(records(1, 2), fail);
    expect(calls).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(discarded).toEqual([{ condition: 'RetryAttemptsExhausted', records: [1, 2], invocations: 3 }]);
    expect(waits).toEqual([200, 400]);
  });

  it('gives up only what is left after progress', async () => {
    const { discarded } = await deliver(records(1, 2, 3), (batch) => (batch[0] === 1 ? failure(2) : fail()));
    expect(discarded).toEqual([{ condition: 'RetryAttemptsExhausted', records: [2, 3], invocations: 3 }]);
  });

  it('halves a batch that fails until the poison record is alone, and delivers the others', async () => {
    const { calls, discarded } = await deliver(records(1, 2, 3, 4, 5), poisonedBy(2), {
      bisectBatchOnFunctionError: true,
    });
    expect(calls).toEqual([[1, 2, 3, 4, 5], [1, 2, 3], [1, 2], [1], [2], [2], [2], [3], [4, 5]]);
    expect(discarded).toEqual([{ condition: 'RetryAttemptsExhausted', records: [2], invocations: 3 }]);
  });

  it('splits at the checkpoint without spending a retry, but retries a first record in its place', async () => {
    const { calls, discarded } = await deliver(
      records(1, 2, 3),
      (batch) => failure(Math.min(3, (batch[0] ?? 0) + 1)),
      {
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: 1,
      },
    );
    expect(calls).toEqual([[1, 2, 3], [2, 3], [3], [3]]);
    expect(discarded).toEqual([{ condition: 'RetryAttemptsExhausted', records: [3], invocations: 2 }]);
  });

  it('gives up records past the maximum age, and delivers the younger ones', async () => {
    const old = { maximumRecordAgeMs: 1_000, maximumRetryAttempts: Number.POSITIVE_INFINITY };
    const { calls, discarded } = await deliver([record(1, -2), record(2, 0)], () => null, old);
    expect(calls).toEqual([[2]]);
    expect(discarded).toEqual([{ condition: 'RecordAgeExceeded', records: [1], invocations: 0 }]);
  });

  it('stops retrying without bound once the records are too old', async () => {
    const { discarded } = await deliver(records(1), fail, {
      maximumRecordAgeMs: 1_000,
      maximumRetryAttempts: Number.POSITIVE_INFINITY,
    });
    expect(discarded).toEqual([{ condition: 'RecordAgeExceeded', records: [1], invocations: 3 }]);
  });
});
