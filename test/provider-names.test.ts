import { execFile } from 'node:child_process';
import { cpSync, globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { OrderKind, OrderState } from '../infra/client/settle-client.ts';
import { callbackNames, endpoints } from '../infra/endpoints.ts';
import { type Provider, providers, type ShopKind, shopKinds } from '../lib/orders/kinds.ts';
import { createTemporaryDirectory } from './support/temporary-directory.ts';

/**
 * Providers and kinds of orders are named once, in `lib/orders/kinds.ts`. What is told apart by one of them names them
 * all, so that the type check asks for a fact wherever a new one lacks it: proven here by adding one.
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/** The client for mini-programs imports nothing and says for itself what there is: here the two are held together. */
const clientProviders: Readonly<Record<Provider, NonNullable<OrderState['provider']>>> = {
  wechat: 'wechat',
  alipay: 'alipay',
  stripe: 'stripe',
};
const clientKinds: Readonly<Record<ShopKind, OrderKind>> = { mall: 'mall', meal: 'meal' };

const copied = [
  ...['lib', 'functions', 'infra', 'package.json', 'tsconfig.json', 'cdk.json'],
  ...['test/provider-names.test.ts', 'test/support/temporary-directory.ts'],
];
const projects = ['.', 'infra/local/console/page'];

let remove = () => {};
afterEach(() => remove());

/** What the type check says of each file once a name is added to one of the lists in `kinds.ts`. */
async function errorsWith(list: 'providers' | 'shopKinds', name: string): Promise<Map<string, string[]>> {
  const directory = createTemporaryDirectory('settle-names-');
  ({ remove } = directory);
  const inCopy = (path: string) => join(directory.path, path);
  for (const path of copied) cpSync(join(root, path), inCopy(path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), inCopy('node_modules'));
  const kinds = inCopy('lib/orders/kinds.ts');
  const source = readFileSync(kinds, 'utf8');
  const changed = source.replace(new RegExp(`(export const ${list} = \\[[^\\]]*)\\]`), `$1, '${name}']`);
  expect(changed).not.toBe(source);
  writeFileSync(kinds, changed);

  const outputs = await Promise.all(projects.map((project) => typeCheck(directory.path, project)));
  // An error is a line that names its place, and lines below it that go on.
  const errors = outputs.flatMap((output) => output.trim().split(/\n(?! )/));
  return Map.groupBy(errors, (error) => error.slice(0, error.indexOf('(')));
}

async function typeCheck(cwd: string, project: string): Promise<string> {
  const tsc = join(cwd, 'node_modules/.bin/tsc');
  const failure = await promisify(execFile)(tsc, ['--noEmit', '--pretty', 'false', '-p', project], {
    cwd,
    maxBuffer: 64 * 1024 * 1024,
  }).then(
    () => null,
    (error: { stdout: string }) => error,
  );
  return failure?.stdout ?? '';
}

describe('a provider that is added to the list', () => {
  it('fails the type check in every place that lacks a fact of it, and for nothing else', async () => {
    const errors = await errorsWith('providers', 'unionpay');
    expect([...errors.keys()]).toEqual(
      expect.arrayContaining([
        // What it is, how it is asked, and how its callback tells its forms apart; announcements, ledger and API have
        // their words and units from here.
        'lib/providers/facts.ts',
        'lib/providers/all.ts',
        'lib/http/callback-form.ts',
        // Its bill; whether the command must be told where that is.
        'lib/providers/all-bills.ts',
        'infra/operate/reconcile/arguments.ts',
        // Its endpoint, from which its place in the API's document follows.
        'infra/endpoints.ts',
        // Its document: how it is read, asked for, and looked at.
        'infra/operate/documents/document-fields.ts',
        'infra/operate/documents/inspect/inspect-document.ts',
        'infra/operate/doctor/examine.ts',
        'infra/operate/doctor/unsigned-messages.ts',
        // Its simulator, with generated documents, in the demo and in the console.
        'infra/local/documents.ts',
        'infra/local/simulators/server.ts',
        'infra/local/console/console.ts',
        'infra/local/demo/stage.ts',
        'infra/local/demo/refund.ts',
        'infra/local/demo/tenant.ts',
        'infra/local/console/page/dictionary.ts',
        'infra/local/console/page/charts-view.tsx',
        // What the client for mini-programs knows.
        'test/provider-names.test.ts',
      ]),
    );
    const others = [...errors.values()].flat().filter((error) => !error.includes('unionpay'));
    expect(others).toEqual([]);
  });

  it('has an endpoint for its messages, which takes them', () => {
    for (const provider of providers) {
      const endpoint = endpoints.find(({ name }) => name === callbackNames[provider]);
      expect(endpoint?.callback).toContain(provider);
      expect(endpoint?.documents).toContain(provider);
    }
    expect(Object.keys(clientProviders).toSorted()).toEqual([...providers].toSorted());
  });
});

describe('a kind of shop order that is added to the list', () => {
  it('fails the type check in every place that lacks a fact of it, and for nothing else', async () => {
    const errors = await errorsWith('shopKinds', 'ticket');
    expect([...errors.keys()]).toEqual(
      expect.arrayContaining([
        'lib/announcements/message.ts',
        'infra/local/console/page/dictionary.ts',
        'test/provider-names.test.ts',
      ]),
    );
    const others = [...errors.values()].flat().filter((error) => !error.includes('ticket'));
    expect(others).toEqual([]);
  });

  it('has an endpoint where it is paid', () => {
    for (const kind of shopKinds) {
      expect(endpoints.map(({ path }) => path)).toContain(`/v2/orders/${kind}/{id}/pay`);
    }
    expect(Object.keys(clientKinds)).toEqual([...shopKinds]);
  });
});

describe('the lists', () => {
  it.each([
    ['providers', providers],
    ['kinds of shop orders', shopKinds],
  ])('of %s are written once, and once more in what clients copy, which imports nothing', (_, names) => {
    const name = `'(?:${names.join('|')})'`;
    const list = new RegExp(`${name}\\s*[,|]\\s*${name}`);
    const files = globSync('{lib,functions,infra}/**/*.{ts,tsx}', { cwd: root });
    const written = files.filter((path) => list.test(readFileSync(join(root, path), 'utf8')));
    expect(written.toSorted()).toEqual([
      'infra/client/back-end-operations.ts',
      'infra/client/settle-client.ts',
      'infra/client/webhook-events.ts',
      'lib/orders/kinds.ts',
    ]);
  });
});
