import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDocuments } from '../../../infra/local/documents.ts';
import { readSecretsFile } from '../../../infra/local/secrets-file.ts';
import { StartError } from '../../../infra/local/start-error.ts';
import { rsaKeysInPem } from '../../support/rsa-keys.ts';

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'settle-test-'));
  file = join(directory, 'secrets.json');
});
afterAll(() => rm(directory, { recursive: true }));

async function readText(text: string) {
  await writeFile(file, text);
  return readSecretsFile(file);
}

describe('readSecretsFile', () => {
  it('takes every document that is generated here', async () => {
    const { documents } = await generateDocuments({
      consoleUrl: 'http://127.0.0.1:3001',
      rsaKeys: rsaKeysInPem,
    });
    expect(await readText(JSON.stringify(documents))).toEqual(documents);
  });

  it('takes a file that gives some of them', async () => {
    expect(await readText('{}')).toEqual({});
  });

  it('takes null for a document that is not to be there', async () => {
    const none = { wechat: null, alipay: null, stripe: null, wecom: null, webhooks: null };
    expect(await readText(JSON.stringify(none))).toEqual(none);
  });

  it('takes what is kept of a merchant, under its own name alone', async () => {
    const { documents } = await generateDocuments({
      consoleUrl: 'http://127.0.0.1:3001',
      rsaKeys: rsaKeysInPem,
    });
    const { mchid } = documents.wechat as { mchid: string };
    const kept = (name: string) => JSON.stringify({ merchants: { [name]: documents.wechat } });
    expect(await readText(kept(`wechat/${mchid}`))).toMatchObject({ merchants: expect.anything() });
    await expect(readText(kept('wechat/1'))).rejects.toThrow(
      '"merchants/wechat/1": (document) is of another',
    );
  });

  it.each([
    ['text that is not JSON', '{"wecom":"robot-key', 'is not JSON'],
    ['a list', '[]', 'must hold one object of documents'],
    ['null', 'null', 'must hold one object of documents'],
    ['an unknown document', '{"paypal":{}}', 'unknown document "paypal"; known: auth, wechat'],
    ['an inherited name', '{"constructor":{}}', 'unknown document "constructor"'],
    ['no auth', '{"auth":null}', '"auth"'],
    ['tenants that are no object', '{"tenants":[7]}', '"tenants" must be an object'],
    ['a tenant without a number', '{"tenants":{"shop":{"paid_to":"own"}}}', '"shop" must be the number'],
    [
      'a tenant that is paid nowhere',
      '{"tenants":{"7":{}}}',
      '"tenants/7": paid_to must be one of own, stage',
    ],
    [
      'a tenant’s provider that there is not',
      '{"tenants":{"7":{"paid_to":"own","paypal":{}}}}',
      '"tenants/7": "paypal" is no provider',
    ],
    [
      'a tenant’s field that is wrong',
      '{"tenants":{"7":{"paid_to":"own","stripe":{"account":"robot-key"}}}}',
      '"tenants/7": stripe.account must be',
    ],
    [
      'a tenant’s webhooks whose secret is wrong',
      '{"tenants":{"7":{"paid_to":"stage","webhooks":{"url":"http://127.0.0.1:1/","secrets":["robot-key"]}}}}',
      '"tenants/7": webhooks.secrets.0 must be',
    ],
    ['webhooks of the stage without an address', '{"webhooks":{"secrets":[]}}', '"webhooks": url is missing'],
    ['a kept merchant of no provider', '{"merchants":{"robot":{}}}', '"merchants": "robot" must be named'],
    [
      'a kept merchant whose field is missing',
      '{"merchants":{"wechat/1900000009":{}}}',
      '"merchants/wechat/1900000009": wechat.appid is missing',
    ],
    ['a field that is missing', '{"auth":{"audience":"a"}}', '"auth": issuer is missing'],
    ['a field that is wrong', '{"wecom":{"webhook_url":"robot-key"}}', '"wecom": webhook_url must be'],
  ])('refuses %s, naming it and no value', async (_what, text, reason) => {
    const error = await readText(text).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StartError);
    expect(error.message).toContain(reason);
    expect(error.message).not.toContain('robot-key');
  });

  it('refuses a file that cannot be read', async () => {
    await expect(readSecretsFile(join(directory, 'none'))).rejects.toThrow('cannot be read (ENOENT)');
  });
});
