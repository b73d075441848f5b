import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDocuments } from '../../../infra/local/documents.ts';
import { readSecretsFile } from '../../../infra/local/secrets-file.ts';
import { StartError } from '../../../infra/local/start-error.ts';

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
    const { documents } = await generateDocuments({ consoleUrl: 'http://127.0.0.1:3001' });
    expect(await readText(JSON.stringify(documents))).toEqual(documents);
  });

  it('takes a file that gives some of them', async () => {
    expect(await readText('{}')).toEqual({});
  });

  it.each([
    ['text that is not JSON', '{"wecom":"robot-key', 'is not JSON'],
    ['a list', '[]', 'must hold one object of documents'],
    ['null', 'null', 'must hold one object of documents'],
    ['an unknown document', '{"paypal":{}}', 'unknown document "paypal"; known: auth, wechat'],
    ['an inherited name', '{"constructor":{}}', 'unknown document "constructor"'],
    ['a document that is null', '{"wecom":null}', '"wecom"'],
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
