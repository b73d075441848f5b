import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notSimulatedAt, notSimulatedWith } from '../../../infra/local/demo/simulated.ts';
import { welcome } from '../../../infra/local/welcome.ts';
import { createHttpClient } from '../../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../../support/local-system.ts';

/** What `SETTLE_SECRETS_FILE` gives of a stage that is paid at Stripe alone, with a tenant who is paid nowhere. */
const documents = { wechat: null, alipay: null, wecom: null, tenants: { '7': { paid_to: 'own' } } };

let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let atConsole: ReturnType<typeof createHttpClient>;
let token: string;

beforeAll(async () => {
  system = await startTestSystem({ documents });
  call = createHttpClient(system.url);
  atConsole = createHttpClient(system.consoleUrl);
  token = String(system.tokens?.admin);
});
afterAll(() => system?.stop());

const checkOut = (provider: string) =>
  call('POST', '/api/pay/checkout', { token, body: { tenant_id: 1, amount: 8.8, provider } });

/** Besides that somebody called at an address where nobody is paid, as is done here. */
const complaints = () =>
  system.logs.filter(
    (line) =>
      /"level":"(WARN|ERROR)"|^the console|^a simulator/.test(line) && !line.includes('"no_merchant"'),
  );

describe('a stage with Stripe alone', () => {
  it('gives a first payment by what it says at the start', async () => {
    const said = await welcome(system);
    expect(said).toContain('The stage is paid at: Stripe');
    const [line = ''] = said.filter((one) => one.startsWith('curl '));
    expect(said.filter((one) => one.startsWith('curl '))).toHaveLength(1);
    const [, address = '', body = ''] = /-X POST (\S+) .* -d '(.*)'$/.exec(line) ?? [];
    expect(address).toBe(`${system.url}/api/pay/checkout`);
    const made = await call('POST', '/api/pay/checkout', { token, body: JSON.parse(body) });
    expect(made.status).toBe(201);
    const { order_no, pay_url } = (made.body as { data: { order_no: string; pay_url: string } }).data;
    expect((await fetch(pay_url)).status).toBe(200);
    const paid = await atConsole('POST', `/simulator/payments/stripe/${order_no}/pay`, { body: {} });
    expect(paid.body).toMatchObject({ deliveries: [{ status: 200 }] });
    expect(await call('GET', `/api/pay/orders/${order_no}`, { token })).toMatchObject({
      body: { data: { status: 'paid', provider: 'stripe' } },
    });
  });

  it.each(['wechat', 'alipay'])('does not offer %s', async (provider) => {
    expect(await checkOut(provider)).toMatchObject({ status: 400 });
    expect((await call('POST', `/api/pay/callback/${provider}`, { body: { order_no: 'p1' } })).status).toBe(
      404,
    );
    expect((await atConsole('GET', `/simulator/accounts/${provider}`)).status).toBe(503);
  });

  it('is none that the demonstration can drive', async () => {
    expect(await notSimulatedAt(system.consoleUrl)).toEqual(['wechat', 'alipay', 'wecom']);
    expect(notSimulatedWith(documents)).toEqual(['wechat', 'alipay', 'wecom']);
    expect(notSimulatedWith({ tenants: {}, merchants: {} })).toEqual([]);
  });

  it('has a shop’s order be paid nowhere', async () => {
    const order = { user_id: 'user-1', openid: 'openid-1', amount: 8.8, points: 0, description: '茶' };
    expect((await call('PUT', '/v2/orders/mall/1', { token, body: order })).status).toBe(201);
    const user = String(system.tokens?.user);
    expect((await call('POST', '/v2/orders/mall/1/pay', { token: user })).status).toBe(400);
  });

  it('does its daily work', async () => {
    await expect.poll(() => system.run('start-reconciliation')).toBeUndefined();
    await expect
      .poll(() => system.queues.reconciliation.queue.counts())
      .toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    const { body } = await call('GET', '/api/pay/reconciliations?limit=100', { token });
    const { reconciliations } = (body as { data: { reconciliations: { provider: string }[] } }).data;
    expect(new Set(reconciliations.map(({ provider }) => provider))).toEqual(new Set(['stripe']));
    await system.sweep();
    await system.run('send-digest');
    const close = await atConsole('POST', '/console/day/close', { headers: { 'x-settle-role': 'admin' } });
    expect(close.status).toBe(200);
  });

  it('complains of nothing', () => {
    expect(complaints()).toEqual([]);
  });
});
