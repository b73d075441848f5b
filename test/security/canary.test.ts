import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../infra/endpoints.ts';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import { localUser } from '../../infra/local/tokens.ts';
import { documentSecrets, findCanaries } from '../support/canaries.ts';
import { type DynamodbProxy, startDynamodbProxy } from '../support/dynamodb-proxy.ts';
import { dataPointsOf } from '../support/embedded-metrics.ts';
import { createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { logFields } from '../support/log-fields.ts';
import { scanTable } from '../support/table-scan.ts';

const shopOrder = (changes: object = {}) => ({
  user_id: localUser,
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6p',
  amount: 19.99,
  points: 0,
  description: '苹果',
  ...changes,
});

const wecomTexts = ({ simulators }: TestSystem) =>
  simulators.recorder
    .recorded()
    .flatMap((event) => (event.type === 'call' && event.to === 'wecom' ? [event.body] : []));

describe('the search for canaries', { timeout: 60_000 }, () => {
  const secret = 'a/secret+of 32 bytes, or longer.';
  const canaries = documentSecrets({
    auth: { issuer: 'https://issuer.test/of-some-length', hs256_secret: secret },
    wechat: { private_key: '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq0123\n-----END PRIVATE KEY-----' },
    wecom: { webhook_url: 'http://127.0.0.1/send?key=0123456789abcdef' },
  });

  it.each([
    ['as it is', secret, 'auth.hs256_secret'],
    ['in a URL', encodeURIComponent(secret), 'auth.hs256_secret'],
    ['in base64', Buffer.from(secret).toString('base64'), 'auth.hs256_secret'],
    ['in part', 'MIIEvQIBADANBgkq0123', 'wechat.private_key'],
    ['in an address', '0123456789abcdef', 'wecom.webhook_url'],
  ])('finds one %s, and does not repeat it', (_, text, name) => {
    expect(findCanaries(canaries, [{ place: 'the log', text: `{"x":"${text}"}` }])).toEqual([
      `${name} in the log`,
    ]);
  });

  it('finds nothing in what is public', () => {
    const text = 'https://issuer.test/of-some-length -----BEGIN PRIVATE KEY----- http://127.0.0.1/send';
    expect(findCanaries(canaries, [{ place: 'the log', text }])).toEqual([]);
  });

  it('fails the test that gave something away', async () => {
    const system = await startTestSystem();
    const { admin = '', user = '' } = system.tokens ?? {};
    const call = createHttpClient(system.url);
    const { apiv3_key: key } = system.documents.wechat as { apiv3_key: string };
    const body = shopOrder({ amount: 0, openid: 'oPlantedOpenid', description: 'oPlantedOpenid' });
    await call('PUT', '/v2/orders/mall/1', { token: admin, body });
    await call('PUT', '/v2/orders/mall/2', { token: admin, body: shopOrder({ description: key }) });
    await call('POST', '/v2/orders/mall/1/pay', { token: user });
    await expect.poll(() => wecomTexts(system)).toHaveLength(1);
    await expect(system.stop()).rejects.toThrow(
      /an openid in a WeCom message.*wechat\.apiv3_key in the item ORDER/,
    );
  });
});

describe('a system in every kind of trouble', { timeout: 90_000 }, () => {
  let proxy: DynamodbProxy;
  let system: TestSystem;
  let call: ReturnType<typeof createHttpClient>;
  let simulate: ReturnType<typeof createHttpClient>;
  const statuses = new Set<number>();
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const engine = await startDynamodb();
    stops.push(engine.stop);
    proxy = await startDynamodbProxy(engine.endpoint);
    stops.push(proxy.stop);
    system = await startTestSystem({ dynamodbEndpoint: proxy.url });
    // Fails when anything was given away.
    stops.push(system.stop);
    call = createHttpClient(system.url);
    simulate = createHttpClient(system.consoleUrl);
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  /** Of people, whom nobody asked for more than this. */
  const contact = '13987654321';
  const payer_client_ip = '203.0.113.77';

  const bodies: Readonly<Record<string, object>> = {
    checkout: { tenant_id: 7, amount: 19.99, provider: 'stripe' },
    'put-shop-order': shopOrder(),
    refund: { order_no: 'mall-7', reason: '退款' },
    'ship-order': {
      logistics_type: 'courier',
      items: '苹果',
      parcels: [{ express_company: 'SF', tracking_no: 'SF1', contact }],
    },
  };
  /** What is given up is another order than the one that the rest is about. */
  const pathOf = (path: string, id = path.endsWith('/close') ? 8 : 7) =>
    path
      .replace('{order_no}', `mall-${id}`)
      .replace('{account}', 'shop:mall')
      .replace('{kind}', 'mall')
      .replace('{id}', String(id));

  /** One request to every endpoint there is; of a body, where it takes one. */
  async function knock(token?: string, given?: string): Promise<void> {
    const headers = {
      'wechatpay-serial': 'X',
      'wechatpay-signature': 'c2lnbmF0dXJlLW9mLW5vYm9keS1hdC1hbGw=',
    };
    for (const { name, method, path } of endpoints) {
      const body = given ?? bodies[name] ?? { order_no: 'mall-7', status: 'succeeded' };
      const answer = await call(method, pathOf(path), {
        headers,
        ...(token !== undefined && { token }),
        ...(method !== 'GET' && { body }),
      });
      statuses.add(answer.status);
    }
  }

  it('answers without giving anything away', async () => {
    const { admin = '', user = '' } = system.tokens ?? {};
    await knock();
    await knock(`${admin}x`);
    await knock(user);
    await knock(admin);
    await knock(admin, `{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6p","token":"${admin}"`);
    for (const fault of ['http', null]) {
      for (const provider of ['wechat', 'alipay', 'stripe']) {
        await simulate('POST', '/simulator/faults', { body: { provider, fault } });
        const body = {
          ...{ tenant_id: 7, amount: 19.99, provider, scene: 'mobile' },
          ...(provider === 'wechat' && { payer_client_ip }),
        };
        statuses.add((await call('POST', '/api/pay/checkout', { token: admin, body })).status);
      }
      statuses.add((await call('POST', '/v2/orders/mall/7/pay', { token: user })).status);
    }
    for (const options of [
      { forge: 'signature' },
      { forge: 'probe' },
      { alter: { amount: 1 } },
      { times: 2 },
    ]) {
      await simulate('POST', '/simulator/payments/wechat/mall-7/pay', { body: options });
    }
    const shipping = { token: admin, body: bodies['ship-order'] };
    expect(await call('PUT', '/v2/orders/mall/7/shipping', shipping)).toMatchObject({ status: 200 });
    const refund = { token: admin, body: bodies['refund'], headers: { 'idempotency-key': 'refund-1' } };
    statuses.add((await call('POST', '/api/pay/refund', refund)).status);
    for (const action of ['GetItem', 'Query']) proxy.fault(action, 'error', 100);
    await call('GET', '/v2/orders/mall/7', { token: user });
    await call('GET', '/api/pay/exceptions', { token: admin });
    proxy.heal();
    expect([...statuses].toSorted()).toEqual(expect.arrayContaining([200, 201, 400, 401, 403, 404, 502]));
    const complaints = () => system.logs.filter((line) => /"level":"(WARN|ERROR)"/i.test(line)).length;
    await expect.poll(complaints).toBeGreaterThan(3);
    const stored = JSON.stringify(await scanTable(system));
    expect(stored).toContain('139****4321');
    for (const text of [stored, ...system.logs, ...wecomTexts(system)]) {
      expect(text).not.toContain(contact);
      expect(text).not.toContain(payer_client_ip);
    }
  });

  it('is not led astray by line breaks, markdown and long text', async () => {
    const { admin = '', user = '' } = system.tokens ?? {};
    const traps = [
      '**加粗**\r\n> [链接](http://evil.test)',
      '<@all><font color="warning">假</font>',
      '{"level":"ERROR"}\n{"level":"INFO"}',
      '长'.repeat(42),
      '\u202e`mall-1`\u0000\u2028',
    ];
    const from = wecomTexts(system).length;
    for (const [index, description] of traps.entries()) {
      const path = `/v2/orders/meal/${index + 1}`;
      const body = shopOrder({ amount: 0, description });
      expect(await call('PUT', path, { token: admin, body })).toMatchObject({ status: 201 });
      expect(await call('POST', `${path}/pay`, { token: user })).toMatchObject({ status: 200 });
    }
    const announced = () => wecomTexts(system).slice(from).join('\n');
    await expect.poll(announced).toContain('meal-5');
    const lines = wecomTexts(system)
      .slice(from)
      .flatMap((body) =>
        (JSON.parse(body) as { markdown: { content: string } }).markdown.content.split(/[\r\n\u2028]/),
      )
      .filter((line) => line !== '');
    for (const line of lines) expect(line).toMatch(/^(> (订餐|商城|信息不符)|\*\*(收款通知|<font))/);
    const ours = lines.filter((line) => line.includes('`meal-'));
    expect(ours).toHaveLength(traps.length);
    for (const line of ours) {
      expect(line).not.toMatch(/[[\]<@{}]|http:/);
      expect(line.match(/`/g)).toHaveLength(2);
      expect(line.length).toBeLessThan(120);
    }
    for (const line of system.logs) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('writes one line for each call, of known fields alone, which CloudWatch takes', () => {
    const written = system.logs.map((line): Record<string, unknown> => JSON.parse(line));
    const ours = written.filter(({ stage }) => stage === 'local');
    expect(ours.length).toBeGreaterThan(50);
    for (const line of ours) {
      expect(Object.keys(line).filter((field) => !logFields.has(field))).toEqual([]);
      dataPointsOf(JSON.stringify(line), Date.now());
    }
    const calls = ours.filter(({ message }) => message === 'request' || message === 'callback');
    const byRequest = Map.groupBy(calls, ({ request_id }) => request_id);
    expect([...byRequest.values()].filter((lines) => lines.length > 1)).toEqual([]);
    expect(new Set(calls.map((line) => line['function']))).toEqual(
      new Set(endpoints.map(({ name }) => name)),
    );
  });
});
