import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SecretsManager, startSecretsManager } from '../../../infra/local/secrets-manager.ts';

const documents = { auth: { issuer: '金' }, wechat: {}, alipay: {}, stripe: {}, wecom: {} };
let server: SecretsManager;

beforeAll(async () => {
  const functions = [{ name: 'get-order', documents: ['auth'], table: [] }] as const;
  server = await startSecretsManager({ stage: 'local', documents, functions });
});
afterAll(() => server.stop());

function read(SecretId: string, accessKeyId = 'get-order') {
  const client = new SecretsManagerClient({
    endpoint: server.url,
    region: 'local',
    credentials: { accessKeyId, secretAccessKey: 'local' },
  });
  return client.send(new GetSecretValueCommand({ SecretId }));
}

describe('the secrets', () => {
  it('gives a function the documents that it may read', async () => {
    const { Name, SecretString } = await read('settle/local/auth');
    expect(Name).toBe('settle/local/auth');
    expect(JSON.parse(SecretString ?? '')).toEqual(documents.auth);
  });

  it.each([
    ['a document that it may not read', 'settle/local/wechat', 'get-order', 'AccessDeniedException'],
    ['a document, to somebody else', 'settle/local/auth', 'checkout', 'AccessDeniedException'],
    ['a document that is not there', 'settle/local/other', 'get-order', 'ResourceNotFoundException'],
    ['a document of another stage', 'settle/prod/auth', 'get-order', 'ResourceNotFoundException'],
    ['an inherited name', 'settle/local/constructor', 'get-order', 'ResourceNotFoundException'],
  ])('refuses %s', async (_what, id, caller, name) => {
    await expect(read(id, caller)).rejects.toMatchObject({ name });
  });

  it('says who has read which', async () => {
    await read('settle/local/auth');
    expect(server.reads).toEqual(new Map([['get-order', new Set(['auth'])]]));
  });
});
