import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { bundleOptions } from '../../../infra/bundling/bundle-options.ts';
import { systemIo } from '../../../lib/io.ts';
import { createTlsIdentity } from '../../support/tls-proxy.ts';
import type { ClosingServerData } from './closing-server.ts';

/**
 * Between two calls a function stands still, for minutes. Connections that AWS has closed meanwhile look open to it
 * until it uses them. What is held to this is the store and the documents as they are bundled.
 */

interface Bundle {
  readonly createStoreContext: typeof import('../../../lib/store/client.ts').createStoreContext;
  readonly createOrderStore: typeof import('../../../lib/store/order-store.ts').createOrderStore;
  readonly createDocumentReader: typeof import('../../../lib/config/documents.ts').createDocumentReader;
}

const directory = mkdtempSync(join(tmpdir(), 'settle-freeze-'));
const identity = createTlsIdentity();
const state = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
const connections = () => Atomics.load(state, 0);

let server: Worker;
let bundle: Bundle;

beforeAll(async () => {
  const outfile = join(directory, 'bundle.mjs');
  await build({
    ...bundleOptions,
    stdin: {
      contents: `
        export { createStoreContext } from './lib/store/client.ts';
        export { createOrderStore } from './lib/store/order-store.ts';
        export { createDocumentReader } from './lib/config/documents.ts';`,
      resolveDir: fileURLToPath(new URL('../../../', import.meta.url)),
    },
    outfile,
  });
  // Which certificates are trusted is read when the module is loaded.
  tls.setDefaultCACertificates([identity.certificate]);
  bundle = await import(pathToFileURL(outfile).href);
});
afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(async () => {
  state.fill(0);
  const workerData: ClosingServerData = { ...identity, shared: state.buffer };
  server = new Worker(new URL('./closing-server.ts', import.meta.url), { workerData });
  const [port] = await once(server, 'message');
  const url = `https://localhost:${port}`;
  vi.stubEnv('AWS_REGION', 'eu-test-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', url);
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', url);
});
afterEach(async () => {
  await server.terminate();
  vi.unstubAllEnvs();
});

/** Stands still until the server has closed every connection, and so hears of none of it. */
function freeze(): void {
  Atomics.store(state, 1, 0);
  server.postMessage('close');
  Atomics.wait(state, 1, 0);
}

function openStore() {
  const sleep = vi.fn(systemIo.sleep);
  const context = bundle.createStoreContext('table', { ...systemIo, sleep });
  return { sleep, read: () => bundle.createOrderStore(context).read('mall-1') };
}

it('a request over a connection that was closed meanwhile is made again over a new one', async () => {
  const { sleep, read } = openStore();
  await read();
  expect(connections()).toBe(1);
  freeze();
  expect(await read()).toBeNull();
  expect(sleep).toHaveBeenCalledOnce();
  expect(connections()).toBe(2);
});

it('so is one over the connection that was begun before there was a request', async () => {
  const { read } = openStore();
  await expect.poll(() => connections()).toBe(1);
  freeze();
  expect(await read()).toBeNull();
  expect(connections()).toBe(2);
});

it('so are many at once', async () => {
  const { sleep, read } = openStore();
  const readMany = () => Promise.all(Array.from({ length: 16 }, read));
  await readMany();
  freeze();
  expect(await readMany()).toEqual(Array(16).fill(null));
  expect(sleep).toHaveBeenCalledTimes(16);
});

it('so are documents, several at once', async () => {
  const read = bundle.createDocumentReader('test');
  const readMany = () => Promise.allSettled(['auth', 'wechat', 'alipay', 'stripe', 'wecom'].map(read));
  const outcomes = await readMany();
  freeze();
  // That none is there is an answer too.
  expect(await readMany()).toEqual(outcomes);
  expect(connections()).toBeGreaterThan(5);
});
