import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, createHttpClient } from '../../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../../support/local-system.ts';

const fromPage = { headers: { 'x-settle-role': 'admin' } };

let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let atConsole: ReturnType<typeof createHttpClient>;

beforeAll(async () => {
  system = await startTestSystem();
  call = createHttpClient(system.url);
  atConsole = createHttpClient(system.consoleUrl);
});
afterAll(() => system?.stop());

interface Day {
  readonly provider: string;
  readonly day: string;
  readonly state: string;
  readonly rows: number;
  readonly agreed: number;
  readonly settled: number;
}

async function days(): Promise<readonly Day[]> {
  const token = String(system.tokens?.admin);
  const { body } = await call('GET', '/api/pay/reconciliations?limit=100', { token });
  return (body as { data: { reconciliations: readonly Day[] } }).data.reconciliations;
}

async function payByWechat(order_no: string, options: object): Promise<void> {
  const [, id] = order_no.split('-');
  const order = { user_id: 'user-1', openid: 'openid-1', amount: 8.8, points: 0, description: '茶' };
  const path = `/v2/orders/mall/${id}`;
  await call('PUT', path, { token: String(system.tokens?.admin), body: order });
  await call('POST', `${path}/pay`, { token: String(system.tokens?.user) });
  await atConsole('POST', `/simulator/payments/wechat/${order_no}/pay`, { body: options });
}

const digests = ({ body }: ApiAnswer) =>
  (body as { messages: { content: string }[] }).messages
    .map(({ content }) => content)
    .filter((content) => content.includes('每日摘要'));

describe('the daily work, locally', () => {
  it('asks for the days of the last week when its hour comes, and reconciles each of them once', async () => {
    // On a machine that is busy a run may not reach its queue in time: the next one makes up for it.
    await expect.poll(() => system.run('start-reconciliation')).toBeUndefined();
    await expect
      .poll(() => system.queues.reconciliation.queue.counts())
      .toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    const done = await days();
    for (const provider of ['wechat', 'alipay', 'stripe']) {
      const states = done.filter((day) => day.provider === provider).map(({ state }) => state);
      expect([provider, states]).toEqual([provider, Array.from(states, () => 'agreed')]);
      expect(states.length).toBeGreaterThan(4);
    }
    await system.run('start-reconciliation');
    expect(system.queues.reconciliation.queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('closes the day that is not over: settles what was not heard of, and tells the group', async () => {
    await payByWechat('mall-1', {});
    await payByWechat('mall-2', { deliver: false });
    const paid = { body: { alter: { transaction: true } } };
    await atConsole('POST', '/simulator/payments/wechat/mall-1/pay', paid);
    expect(await atConsole('POST', '/console/day/close', fromPage)).toMatchObject({ status: 200 });
    const [today] = (await days()).filter(({ provider }) => provider === 'wechat');
    expect(today).toMatchObject({ state: 'agreed', rows: 3, agreed: 2, settled: 1 });
    const told = digests(await atConsole('GET', '/simulator/wecom/messages'));
    expect(told).toEqual([expect.stringContaining('全部一致')]);
  });

  it('runs by hand what a schedule runs, and nothing else', async () => {
    const run = (name: string) => atConsole('POST', `/console/schedules/${name}`, fromPage);
    for (const name of ['sweep', 'start-reconciliation', 'send-digest']) {
      expect([name, (await run(name)).status]).toEqual([name, 200]);
    }
    expect((await run('checkout')).status).toBe(404);
  });

  it('says when the group could not be told', async () => {
    await payByWechat('mall-3', { alter: { amount: 1 } });
    await atConsole('POST', '/simulator/wecom/fault', { body: { fault: 'http' } });
    expect((await atConsole('POST', '/console/schedules/send-digest', fromPage)).status).toBe(502);
    await atConsole('POST', '/simulator/wecom/fault', { body: { fault: null } });
    expect((await atConsole('POST', '/console/schedules/send-digest', fromPage)).status).toBe(200);
  });

  it.each(['/console/day/close', '/console/schedules/sweep'])(
    "%s is not for another site's page",
    async (path) => {
      expect((await atConsole('POST', path)).status).toBe(403);
    },
  );
});
