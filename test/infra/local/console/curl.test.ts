import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { curlLine } from '../../../../infra/local/console/curl.ts';

/** What a server gets when a shell runs the line; a stand-in for curl, which a machine need not have, parses it. */
async function received(body: Buffer): Promise<{ body: Buffer; headers: Record<string, unknown> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { host: 'x', 'content-length': '9', 'stripe-signature': "t=1,v1='$(x)`" };
  const line = curlLine({ method: 'POST', target: '/callback?a=1', headers, body }, url);
  const script = `curl() { "${process.execPath}" -e "$SEND" -- "$@"; }; ${line}`;
  const arrived = once(server, 'request').then(async ([request, response]) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    response.end();
    return { body: Buffer.concat(chunks), headers: { ...request.headers, url: request.url } };
  });
  await promisify(execFile)('sh', ['-c', script], { env: { ...process.env, SEND } });
  const result = await arrived;
  server.closeAllConnections();
  server.close();
  return result;
}

/** As curl reads these options. */
const SEND = `
const [, method, url, ...rest] = process.argv.slice(1);
const headers = rest.filter((_, i) => rest[i - 1] === '-H').map((h) => h.split(/: (.*)/s).slice(0, 2));
const raw = rest.indexOf('--data-raw');
const body = raw < 0 ? require('fs').readFileSync(0) : rest[raw + 1];
fetch(url, { method, headers, body });
`;

describe('a curl line', () => {
  it.each([
    ['quotes and dollars', Buffer.from(`{"a":"it's $HOME \`x\` \\\\ \\n"}`)],
    ['Chinese, emoji and a line feed', Buffer.from('支付 😀\nsecond')],
    ['bytes that are no UTF-8', Buffer.from([0x63, 0xd6, 0xa7, 0xb8, 0xb6, 0xff])],
  ])('brings the same bytes through the shell: %s', async (_name, body) => {
    const { body: sent, headers } = await received(body);
    expect(sent).toEqual(body);
    expect(headers).toMatchObject({ url: '/callback?a=1', 'stripe-signature': "t=1,v1='$(x)`" });
  });
});
