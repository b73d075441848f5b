import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Io } from '../io.ts';

/** What every store needs: the client, the table, and the time and randomness of its retries. */
export interface StoreContext {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly io: Pick<Io, 'now' | 'randomBytes' | 'sleep'>;
}

/**
 * The SDK has no time limit of its own, so that a call that hangs would hang for good. Retries are left to
 * `withRetries`, which knows the deadline and what a cancelled transaction means.
 */
export function createStoreContext(tableName: string, io: StoreContext['io']): StoreContext {
  const client = new DynamoDBClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 500, requestTimeout: 1_500, throwOnRequestTimeout: true },
  });
  return { client: DynamoDBDocumentClient.from(client), tableName, io };
}
