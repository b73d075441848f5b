import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serve } from '../../../infra/local/http.ts';
import { descendants, running } from '../../support/processes.ts';

let directory: string;
let child: ChildProcess | undefined;
let output: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'settle-test-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

/** Starts the system as a user would, its temporary files in a directory of its own. */
function start(
  command: readonly [string, ...string[]],
  variables: Record<string, string> = {},
  cwd = process.cwd(),
): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  const [file, ...words] = command;
  output = '';
  child = spawn(file, words, {
    cwd,
    env: { PATH, HOME, TMPDIR: directory, PORT: '0', CONSOLE_PORT: '0', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return child;
}

const node = [process.execPath, 'infra/local/start.ts'] as const;
const ready = () => expect.poll(() => output).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+$/m);

/** Sends the signals to a system that is ready, and waits until none of its processes is left. Gives its exit code. */
async function end(started: ChildProcess, ...signals: readonly NodeJS.Signals[]) {
  const before = descendants(started.pid ?? 0);
  expect(before.length).toBeGreaterThan(0);
  const exited = once(started, 'exit');
  for (const signal of signals) started.kill(signal);
  const [code] = await exited;
  await expect.poll(() => running(before)).toEqual([]);
  return code;
}

describe('npm start', () => {
  it('says where it is and what to try first, and leaves nothing after Ctrl-C, passed on once more by npm', async () => {
    const started = start(node);
    await ready();
    const url = /^ready (\S+)$/m.exec(output)?.[1] ?? '';
    const token = /^ADMIN_TOKEN=(\S+)$/m.exec(output)?.[1];
    expect(output).toContain(`curl -X PUT ${url}/v2/orders/mall/1 `);
    expect(output).toMatch(/^VIEWER_TOKEN=\S+$/m);
    expect(output).toMatch(/^USER_TOKEN=\S+$/m);
    const headers = { authorization: `Bearer ${token}` };
    const statusOf = async (path: string) => (await fetch(url + path, { headers })).status;
    expect(await statusOf('/api/pay/orders/p-none')).toBe(404);
    expect(await statusOf('/none')).toBe(404);

    expect(await end(started, 'SIGINT', 'SIGINT')).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('runs a function as it is by now, and leaves no process when it is killed', async () => {
    const checkout = join(directory, 'checkout');
    for (const part of ['cdk.json', 'functions', 'infra', 'lib', 'package.json'])
      cpSync(part, join(checkout, part), { recursive: true });
    symlinkSync(join(process.cwd(), 'node_modules'), join(checkout, 'node_modules'));
    const started = start(node, {}, checkout);
    await ready();
    const changed = 'export const handler = async () => ({ statusCode: 418 });';
    writeFileSync(join(checkout, 'functions/get-order.ts'), changed);
    await expect.poll(() => output).toMatch(/^reloaded: get-order$/m);
    const url = /^ready (\S+)$/m.exec(output)?.[1] ?? '';
    expect((await fetch(`${url}/api/pay/orders/p-none`)).status).toBe(418);
    await end(started, 'SIGKILL');
  });

  it('leaves no process when npm is killed', async () => {
    const started = start(['npm', 'start']);
    await ready();
    await end(started, 'SIGKILL');
  });
});

describe('npm start with something wrong', () => {
  async function fail(variables: Record<string, string>) {
    const started = start(node, variables);
    const [code] = await once(started, 'close');
    return { code, output };
  }

  it('names the variable, in one line', async () => {
    expect(await fail({ PORT: 'http' })).toEqual({
      code: 1,
      output: 'settle: PORT must be a port number from 0 to 65535\n',
    });
  });

  it('names the document and the field, in one line', async () => {
    const file = join(directory, 'secrets.json');
    writeFileSync(file, '{"wecom":{}}');
    const { code, output: said } = await fail({ SETTLE_SECRETS_FILE: file });
    expect(code).toBe(1);
    expect(said).toMatch(/^settle: SETTLE_SECRETS_FILE: .*"wecom": webhook_url is missing\n$/);
  });

  it('names the port that is taken, in one line', async () => {
    const other = await serve(() => {});
    const port = new URL(other.url).port;
    const hint = 'set PORT or CONSOLE_PORT to another, or to 0 for any';
    for (const name of ['PORT', 'CONSOLE_PORT']) {
      expect(await fail({ [name]: port })).toEqual({
        code: 1,
        output: `settle: port ${port} is in use: ${hint}\n`,
      });
    }
    await other.stop();
  });

  it('says that there is no DynamoDB, in one line', async () => {
    const endpoint = 'http://127.0.0.1:1';
    expect(await fail({ AWS_ENDPOINT_URL_DYNAMODB: endpoint })).toEqual({
      code: 1,
      output: `settle: nothing answers on AWS_ENDPOINT_URL_DYNAMODB=${endpoint}\n`,
    });
  });

  it('says why the data file cannot be used', async () => {
    const { code, output: said } = await fail({ SETTLE_DATA_FILE: join(directory, 'none', 'settle.db') });
    expect(code).toBe(1);
    expect(said).toMatch(/^settle: SETTLE_DATA_FILE: \S+settle\.db cannot be written \(ENOENT\)$/m);
  });
});
