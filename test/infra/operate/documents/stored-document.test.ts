import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { storeDocument } from '../../../../infra/operate/documents/stored-document.ts';
import { type LoopbackServer, startLoopbackServer } from '../../../support/loopback-server.ts';

let server: LoopbackServer;
let client: SecretsManagerClient;

beforeAll(async () => {
  server = await startLoopbackServer(() => ({ body: {} }));
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new SecretsManagerClient({ endpoint: server.baseUrl, region: 'eu-central-1', credentials });
});
afterAll(() => server.close());
beforeEach(() => {
  server.calls.length = 0;
});

it.each([
  ['creates what is not there', { state: 'absent' }, ['CreateSecret']],
  ['puts a new value into what is there', { state: 'stored', document: {} }, ['PutSecretValue']],
  ['puts a new value into what is no document', { state: 'malformed' }, ['PutSecretValue']],
  ['restores what somebody deleted', { state: 'deleted' }, ['RestoreSecret', 'PutSecretValue']],
] as const)('%s', async (_what, stored, operations) => {
  await storeDocument(client, 'settle/dev/auth', { issuer: 'login' }, stored, null);
  expect(server.calls.map(({ headers }) => headers['x-amz-target'])).toEqual(
    operations.map((operation) => `secretsmanager.${operation}`),
  );
  expect(server.calls.map(({ body }) => body).join()).not.toContain('KmsKeyId');
});

const key = 'arn:aws:kms:eu-central-1:123456789012:key/1b4d';

it.each([
  ['a new one', { state: 'absent' }, 'CreateSecret'],
  ['one that is there, whatever it was under', { state: 'stored', document: {} }, 'UpdateSecret'],
  ['one that somebody deleted', { state: 'deleted' }, 'UpdateSecret'],
] as const)("stores %s under the stage's own key", async (_what, stored, operation) => {
  await storeDocument(client, 'settle/dev/auth', { issuer: 'login' }, stored, key);
  const last = server.calls.at(-1);
  expect(last?.headers['x-amz-target']).toBe(`secretsmanager.${operation}`);
  expect(JSON.parse(String(last?.body))).toMatchObject({
    SecretString: '{"issuer":"login"}',
    KmsKeyId: key,
  });
});
