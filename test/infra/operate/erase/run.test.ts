import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shipping } from '../../../../lib/orders/shipping.ts';
import { createHttpClient } from '../../../support/http-client.ts';
import { itemOf } from '../../../support/items.ts';
import { startTestSystem, type TestSystem } from '../../../support/local-system.ts';
import { openTable } from '../../../support/parties.ts';

const main = fileURLToPath(new URL('../../../../infra/operate/erase/main.ts', import.meta.url));
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system?.stop());

/** The command as a person runs it beside `npm start`, which is known by its port alone. */
function erase(...words: string[]): Promise<{ code: unknown; output: string; errors: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, CONSOLE_PORT: new URL(system.consoleUrl).port };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { env }, (error, output, errors) =>
      resolve({ code: error?.code ?? 0, output, errors }),
    );
  });
}

function tokenOf(sub: string): Promise<string> {
  const { issuer, audience, hs256_secret } = system.documents.auth as Record<string, string>;
  return new SignJWT({ role: 'user' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setIssuer(issuer ?? '')
    .setAudience(audience ?? '')
    .setExpirationTime('1h')
    .sign(Buffer.from(hs256_secret ?? ''));
}

describe('npm run erase', () => {
  it('erases a user of the local system, whose orders are then nobody’s', async () => {
    const call = createHttpClient(system.url);
    const simulate = createHttpClient(system.consoleUrl);
    const admin = { token: String(system.tokens?.admin) };
    const user = { token: String(system.tokens?.user) };
    const body = { user_id: 'user-1', openid: 'openid-1', amount: 8.8, points: 0, description: '张三的茶' };
    for (const id of [1, 2, 3]) {
      await call('PUT', `/v2/orders/mall/${id}`, { ...admin, body });
      await call('POST', `/v2/orders/mall/${id}/pay`, user);
    }
    await simulate('POST', '/simulator/payments/wechat/mall-1/pay');
    const refund = { order_no: 'mall-1', amount: 1, reason: '张三退货' };
    const headers = { 'idempotency-key': 'r1' };
    const returned = () => call('POST', '/api/pay/refund', { ...admin, headers, body: refund });
    await expect.poll(async () => (await returned()).status).toBe(200);

    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    await openTable(system).change({ order_no: 'mall-2' }, { expires_at });
    const first = await erase('--stage', 'local', '--user', 'user-1');
    expect(first).toMatchObject({ code: 1, errors: '' });
    expect(first.output.split('\n').toSorted()).toEqual([
      '',
      'mall-1 erased',
      `mall-2 left: it is pending and can be paid until ${expires_at}; erase again after the sweep has closed it`,
      'mall-3 left: it is pending and its payment can still be made; erase again once that is over',
      expect.stringMatching(/^orders of the user: 1 erased, 2 left; items read: \d+$/),
    ]);
    expect((await call('GET', '/v2/orders/mall/1', user)).status).toBe(404);
    expect((await call('GET', '/v2/orders/mall/2', user)).status).toBe(200);
    expect((await call('PUT', '/v2/orders/mall/1', { ...admin, body })).status).toBe(409);

    for (const order_no of ['mall-2', 'mall-3']) {
      await simulate('POST', `/simulator/payments/wechat/${order_no}/pay`);
    }
    expect(await erase('--stage', 'local', '--user', 'user-1')).toMatchObject({ code: 0, errors: '' });
    const items = await Promise.all(
      ['mall-1', 'mall-2', 'mall-3'].map((order_no) => openTable(system).items({ order_no })),
    );
    expect(JSON.stringify(items)).not.toMatch(/user-1|openid-1|张三/);
    expect(items.flat().map(({ sk }) => sk)).toEqual([
      'ENTRY#REFUND#1#1',
      'ORDER',
      'PAYMENT#1',
      'REFUND#1',
      'ORDER',
      'PAYMENT#1',
      'ORDER',
      'PAYMENT#1',
    ]);
  });

  it('leaves what is still to be told of what was sent, and then erases what names the user', async () => {
    const call = createHttpClient(system.url);
    const table = openTable(system);
    const admin = { token: String(system.tokens?.admin) };
    const body = { user_id: 'user-9', openid: 'openid-9', amount: 8.8, points: 0, description: '茶' };
    await call('PUT', '/v2/orders/mall/9', { ...admin, body });
    await call('POST', '/v2/orders/mall/9/pay', { token: await tokenOf('user-9') });
    await createHttpClient(system.consoleUrl)('POST', '/simulator/payments/wechat/mall-9/pay');
    const sent: Shipping = {
      ...{
        order_no: 'mall-9',
        payment: 1,
        payment_no: 'mall-9',
        provider: 'wechat',
        logistics_type: 'courier',
      },
      ...{
        items: '李四的茶',
        parcels: [{ express_company: 'SF', tracking_no: 'SF1', contact: '138****5678' }],
      },
      ...{ state: 'open', version: 1, told: 0, refusal: null, told_at: null },
      requested_at: '2026-11-22T08:00:00.000Z',
    };
    const store = (record: Shipping) => table.put(itemOf({ put: 'shipping', record }));
    await store(sent);
    const left = await erase('--stage', 'local', '--user', 'user-9');
    expect(left).toMatchObject({ code: 1, errors: '' });
    expect(left.output).toContain(
      'mall-9 left: that it was sent is still to be told; erase again once it is\norders of the user: 0 erased, 1 left',
    );
    expect(await table.item({ order_no: 'mall-9' }, 'SHIPPING')).toMatchObject({ items: '李四的茶' });

    await store({ ...sent, state: 'told', told: 1, told_at: '2026-11-22T09:00:00.000Z' });
    expect(await erase('--stage', 'local', '--user', 'user-9')).toMatchObject({ code: 0, errors: '' });
    expect(await table.item({ order_no: 'mall-9' }, 'SHIPPING')).toMatchObject({
      items: '',
      parcels: [{ express_company: 'SF', tracking_no: 'SF1', contact: null }],
      state: 'told',
    });
    const items = await table.items({ order_no: 'mall-9' });
    expect(JSON.stringify(items)).not.toMatch(/user-9|openid-9|李四|138\*/);
  });

  it.each([
    [[], '--user must name the user'],
    [['--user', ' '], '--user must name the user'],
    [['--user', 'user-1', '--stage', 'a/b'], '--stage "a/b": must be'],
    [['--user', 'user-1', '--all'], "Unknown option '--all'"],
  ])('says how it is called: %j', async (words, message) => {
    const { code, output, errors } = await erase(...words);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toContain(message);
    expect(errors).toContain('npm run erase -- --help');
  });
});
