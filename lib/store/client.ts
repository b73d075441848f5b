import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { awsClientConfig } from '../aws-client.ts';
import { DEADLINE_MS, type RetryIo } from './retry.ts';

/** What every store needs: the client, the table, and the time and randomness of its retries. */
export interface StoreContext {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly io: RetryIo;
}

/** The same store with one deadline, from now on, for all that is asked of it. */
export const withDeadline = (context: StoreContext): StoreContext => ({
  ...context,
  io: { ...context.io, deadline: context.io.now() + DEADLINE_MS },
});

/**
 * Retries are left to `withRetries`, which knows the deadline and what a cancelled transaction means.
 */
export function createDocumentClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    ...awsClientConfig('dynamodb', { maxAttempts: 1, requestTimeout: 1_500 }),
    endpointDiscoveryEnabled: false,
  });
  // It copies what each command says and is answered, for a log that nobody keeps: a fifth of the command's time.
  client.middlewareStack.remove('loggerMiddleware');
  return DynamoDBDocumentClient.from(client);
}

export const createStoreContext = (tableName: string, io: RetryIo): StoreContext => ({
  client: createDocumentClient(),
  tableName,
  io,
});
