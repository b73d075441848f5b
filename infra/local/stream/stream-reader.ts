import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { type StreamRecord, toEventRecord } from './record.ts';

/** For each shard, the sequence number up to which its records are done with. */
export type StreamPosition = Readonly<Record<string, string>>;

export interface StreamReader {
  /** The next records, at most `limit` of a shard; empty when there is nothing new. */
  read(limit: number): Promise<readonly StreamRecord[]>;
  /** After the records read so far. */
  position(): StreamPosition;
}

/** Reads a stream from a position, or where there is none from its beginning. */
export async function openStream(
  client: DynamoDBStreamsClient,
  streamArn: string,
  start: StreamPosition,
): Promise<StreamReader> {
  const position: Record<string, string> = { ...start };
  /** Null once a shard is closed and read to its end. */
  const iterators = new Map<string, string | null>();

  const openShards = async () => {
    for (const shardId of await listShards(client, streamArn)) {
      if (iterators.has(shardId)) continue;
      iterators.set(shardId, await openShard(client, streamArn, shardId, position[shardId]));
    }
  };

  const readShard = async (shardId: string, iterator: string, limit: number) => {
    const { Records = [], NextShardIterator = null } = await client.send(
      new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }),
    );
    iterators.set(shardId, NextShardIterator);
    const last = Records.at(-1)?.dynamodb?.SequenceNumber;
    if (last !== undefined) position[shardId] = last;
    // A closed shard goes on in its children.
    if (NextShardIterator === null) await openShards();
    return Records.map((record) => toEventRecord(record, streamArn));
  };

  await openShards();
  return {
    position: () => ({ ...position }),
    read: async (limit) => {
      const records: StreamRecord[] = [];
      for (const [shardId, iterator] of [...iterators]) {
        if (iterator !== null) records.push(...(await readShard(shardId, iterator, limit)));
      }
      return records;
    },
  };
}

async function listShards(client: DynamoDBStreamsClient, streamArn: string): Promise<readonly string[]> {
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: streamArn }));
  return (StreamDescription?.Shards ?? []).flatMap(({ ShardId }) => (ShardId === undefined ? [] : [ShardId]));
}

async function openShard(
  client: DynamoDBStreamsClient,
  streamArn: string,
  shardId: string,
  after: string | undefined,
): Promise<string | null> {
  const shard = { StreamArn: streamArn, ShardId: shardId };
  const beginning = new GetShardIteratorCommand({ ...shard, ShardIteratorType: 'TRIM_HORIZON' });
  if (after === undefined) return (await client.send(beginning)).ShardIterator ?? null;
  const position = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after } as const;
  try {
    return (await client.send(new GetShardIteratorCommand({ ...shard, ...position }))).ShardIterator ?? null;
  } catch (error) {
    // The records after it were dropped when they were a day old: what is left begins at the horizon.
    if (!(error instanceof Error) || error.name !== 'TrimmedDataAccessException') throw error;
    return (await client.send(beginning)).ShardIterator ?? null;
  }
}
