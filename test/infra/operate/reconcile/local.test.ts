import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHttpClient } from '../../../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../../../support/local-system.ts';
import { type LoopbackServer, startLoopbackServer } from '../../../support/loopback-server.ts';
import { createStripeParty } from '../../../support/stripe.ts';
import { wechatBill } from './bills.ts';

const main = fileURLToPath(new URL('../../../../infra/operate/reconcile/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'reconcile-test-'));
let stripe: LoopbackServer;
let system: TestSystem;

beforeAll(async () => {
  stripe = await startLoopbackServer(() => ({
    body: { object: 'list', url: '/v1/balance_transactions', data: [], has_more: false },
  }));
  const document = { ...createStripeParty().document, base_url: stripe.baseUrl };
  system = await startTestSystem({ documents: { stripe: document } });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([stripe?.close(), system?.stop()]);
});

/** The command as a person runs it, in the environment that the local system names. */
function reconcile(...words: string[]): Promise<{ code: unknown; output: string; errors: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...system.operatorEnvironment };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, '--stage', 'local', ...words], { env }, (error, output, errors) =>
      resolve({ code: error?.code ?? 0, output, errors }),
    );
  });
}

it('compares a bill with what was paid at the local system', async () => {
  const call = createHttpClient(system.url);
  const simulate = createHttpClient(system.consoleUrl);
  const body = { tenant_id: 7, amount: 19.99, provider: 'wechat' };
  const made = await call('POST', '/api/pay/checkout', { token: system.tokens?.admin ?? '', body });
  const { order_no } = (made.body as { data: { order_no: string } }).data;
  const paid = { order_no, txn_id: 'T1', amount: '19.99', status: 'succeeded' };
  await simulate('POST', '/simulator/flat/wechat', { body: paid });

  const date = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  const { mchid = '' } = system.documents.wechat as { readonly mchid?: string };
  const compare = (transaction_id: string, amount: string) => {
    const file = join(folder, `${amount}.csv`);
    writeFileSync(file, wechatBill([{ payment_no: order_no, transaction_id, amount }], { mchid, date }));
    return reconcile('--provider', 'wechat', '--date', date, '--file', file);
  };
  const sums = '0 missing here, 0 missing there';
  expect(await compare('T1', '19.99')).toEqual({
    code: 0,
    output: `wechat ${date}: 1 rows, 1 agree; ${sums}, 0 of another amount\n`,
    errors: '',
  });
  const other = await compare('T1', '19.98');
  expect(other).toMatchObject({ code: 1, errors: '' });
  expect(other.output).toContain(`${sums}, 1 of another amount\n`);
});

it('reads the documents that the providers are asked with', async () => {
  expect(await reconcile('--provider', 'stripe', '--date', '2026-11-20')).toEqual({
    code: 0,
    output: 'stripe 2026-11-20: 0 rows, 0 agree; 0 missing here, 0 missing there, 0 of another amount\n',
    errors: '',
  });
  expect(stripe.calls).toHaveLength(1);
});

it('ends with 2 when it cannot tell', async () => {
  expect(await reconcile('--provider', 'stripe')).toMatchObject({ code: 2, output: '' });
});
