import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Cloud } from './cloud.ts';
import type { Surroundings } from './surroundings.ts';
import type { Item } from './table/expression.ts';
import type { Change } from './table/memory-table.ts';

/** The table's stream and an event source mapping that feeds a consumer: in order for an item, not across items. */
export interface Stream {
  readonly onChange: (change: Change) => void;
  /** Records that the mapping gave up, for whatever reason. */
  readonly givenUp: readonly DynamoDBRecord[];
}

/** How a mapping is set up. */
export interface Mapping {
  readonly consumer: string;
  /** Its filter, on the new image. */
  readonly passes: (image: Item) => boolean;
  readonly longestAge_ms: number;
}

interface StreamRecord {
  readonly written_at: number;
  readonly record: DynamoDBRecord;
}

const SHARDS = 3;
const WINDOW_MS = 3_000;
const RETRIES = 3;

export function createStream(world: Surroundings, cloud: () => Cloud, mapping: Mapping): Stream {
  const { consumer, passes, longestAge_ms } = mapping;
  const { clock, random, faults, marks, tell } = world;
  const queues: StreamRecord[][] = Array.from({ length: SHARDS }, () => []);
  const isReading = queues.map(() => false);
  const lastReady: number[] = [];
  const givenUp: DynamoDBRecord[] = [];
  let sequence = 0;

  const giveUp = (batch: readonly StreamRecord[]) => {
    if (batch.length > 0) marks.take('stream_gave_up');
    givenUp.push(...batch.map(({ record }) => record));
  };

  const read = async (shard: number) => {
    if (isReading[shard]) return;
    isReading[shard] = true;
    const queue = queues[shard] ?? [];
    while (queue.length > 0) {
      await clock.sleep(WINDOW_MS);
      await consume(queue.splice(0, random.pick([1, 2, 100])), RETRIES);
    }
    isReading[shard] = false;
  };

  /** As an event source mapping does that bisects and takes partial failures. */
  const consume = async (batch: readonly StreamRecord[], retries: number): Promise<void> => {
    const isFresh = ({ written_at }: StreamRecord) => clock.now() - written_at < longestAge_ms;
    const fresh = batch.filter(isFresh);
    giveUp(batch.filter((record) => !isFresh(record)));
    if (fresh.length === 0) return;
    const outcome = await cloud().invoke(consumer, { Records: fresh.map(({ record }) => record) });
    const hasFailed = 'failed' in outcome || faults.happens('batch_fails');
    if (hasFailed) {
      if (retries === 0) return giveUp(fresh);
      await clock.sleep(1_000);
      if (fresh.length === 1) return consume(fresh, retries - 1);
      marks.take('batch_bisected');
      const middle = Math.ceil(fresh.length / 2);
      await consume(fresh.slice(0, middle), retries - 1);
      return consume(fresh.slice(middle), retries - 1);
    }
    const { batchItemFailures = [] } = (outcome.value ?? {}) as {
      batchItemFailures?: { itemIdentifier: string }[];
    };
    const first = fresh.findIndex(({ record }) =>
      batchItemFailures.some(({ itemIdentifier }) => itemIdentifier === record.dynamodb?.SequenceNumber),
    );
    if (first >= 0 && retries > 0) return consume(fresh.slice(first), retries - 1);
    if (first >= 0) giveUp(fresh.slice(first));
    if (faults.happens('record_repeated')) {
      tell('a batch of the stream comes again');
      await consume(fresh, 0);
    }
  };

  return {
    givenUp,
    onChange({ key, before, after }) {
      if (!after || !passes(after)) return;
      sequence += 1;
      const { pk, sk } = after;
      const record = {
        eventID: String(sequence),
        eventName: before ? 'MODIFY' : 'INSERT',
        eventSource: 'aws:dynamodb',
        dynamodb: {
          Keys: marshall({ pk, sk }),
          NewImage: marshall(after),
          ...(before ? { OldImage: marshall(before) } : {}),
          SequenceNumber: String(sequence),
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
      } as unknown as DynamoDBRecord;
      const shard = [...key].reduce((sum, character) => sum + character.charCodeAt(0), 0) % SHARDS;
      const lag = faults.happens('records_out_of_step')
        ? random.between(500, 20_000)
        : random.between(10, 100);
      const written_at = clock.now();
      // A shard keeps its order: what is behind waits for what is before it.
      const ready = Math.max(written_at + lag, lastReady[shard] ?? 0);
      lastReady[shard] = ready;
      clock.after(ready - written_at, () => {
        queues[shard]?.push({ written_at, record });
        void read(shard);
      });
    },
  };
}
