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
export const createDocumentClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      ...awsClientConfig('dynamodb', { maxAttempts: 1, requestTimeout: 1_500 }),
      endpointDiscoveryEnabled: false,
    }),
  );

export const createStoreContext = (tableName: string, io: RetryIo): StoreContext => ({
  client: createDocumentClient(),
  tableName,
  io,
});
