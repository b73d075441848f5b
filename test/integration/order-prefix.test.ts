import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flatSignature } from '../../lib/providers/flat-callback.ts';
import { createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';

let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let simulate: ReturnType<typeof createHttpClient>;

beforeAll(async () => {
  system = await startTestSystem({ orderPrefix: 'x1' });
  call = createHttpClient(system.url);
  simulate = createHttpClient(system.consoleUrl);
});
afterAll(() => system?.stop());

const admin = () => ({ token: system.tokens?.admin ?? '' });
const user = () => ({ token: system.tokens?.user ?? '' });
const pay = (provider: string, order_no: string) =>
  simulate('POST', `/simulator/payments/${provider}/${order_no}/pay`);
const dataOf = ({ body }: { body: unknown }) => (body as { data: Record<string, string> }).data;

describe('a stage with a prefix', () => {
  it('gives it to a shop order, which is paid, found and returned under that number', async () => {
    const body = { user_id: 'user-1', openid: 'openid-1', amount: 8.8, points: 0, description: '苹果' };
    const path = '/v2/orders/mall/7';
    expect(dataOf(await call('PUT', path, { ...admin(), body })).order_no).toBe('x1mall-7');
    expect((await call('POST', `${path}/pay`, user())).status).toBe(200);
    // The payment that was begun is closed, and the next has a number of its own.
    expect((await call('PUT', path, { ...admin(), body: { ...body, amount: 9.9 } })).status).toBe(200);
    expect((await call('POST', `${path}/pay`, user())).status).toBe(200);
    expect((await pay('wechat', 'x1mall-7-2')).status).toBe(200);
    expect(dataOf(await call('GET', path, user()))).toMatchObject({ order_no: 'x1mall-7', status: 'paid' });

    const refund = await call('POST', '/api/pay/refund', {
      ...admin(),
      headers: { 'idempotency-key': 'prefix' },
      body: { order_no: 'x1mall-7', reason: '不要了' },
    });
    expect(dataOf(refund).refund_no).toBe('x1mall-7-r1');
  });

  it.each(['wechat', 'alipay', 'stripe'] as const)(
    'gives it to an order of a tenant: %s',
    async (provider) => {
      const body = { tenant_id: 7, amount: 8.8, provider };
      const { order_no = '', pay_url = '' } = dataOf(
        await call('POST', '/api/pay/checkout', { ...admin(), body }),
      );
      expect(order_no).toMatch(/^x1p[0-9A-Z]{26}$/);
      if (provider !== 'wechat') await (await fetch(pay_url)).text();
      expect((await pay(provider, order_no)).status).toBe(200);
      const state = await call('GET', `/api/pay/orders/${order_no}`, admin());
      expect(dataOf(state)).toMatchObject({ order_no, status: 'paid' });
    },
  );

  it('does not know the orders of another', async () => {
    const body = { user_id: 'user-1', openid: 'openid-1', amount: 8.8, points: 0, description: '苹果' };
    await call('PUT', '/v2/orders/mall/8', { ...admin(), body });
    for (const order_no of ['mall-8', 'x2mall-8']) {
      const fields = { order_no, status: 'succeeded', txn_id: 'T1', amount: '8.80', currency: 'CNY' };
      const key = Buffer.from(
        (system.documents.wechat as { callback_keys: string[] }).callback_keys[0] ?? '',
      );
      const sig = flatSignature(new Map(Object.entries(fields)), key);
      const answer = await call('POST', '/api/pay/callback/wechat', { body: { ...fields, sig } });
      expect(answer).toMatchObject({ status: 404, body: { code: 404, msg: '订单不存在' } });
      expect((await call('GET', `/api/pay/orders/${order_no}`, admin())).status).toBe(404);
    }
  });
});
