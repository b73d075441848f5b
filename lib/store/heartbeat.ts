import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { isoTime } from '../iso-time.ts';
import type { StoreContext } from './client.ts';
import { heartbeatKey } from './keys.ts';
import { withRetries } from './retry.ts';

/** Says that the sweep has just ended well. One item, written over each time. @throws the store's error after retries */
export async function writeHeartbeat({ client, tableName, io }: StoreContext): Promise<void> {
  const command = new PutCommand({ TableName: tableName, Item: { ...heartbeatKey, at: isoTime(io.now()) } });
  await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
}

/**
 * When the sweep last ended well, in milliseconds since 1970; null when it never did.
 * @throws the store's error after retries
 */
export async function readHeartbeat({ client, tableName, io }: StoreContext): Promise<number | null> {
  const command = new GetCommand({ TableName: tableName, Key: heartbeatKey, ConsistentRead: true });
  const { Item } = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  return Item ? Date.parse(String(Item['at'])) : null;
}
