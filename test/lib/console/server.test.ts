import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { afterAll, describe, expect, it } from 'vitest';
import { openFiles } from '../../../lib/console/served-files.ts';
import { createConsoleServer } from '../../../lib/console/server.ts';
import type { ConsoleSettings } from '../../../lib/console/settings.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';

const folder = createTemporaryDirectory('settle-console-');
afterAll(folder.remove);

const script = 'console.log(1);'.repeat(100);
const files: Readonly<Record<string, string | Buffer>> = {
  'index.mjs': 'the function itself',
  'secret.json': '{}',
  'console/index.html': '<p>console</p>',
  'console/main-ABCDEF23.js': script,
  'console/main-ABCDEF23.js.gz': gzipSync(script),
  'docs/index.html': '<p>docs</p>',
  'docs/openapi.json': '{"openapi":"3.1.0"}',
};
for (const [name, contents] of Object.entries(files)) {
  mkdirSync(join(folder.path, name, '..'), { recursive: true });
  writeFileSync(join(folder.path, name), contents);
}

const plain: ConsoleSettings = { stage: 'test', signIn: null, laboratory: null };
const signIn = {
  issuer: 'https://login.example.com/realm',
  clientId: 'console',
  scope: 'openid pay',
  origins: ['https://keys.example.com'],
};

function open(settings: ConsoleSettings = plain) {
  const lines: string[] = [];
  const serve = createConsoleServer({
    findFile: openFiles(folder.path),
    settings,
    telemetry: createTelemetry({ stage: 'test', function: 'serve-console' }, (line) => lines.push(line)),
    now: () => 0,
  });
  const get = async (rawPath: string, headers: Record<string, string> = {}) => {
    const event = { rawPath, headers } as unknown as APIGatewayProxyEventV2;
    const reply: Reply = await serve(event, { awsRequestId: 'r1' } as Context);
    return { ...reply, bytes: Buffer.from(reply.body, reply.isBase64Encoded ? 'base64' : 'utf8') };
  };
  return { get, lines };
}

interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

const { get, lines } = open();
const textAt = async (path: string) => (await get(path)).bytes.toString();

describe('the console', () => {
  it.each(['/console', '/console/', '/console/orders', '/console/orders/mall-1', '/console/signed-in'])(
    'is one page at %s',
    async (path) => {
      expect(await get(path)).toMatchObject({
        statusCode: 200,
        headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
      });
      expect(await textAt(path)).toBe('<p>console</p>');
    },
  );

  it('has a reference beside it', async () => {
    expect(await textAt('/docs')).toBe('<p>docs</p>');
    expect(await textAt('/docs/openapi.json')).toBe('{"openapi":"3.1.0"}');
  });

  it.each([
    '/console/none.js',
    '/console/../secret.json',
    '/console/../index.mjs',
    '/docs/../../../../etc/passwd',
    '/docs/orders',
    '/console/main-ABCDEF23.js.gz',
    '/console\\..\\secret.json',
    '/index.mjs',
    '/secret.json',
    '//etc/passwd',
    '/console/constructor.js',
    '/docs/__proto__',
  ])('has nothing at %s', async (path) => {
    expect(await get(path)).toMatchObject({ statusCode: 404, body: 'Not found\n' });
  });

  it('has one line in the log for each request, with nothing of its path', async () => {
    lines.length = 0;
    await get('/console/orders/o-secret');
    await get('/docs/none.js');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'INFO', function: 'serve-console', request_id: 'r1', status: 200 },
      { level: 'INFO', status: 404 },
    ]);
    expect(lines.join()).not.toMatch(/o-secret|none/);
  });
});

describe('a file', () => {
  const path = '/console/main-ABCDEF23.js';

  it('whose name changes with it is kept for good', async () => {
    expect((await get(path)).headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
  });

  it.each(['gzip', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.8', '*'])(
    'goes compressed to who takes it: %s',
    async (coding) => {
      const { headers, bytes } = await get(path, { 'accept-encoding': coding });
      expect(headers['content-encoding']).toBe('gzip');
      expect(gunzipSync(bytes).toString()).toBe(script);
    },
  );

  it.each(['', 'br', 'gzip;q=0', 'gzip; q=0.0', 'xgzip'])('and as it is to others: %j', async (coding) => {
    const { headers, bytes } = await get(path, { 'accept-encoding': coding });
    expect(headers).not.toHaveProperty('content-encoding');
    expect(bytes.toString()).toBe(script);
  });

  it('is not sent again to who has it', async () => {
    const { etag = '' } = (await get('/console')).headers;
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    for (const validator of [etag, `"other", ${etag}`, '*']) {
      const known = await get('/console', { 'if-none-match': validator });
      expect(known).toMatchObject({ statusCode: 304, body: '', headers: { etag } });
    }
    expect(await get('/console', { 'if-none-match': 'W/"other"' })).toMatchObject({ statusCode: 200 });
    expect((await get('/docs')).headers['etag']).not.toBe(etag);
  });
});

describe('every reply', () => {
  it.each(['/console', '/console/main-ABCDEF23.js', '/console/settings.json', '/docs', '/none.js'])(
    'is bound to its own origin, and to no frame: %s',
    async (path) => {
      expect((await get(path)).headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': 'max-age=31536000',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
    },
  );

  it('lets the page ask where its people sign in, and nobody else', async () => {
    const { headers } = await open({ ...plain, signIn }).get('/console');
    expect(headers['content-security-policy']).toContain(
      "; connect-src 'self' https://login.example.com https://keys.example.com; ",
    );
  });
});

describe('what a page is told of its stage', () => {
  const told = async (settings: ConsoleSettings) =>
    JSON.parse((await open(settings).get('/console/settings.json')).bytes.toString());

  it('is where to sign in, if anywhere, and where the laboratory is, if there is one', async () => {
    expect(await told(plain)).toEqual(plain);
    expect(await told({ stage: 'local', signIn, laboratory: 'http://127.0.0.1:3001' })).toEqual({
      stage: 'local',
      signIn: { issuer: signIn.issuer, clientId: 'console', scope: 'openid pay' },
      laboratory: 'http://127.0.0.1:3001',
    });
  });
});
