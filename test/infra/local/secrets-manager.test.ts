import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SecretsManager, startSecretsManager } from '../../../infra/local/secrets-manager.ts';

const documents = {
  auth: { issuer: '金' },
  wechat: {},
  alipay: null,
  'tenants/7': { paid_to: 'own' },
  'merchants/wechat/1900000009': {},
};
let server: SecretsManager;

beforeAll(async () => {
  const functions = [
    { name: 'get-order', documents: ['auth'], table: [] },
    { name: 'wechat-callback', documents: ['wechat', 'former', 'tenants'], table: [] },
    { name: 'start-reconciliation', documents: ['wechat'], table: [] },
  ] as const;
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
    [
      'a tenant’s document, to who may not read them',
      'settle/local/tenants/7',
      'get-order',
      'AccessDeniedException',
    ],
    [
      'what is kept of a merchant, likewise',
      'settle/local/merchants/wechat/1900000009',
      'get-order',
      'AccessDeniedException',
    ],
    ['a document that is null', 'settle/local/alipay', 'get-order', 'ResourceNotFoundException'],
    ['a tenant that has none', 'settle/local/tenants/8', 'wechat-callback', 'ResourceNotFoundException'],
    ['a document that is not there', 'settle/local/other', 'get-order', 'ResourceNotFoundException'],
    ['a document of another stage', 'settle/prod/auth', 'get-order', 'ResourceNotFoundException'],
    ['an inherited name', 'settle/local/constructor', 'get-order', 'ResourceNotFoundException'],
  ])('refuses %s', async (_what, id, caller, name) => {
    await expect(read(id, caller)).rejects.toMatchObject({ name });
  });

  it('gives those of tenants, and what is kept of merchants of before, to who may read them', async () => {
    const { SecretString = '' } = await read('settle/local/tenants/7', 'wechat-callback');
    expect(JSON.parse(SecretString)).toEqual(documents['tenants/7']);
    expect(await read('settle/local/merchants/wechat/1900000009', 'wechat-callback')).toMatchObject({
      SecretString: '{}',
    });
    for (const name of ['tenants/7', 'merchants/wechat/1900000009']) {
      await expect(read(`settle/local/${name}`, 'start-reconciliation')).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
    }
  });

  it('tell what is stored by now', async () => {
    const document = { Name: 'settle/local/tenants/9', SecretString: '{"paid_to":"stage"}' };
    await connect('operator').send(new CreateSecretCommand(document));
    expect(server.stored('tenants/9')).toBe('{"paid_to":"stage"}');
    expect(server.stored('tenants/10')).toBeNull();
    expect(await read('settle/local/tenants/9', 'wechat-callback')).toMatchObject({
      SecretString: '{"paid_to":"stage"}',
    });
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
    expect(server.reads.get('get-order')).toEqual(new Set(['auth']));
    expect(server.reads.get('wechat-callback')).toEqual(new Set(['tenants', 'former']));
  });
});

it.each(['constructor', '__proto__', 'toString', 'secretsmanager.DropEverything', ''])(
  'serves no operation %j, and goes on',
  async (target) => {
    for (const body of ['{}', 'null', '[', '']) {
      const response = await fetch(server.url, { method: 'POST', headers: { 'x-amz-target': target }, body });
      expect(await response.json()).toMatchObject({ __type: 'UnknownOperationException' });
    }
    expect((await read('settle/local/auth')).SecretString).toBe('{"issuer":"金"}');
  },
);
