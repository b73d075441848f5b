import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { runConsumer } from './functions.ts';
import type { Change } from './table/memory-table.ts';
import type { World } from './world.ts';

const MAX_DELIVERIES = 4;

/**
 * The table's stream with its event source mapping. Records of one item come in their order; those of several in any, in batches of any size.
 */
export function createStream(world: World): (change: Change) => void {
  const { scheduler, random, faults } = world;
  const queues = new Map<string, DynamoDBRecord[]>();
  let sequence = 0;

  const takeBatch = (): DynamoDBRecord[] => {
    const batch: DynamoDBRecord[] = [];
    for (let size = random.between(1, 12); size > 0 && queues.size > 0; size--) {
      const [key, records] = [...queues][random.below(queues.size)] ?? ['', []];
      const record = records.shift();
      if (record) batch.push(record);
      if (records.length === 0) queues.delete(key);
    }
    return batch;
  };
  const deliver = async (batch: DynamoDBRecord[], deliveries: number): Promise<void> => {
    const outcome = await runConsumer(world, batch);
    const isDone = outcome.state === 'answered' && outcome.value.batchItemFailures.length === 0;
    if (!isDone && deliveries < MAX_DELIVERIES) return deliver(batch, deliveries + 1);
    if (faults.happens('stream_repeated')) return deliver(batch, MAX_DELIVERIES);
  };
  const deliverNext = () => {
    const batch = takeBatch();
    if (batch.length === 0) return;
    if (!faults.happens('stream_lost')) void deliver(batch, 1);
    if (queues.size > 0) scheduler.at(scheduler.now() + random.between(1, 3_000), deliverNext);
  };

  return (change) => {
    if (!owes(change)) return;
    sequence += 1;
    const queue = queues.get(change.key) ?? [];
    queue.push(recordOf(change, sequence));
    queues.set(change.key, queue);
    scheduler.at(scheduler.now() + random.between(1, 3_000), deliverNext);
  };
}

/** The filter of the event source mapping. */
const owes = ({ after }: Change): boolean => String(after?.['work'] ?? '').startsWith('notify#');

function recordOf({ before, after }: Change, sequence: number): DynamoDBRecord {
  const image = (item: Change['after']) => (item ? marshall(item) : undefined);
  const dynamodb = { NewImage: image(after), OldImage: image(before), SequenceNumber: String(sequence) };
  return { dynamodb } as DynamoDBRecord;
}
