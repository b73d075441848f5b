import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type HttpServer, serve } from '../../../infra/local/http.ts';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';

const script = fileURLToPath(new URL('../../../infra/local/demo.ts', import.meta.url));

let standIn: HttpServer | undefined;
afterEach(() => standIn?.stop());

function runDemo(variables: Record<string, string>): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, SETTLE_DATA_FILE: '', SETTLE_SECRETS_FILE: '', ...variables };
    const child = execFile(
      process.execPath,
      [script],
      { env, timeout: 170_000 },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
      },
    );
  });
}

it('starts a system where none runs, and everything comes as expected', { timeout: 180_000 }, async () => {
  const { code, output } = await runDemo({ PORT: '0', CONSOLE_PORT: '0' });
  expect(output).toContain('Everything came as expected.');
  expect(output).not.toContain('✗');
  expect(output.match(/^✓/gm)?.length).toBeGreaterThan(120);
  expect(code).toBe(0);
});

it('fails against a system that does not do what it should', async () => {
  standIn = await serve((request, response) => {
    const isKnown = request.url === '/simulator/payments' || request.url === '/simulator/tokens';
    response.writeHead(isKnown ? 200 : 500).end('{}');
  });
  const { port } = new URL(standIn.url);
  const { code, output } = await runDemo({ PORT: port, CONSOLE_PORT: port });
  expect(output).toMatch(/^✗ hand the order over +expected 201 pending 128.50 +came 500/m);
  expect(output).toMatch(/\d+ steps differ\.$/m);
  expect(code).toBe(1);
});

describe('what is not simulated ends it at once', () => {
  const directory = createTemporaryDirectory('settle-demo-');
  afterAll(directory.remove);
  const refusal = (names: string) =>
    new RegExp(`^settle: the demonstration drives what is simulated, and not ${names}: SETTLE_SECRETS_FILE`);

  it('of a system of its own', async () => {
    const file = join(directory.path, 'documents.json');
    writeFileSync(file, JSON.stringify({ stripe: null, wecom: null, tenants: {} }));
    const said = await runDemo({ PORT: '0', CONSOLE_PORT: '0', SETTLE_SECRETS_FILE: file });
    expect(said).toEqual({ code: 2, output: expect.stringMatching(refusal('stripe, wecom')) });
  });

  it('of one that runs', async () => {
    standIn = await serve((request, response) => {
      const isAbsent = /^\/simulator\/(tokens|accounts\/wechat|inbox)$/.test(request.url ?? '');
      response.writeHead(isAbsent ? 503 : 200).end('{}');
    });
    const { port } = new URL(standIn.url);
    const said = await runDemo({ PORT: port, CONSOLE_PORT: port });
    expect(said).toEqual({ code: 2, output: expect.stringMatching(refusal('auth, wechat, webhooks')) });
  });
});
