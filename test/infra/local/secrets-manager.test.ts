import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SecretsManager, startSecretsManager } from '../../../infra/local/secrets-manager.ts';

const documents = { auth: { issuer: '金' }, wechat: {}, alipay: {}, stripe: {}, wecom: {} };
let server: SecretsManager;

beforeAll(async () => {
  const functions = [{ name: 'get-order', documents: ['auth'], table: [] }] as const;
  server = await startSecretsManager({ stage: 'local', documents, functions, writer: 'operator' });
});
afterAll(() => server.stop());

function connect(accessKeyId: string): SecretsManagerClient {
  const credentials = { accessKeyId, secretAccessKey: 'local' };
  return new SecretsManagerClient({ endpoint: server.url, region: 'local', credentials });
}

const read = (SecretId: string, caller = 'get-order') =>
  connect(caller).send(new GetSecretValueCommand({ SecretId }));

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

  it('take a value from the writer and from nobody else', async () => {
    const put = (caller: string, SecretId: string, SecretString = '{"issuer":"new"}') =>
      connect(caller).send(new PutSecretValueCommand({ SecretId, SecretString }));
    const create = (caller: string, Name: string) =>
      connect(caller).send(new CreateSecretCommand({ Name, SecretString: '{}' }));
    await put('operator', 'settle/local/auth');
    expect((await read('settle/local/auth')).SecretString).toBe('{"issuer":"new"}');
    await expect(put('get-order', 'settle/local/auth')).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(put('operator', 'settle/local/none')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(create('operator', 'settle/local/auth')).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    await put('operator', 'settle/local/auth', JSON.stringify(documents.auth));
  });

  it('says who has read which', async () => {
    await read('settle/local/auth');
    expect(server.reads).toEqual(new Map([['get-order', new Set(['auth'])]]));
  });
});
