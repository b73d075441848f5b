import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { isoTime } from '../io.ts';
import type { StoreContext } from './client.ts';
import { getItem } from './get-item.ts';
import { type Heartbeat, heartbeatKey } from './keys.ts';
import { withRetries } from './retry.ts';

/**
 * Says when what runs by schedule has last ended well, in milliseconds since 1970. One item, written over each time.
 * @throws the store's error after retries
 */
export async function writeHeartbeat(
  { client, tableName, io }: StoreContext,
  of: Heartbeat,
  at: number,
): Promise<void> {
  const command = new PutCommand({ TableName: tableName, Item: { ...heartbeatKey(of), at: isoTime(at) } });
  await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
}

/**
 * When it last ended well, in milliseconds since 1970; null when it never did.
 * @throws the store's error after retries
 */
export async function readHeartbeat(context: StoreContext, of: Heartbeat): Promise<number | null> {
  const item = await getItem(context, heartbeatKey(of));
  return item && Date.parse(String(item['at']));
}
