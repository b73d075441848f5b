import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DynamodbEngine, startDynamodb } from '../../../infra/local/dynamodb/engine.ts';
import { localUser } from '../../../infra/local/tokens.ts';
import { type DynamodbProxy, startDynamodbProxy } from '../../support/dynamodb-proxy.ts';
import { createHttpClient } from '../../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../../support/local-system.ts';

let directory: string;
let running: { stop(): Promise<void> }[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'settle-test-'));
  running = [];
});
afterEach(async () => {
  for (const part of running.reverse()) await part.stop();
  rmSync(directory, { recursive: true });
});

async function start(options: Parameters<typeof startTestSystem>[0]): Promise<TestSystem> {
  const system = await startTestSystem(options);
  running.push(system);
  return system;
}

const own = async <T extends DynamodbEngine | DynamodbProxy>(starting: Promise<T>): Promise<T> => {
  const part = await starting;
  running.push(part);
  return part;
};

/** Hands an order over that costs nothing, and pays it. */
async function payWithPoints({ url, tokens }: TestSystem, id: number) {
  const call = createHttpClient(url);
  const order = { user_id: localUser, amount: 0, points: 5, description: '苹果' };
  const path = `/v2/orders/mall/${id}`;
  const { admin = '', user = '' } = tokens ?? {};
  expect(await call('PUT', path, { token: admin, body: order })).toMatchObject({ status: 201 });
  return call('POST', `${path}/pay`, { token: user });
}

const announcements = ({ simulators }: TestSystem) =>
  simulators.recorder
    .recorded()
    .flatMap((recorded) => (recorded.type === 'call' && recorded.to === 'wecom' ? [recorded.body] : []));

describe('the local system', () => {
  it('goes on where it was after a restart, and announces nothing twice', async () => {
    const dataFile = join(directory, 'settle.db');
    const first = await start({ dataFile });
    expect(await payWithPoints(first, 1)).toMatchObject({ body: { data: { paid: true } } });
    await expect.poll(() => announcements(first)).toHaveLength(1);
    await first.stop();

    const second = await start({ dataFile });
    const call = createHttpClient(second.url);
    expect(await call('GET', '/v2/orders/mall/1', { token: second.tokens?.user ?? '' })).toMatchObject({
      body: { data: { status: 'paid' } },
    });
    await payWithPoints(second, 2);
    await expect.poll(() => announcements(second)).toHaveLength(1);
    expect(announcements(second)[0]).toContain('mall-2');
    expect(announcements(second)[0]).not.toContain('mall-1');
  });

  it('is itself after a restart: tokens, keys, and payments that its providers hold', async () => {
    const dataFile = join(directory, 'settle.db');
    const first = await start({ dataFile });
    const { admin = '', user = '' } = first.tokens ?? {};
    const body = { user_id: localUser, openid: 'openid-1', amount: 8.8, points: 0, description: '苹果' };
    await createHttpClient(first.url)('PUT', '/v2/orders/mall/1', { token: admin, body });
    await createHttpClient(first.url)('POST', '/v2/orders/mall/1/pay', { token: user });
    await first.stop();

    const portOf = (url: string) => Number(new URL(url).port);
    const ports = { port: portOf(first.url), consolePort: portOf(first.consoleUrl) };
    const second = await start({ dataFile, ...ports });
    const call = createHttpClient(second.url);
    await createHttpClient(second.consoleUrl)('POST', '/simulator/payments/wechat/mall-1/pay');
    const status = async () => (await call('GET', '/v2/orders/mall/1', { token: user })).body;
    await expect.poll(status).toMatchObject({ data: { status: 'paid' } });
    const kept = readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o077);
    expect(new Set(kept)).toEqual(new Set([0]));
  });

  it('has in its queues after a restart what waited there', async () => {
    const dataFile = join(directory, 'settle.db');
    const first = await start({ dataFile });
    first.queues.failedEvents.send('given up', 0);
    first.queues.deliveries.queue.send('for later', 600_000);
    await first.stop();
    const { queues } = await start({ dataFile });
    expect(queues.failedEvents.receive(10)).toMatchObject([{ body: 'given up' }]);
    expect(queues.deliveries.queue.counts().delayed).toBe(1);
  });

  it('works on a DynamoDB that is running already, whose requests can be counted and lost', async () => {
    const engine = await own(startDynamodb());
    const proxy = await own(startDynamodbProxy(engine.endpoint));
    // Who is told of what is paid is looked for in the background.
    const system = await start({ dynamodbEndpoint: proxy.url, documents: { webhooks: null } });
    proxy.reset();
    expect(await payWithPoints(system, 1)).toMatchObject({ status: 200 });
    expect(proxy.total()).toBeGreaterThan(0);

    const read = () =>
      createHttpClient(system.url)('GET', '/v2/orders/mall/1', { token: system.tokens?.user ?? '' });
    proxy.reset();
    expect(await read()).toMatchObject({ status: 200 });
    expect([proxy.count('Query'), proxy.total()]).toEqual([1, 1]);
    for (const fault of ['drop_reply', 'drop_request', 'error', 'hang'] as const) {
      proxy.reset();
      proxy.fault('Query', fault, 1);
      expect(await read()).toMatchObject({ status: 200 });
      expect([fault, proxy.count('Query')]).toEqual([fault, 2]);
    }
  });

  it('makes no tokens for an auth document that holds no key', async () => {
    const auth = { issuer: 'a', audience: 'b', jwks: { keys: [{ kty: 'oct', k: 'eA' }] } };
    const { tokens, counterparts, documents } = await start({ documents: { auth } });
    expect(tokens).toBeNull();
    expect(documents.auth).toEqual(auth);
    expect(counterparts.wechat).not.toBeNull();
  });
});
