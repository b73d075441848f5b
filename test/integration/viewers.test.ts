import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../infra/endpoints.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';

const auth = {
  ...{ issuer: 'https://issuer.test', audience: 'settle' },
  hs256_secret: 'viewers-secret-of-32-bytes-or-more',
};
let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
/** Of tenant 7, of tenant 8 and of a shop. */
const orders: Record<'ours' | 'theirs' | 'shops', string> = { ours: '', theirs: '', shops: 'mall-1' };

const token = (role: string, claims: object = {}) =>
  new SignJWT({ sub: 'user-1', role, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(auth.issuer)
    .setAudience(auth.audience)
    .setExpirationTime('1h')
    .sign(Buffer.from(auth.hs256_secret));

const dataOf = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;

async function checkOut(tenant_id: number): Promise<string> {
  const body = { tenant_id, amount: 8.8, provider: 'alipay' };
  const made = await call('POST', '/api/pay/checkout', { token: await token('admin'), body });
  return String(dataOf(made)['order_no']);
}

beforeAll(async () => {
  system = await startTestSystem({ documents: { auth } });
  call = createHttpClient(system.url);
  orders.ours = await checkOut(7);
  orders.theirs = await checkOut(8);
  const body = { user_id: 'user-1', openid: 'openid-1', amount: 8.8, points: 0, description: '茶' };
  await call('PUT', '/v2/orders/mall/1', { token: await token('admin'), body });
});
afterAll(() => system?.stop());

const apis = endpoints.filter(({ path, callback }) => /^\/(api|v2)\//.test(path) && !callback);
const named = (list: typeof apis) => list.map((each) => [`${each.method} ${each.path}`, each] as const);
const pathOf = (path: string, order_no: string) =>
  path
    .replace('{order_no}', order_no)
    .replace('{refund_no}', `${order_no}-r1`)
    .replace('{account}', 'tenant:7')
    .replace('{kind}', 'mall')
    .replace('{id}', '1');

describe('a viewer', () => {
  it.each(named(apis.filter(({ method }) => method === 'GET')))(
    'reads what an admin may: %s',
    async (_, { path }) => {
      const query = path === '/api/pay/orders' ? '?tenant_id=7' : '';
      for (const claims of [{}, { tenant_id: 7 }]) {
        const address = pathOf(path, orders.ours) + query;
        const [asAdmin, asViewer] = [
          await call('GET', address, { token: await token('admin', claims) }),
          await call('GET', address, { token: await token('viewer', claims) }),
        ];
        expect(asViewer.status).toBe(asAdmin.status);
        expect([200, 404]).toContain(asViewer.status);
        expect(Object.keys(dataOf(asViewer) ?? {})).toEqual(Object.keys(dataOf(asAdmin) ?? {}));
      }
    },
  );

  it.each(named(apis.filter(({ method }) => method !== 'GET')))(
    'acts on nothing: %s',
    async (_, { method, path }) => {
      for (const claims of [{}, { tenant_id: 7 }]) {
        const answer = await call(method, pathOf(path, orders.ours), {
          token: await token('viewer', claims),
          headers: { 'idempotency-key': path },
          body: { tenant_id: 7, amount: 8.8, provider: 'alipay' },
        });
        expect(answer).toMatchObject({ status: 403, body: { code: 403, data: null } });
      }
      const { status } = dataOf(
        await call('GET', `/api/pay/orders/${orders.ours}`, { token: await token('admin') }),
      );
      expect(status).toBe('pending');
    },
  );

  it("of a tenant sees the tenant's alone", async () => {
    const ask = async (path: string) => call('GET', path, { token: await token('viewer', { tenant_id: 7 }) });
    expect((await ask(`/api/pay/orders/${orders.ours}`)).status).toBe(200);
    const hidden = [
      `/api/pay/orders/${orders.theirs}`,
      `/api/pay/orders/${orders.theirs}/history`,
      `/api/pay/orders/${orders.theirs}/refunds`,
      `/api/pay/orders/${orders.shops}`,
      `/v2/orders/mall/1`,
      '/api/pay/ledger/tenant:8',
    ];
    for (const path of hidden) expect([path, (await ask(path)).status]).toEqual([path, 404]);
    expect((await ask('/api/pay/ledger/shop:mall')).status).toBe(403);
    const none = {
      '/api/pay/orders?tenant_id=8': { orders: [] },
      '/api/pay/exceptions?tenant_id=8': { exceptions: [] },
      '/api/pay/webhooks/deliveries?tenant_id=8': { deliveries: [] },
      '/api/pay/webhooks?tenant_id=8': { endpoint: null, failing: [] },
    };
    for (const [path, data] of Object.entries(none)) {
      expect(await ask(path), path).toMatchObject({ status: 200, body: { data } });
    }
  });
});
