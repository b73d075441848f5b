import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import type { StoreContext } from '../../../lib/store/client.ts';
import type { TestStore } from '../../support/store.ts';

/** The same table, through something that stands before the engine. */
export function useWire<T extends { readonly url: string; stop(): Promise<unknown> }>(
  store: TestStore,
  start: (endpoint: string) => Promise<T>,
): { readonly wire: T; readonly context: StoreContext } {
  let wire: T | undefined;
  let client: DynamoDBClient | undefined;
  beforeAll(async () => {
    wire = await start(process.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = new DynamoDBClient({ endpoint: wire.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  });
  afterAll(async () => {
    client?.destroy();
    await wire?.stop();
  });
  return {
    get wire() {
      if (!wire) throw new Error('the wire is there only while tests run');
      return wire;
    },
    get context() {
      if (!client) throw new Error('the client is there only while tests run');
      return { ...store.context, client: DynamoDBDocumentClient.from(client) };
    },
  };
}
