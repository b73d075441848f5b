import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functions, streamConsumer } from '../../infra/endpoints.ts';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import type { Order, ShopOrder } from '../../lib/orders/order.ts';
import { startDynamodbProxy, type TableRequest } from '../support/dynamodb-proxy.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { openTable } from '../support/parties.ts';
import { permissionsOf } from '../support/table-permissions.ts';

/** What each function has asked of the table and its indexes. */
const asked = new Map<string, Set<string>>();
/** Comes between a request of this function and the table, once. */
let interference: { readonly caller: string; readonly action: string; run(): Promise<void> } | null = null;

let system: TestSystem;
let table: ReturnType<typeof openTable>;
let call: ReturnType<typeof createHttpClient>;
let simulate: ReturnType<typeof createHttpClient>;
const stops: (() => Promise<void>)[] = [];
let nextId = 1;

async function observe(request: TableRequest): Promise<void> {
  const { caller = '', action } = request;
  asked.set(caller, (asked.get(caller) ?? new Set()).union(new Set(permissionsOf(request))));
  if (interference?.caller !== caller || interference.action !== action) return;
  const { run } = interference;
  interference = null;
  await run();
}

beforeAll(async () => {
  const engine = await startDynamodb();
  stops.push(engine.stop);
  const proxy = await startDynamodbProxy(engine.endpoint, observe);
  stops.push(proxy.stop);
  system = await startTestSystem({ dynamodbEndpoint: proxy.url });
  stops.push(system.stop);
  table = openTable({ dynamodbEndpoint: engine.endpoint, tableName: system.tableName });
  call = createHttpClient(system.url);
  simulate = createHttpClient(system.consoleUrl);
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

const admin = () => ({ token: String(system.tokens?.admin) });
const user = () => ({ token: String(system.tokens?.user) });
const dataOf = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** Answers that the scenario counts on. */
async function expectStatus(status: number, answer: Promise<ApiAnswer>): Promise<ApiAnswer> {
  const given = await answer;
  expect(given, JSON.stringify(given.body)).toMatchObject({ status });
  return given;
}

async function checkOut(provider: string, headers: Record<string, string> = {}): Promise<string> {
  const body = { tenant_id: 1, amount: 8.8, provider };
  const answer = await expectStatus(201, call('POST', '/api/pay/checkout', { ...admin(), headers, body }));
  return String(dataOf(answer)['order_no']);
}

async function handOver(changes: Partial<ShopOrder> & { readonly path?: string } = {}, status = 201) {
  const { kind = 'mall', id = nextId++, order_no: _number, path: _path, ...fields } = changes;
  const body = {
    user_id: 'user-1',
    openid: 'openid-1',
    amount: 8.8,
    points: 0,
    description: '茶',
    ...fields,
  };
  await expectStatus(status, call('PUT', `/v2/orders/${kind}/${id}`, { ...admin(), body }));
  return { path: `/v2/orders/${kind}/${id}`, order_no: `${kind}-${id}`, kind, id };
}

const payerActs = (provider: string, number: string, action = 'pay', body: object = {}) =>
  simulate('POST', `/simulator/payments/${provider}/${number}/${action}`, { body });
const flat = (provider: string, fields: Record<string, string>) =>
  simulate('POST', `/simulator/flat/${provider}`, { body: fields });
const refund = (order_no: string, changes: object = {}) =>
  call('POST', '/api/pay/refund', {
    ...admin(),
    headers: { 'idempotency-key': `${order_no}-${nextId++}` },
    body: { order_no, reason: '退货', ...changes },
  });
const stored = async (order_no: string) =>
  (await table.items({ order_no })).find(({ sk }) => sk === 'ORDER') as Order | undefined;
const statusOf = async (order_no: string) => (await stored(order_no))?.status;
/** A look at a fresh payment asks nobody. */
const makeOld = (order_no: string) => table.changePayment({ order_no }, { begun_at: minutesAgo(10) });

/** What an order owes, and its refunds, is due now, for the sweep. */
async function sweepDue(order_no: string): Promise<void> {
  for (const item of await table.items({ order_no })) await table.makeDue(item);
  await system.sweep();
}

describe('what the functions are granted', () => {
  it.each(['wechat', 'alipay', 'stripe'])(
    'is enough to be paid and to refund through %s',
    async (provider) => {
      const key = { 'idempotency-key': `${provider}-key` };
      const order_no = await checkOut(provider, key);
      expect(await checkOut(provider, key)).toBe(order_no);
      await flat(provider, { order_no, status: 'succeeded' });
      await flat(provider, { order_no, status: 'succeeded', txn_id: 'T1' });
      await flat(provider, { order_no, status: 'succeeded', txn_id: 'T2', amount: '8.80', currency: 'CNY' });
      await flat(provider, { order_no, status: 'succeeded', txn_id: 'T3', amount: '0.01', currency: 'CNY' });
      expect(await statusOf(order_no)).toBe('paid');
      await expectStatus(202, refund(order_no, { transaction_id: 'T2' }));
      for (const status of ['failed', 'succeeded']) {
        const other = await checkOut(provider);
        await flat(provider, { order_no: other, status });
        expect(await statusOf(other)).toBe(status === 'failed' ? 'failed' : 'paid');
      }
      const closed = await checkOut(provider);
      await table.change({ order_no: closed }, { status: 'closed' });
      await flat(provider, { order_no: closed, status: 'succeeded' });
      expect(await table.item({ order_no: closed }, 'PAYMENT#1')).toMatchObject({ state: 'paid' });
      expect(await statusOf(closed)).toBe('closed');
    },
  );

  it.each(['wechat', 'stripe'])('is enough for what %s tells by itself', async (provider) => {
    const order_no = await checkOut(provider);
    await payerActs(provider, order_no);
    expect(await statusOf(order_no)).toBe('paid');
    await expectStatus(202, refund(order_no, { amount: 1 }));
    await expect.poll(() => statusOf(order_no), { timeout: 10_000 }).toBe('paid');
    const closed = await checkOut(provider);
    await payerActs(provider, closed, 'pay', { messages: ['failed', 'closed', 'paid'] });
    expect(await statusOf(closed)).toBe('paid');
  });

  it('is enough to end exceptions, and to have a refund repaired', async () => {
    const openOf = async (order_no: string) => {
      const list = await expectStatus(200, call('GET', '/api/pay/exceptions?limit=100', admin()));
      const exceptions = dataOf(list)['exceptions'] as Record<string, unknown>[];
      return String(exceptions.find((exception) => exception['order_no'] === order_no)?.['id']);
    };
    const resolve = async (order_no: string, resolution: string) =>
      call('POST', `/api/pay/exceptions/${await openOf(order_no)}/resolve`, {
        ...admin(),
        body: { resolution, reason: '核对' },
      });
    for (const resolution of ['attributed', 'returned']) {
      const late = await checkOut('wechat');
      await table.change({ order_no: late }, { status: 'closed' });
      await payerActs('wechat', late);
      await expectStatus(200, resolve(late, resolution));
    }
    for (const isDone of [false, true]) {
      const order_no = await checkOut('wechat');
      await payerActs('wechat', order_no);
      await simulate('POST', '/simulator/refunds/wechat', { body: { automatic: false } });
      await expectStatus(202, refund(order_no));
      await simulate('POST', `/simulator/refunds/wechat/${order_no}-r1/refuse`);
      await simulate('POST', '/simulator/refunds/wechat', { body: { automatic: true } });
      // By hand at the provider, which has not told of it.
      const silently = { body: { deliver: false } };
      if (isDone) await simulate('POST', `/simulator/refunds/wechat/${order_no}-r1/succeed`, silently);
      await expectStatus(202, call('POST', `/api/pay/refunds/${order_no}-r1/repair`, admin()));
      await expect.poll(() => statusOf(order_no), { timeout: 10_000 }).toBe('refunded');
    }
  });

  it('is enough for a payment that is found when somebody looks', async () => {
    const order_no = await checkOut('wechat');
    await payerActs('wechat', order_no, 'pay', { deliver: false });
    await makeOld(order_no);
    const look = (number: string) => expectStatus(200, call('GET', `/api/pay/orders/${number}`, admin()));
    expect(dataOf(await look(order_no))['status']).toBe('paid');

    const closed = await checkOut('wechat');
    await payerActs('wechat', closed, 'close', { deliver: false });
    await makeOld(closed);
    expect(dataOf(await look(closed))['status']).toBe('pending');
    expect(await table.item({ order_no: closed }, 'PAYMENT#1')).toMatchObject({ state: 'closed' });

    const odd = await checkOut('wechat');
    await payerActs('wechat', odd, 'pay', { deliver: false });
    await table.changePayment({ order_no: odd }, { amount: 1, begun_at: minutesAgo(10) });
    expect(dataOf(await look(odd))['status']).toBe('pending');
    expect(await table.items({ order_no: odd })).toMatchObject([{ kind: 'mismatch' }, {}, {}]);
  });

  it.each(['mall', 'meal'] as const)('is enough for orders of the %s', async (kind) => {
    const order = await handOver({ kind });
    await handOver({ ...order, amount: 9.9 }, 200);
    await expectStatus(200, call('POST', `${order.path}/pay`, user()));
    await payerActs('wechat', order.order_no);
    expect(await statusOf(order.order_no)).toBe('paid');
    await expectStatus(202, refund(order.order_no));
    await expect.poll(() => statusOf(order.order_no), { timeout: 10_000 }).toBe('refunded');

    const looked = await handOver({ kind });
    await expectStatus(200, call('POST', `${looked.path}/pay`, user()));
    await payerActs('wechat', looked.order_no, 'pay', { deliver: false });
    await makeOld(looked.order_no);
    expect(dataOf(await call('GET', looked.path, user()))['status']).toBe('paid');

    const closed = await handOver({ kind });
    await expectStatus(200, call('POST', `${closed.path}/pay`, user()));
    await payerActs('wechat', closed.order_no, 'close', { deliver: false });
    await makeOld(closed.order_no);
    expect(dataOf(await call('GET', closed.path, user()))['status']).toBe('pending');

    const odd = await handOver({ kind });
    await expectStatus(200, call('POST', `${odd.path}/pay`, user()));
    await payerActs('wechat', odd.order_no, 'pay', { deliver: false });
    await table.changePayment(odd, { amount: 1, begun_at: minutesAgo(10) });
    await call('GET', odd.path, user());
    expect(await table.items(odd)).toMatchObject([{ kind: 'mismatch' }, {}, {}]);

    const late = await handOver({ kind });
    await expectStatus(200, call('POST', `${late.path}/pay`, user()));
    await table.change(late, { status: 'closed' });
    await payerActs('wechat', late.order_no);
    expect(await table.items(late)).toMatchObject([{ kind: 'paid_after_close' }, {}, {}]);
  });

  it.each(['mall', 'meal'] as const)('is enough for an order of the %s that costs nothing', async (kind) => {
    const order = await handOver({ kind, amount: 0, openid: null });
    await expectStatus(200, call('POST', `${order.path}/pay`, user()));
    expect(await statusOf(order.order_no)).toBe('paid');
    // One that comes to cost something while it is being paid is paid as it is then.
    const raced = await handOver({ kind, amount: 0, openid: null });
    interference = {
      caller: `pay-${kind}-order`,
      action: 'UpdateItem',
      run: () => table.change(raced, { amount: 500, openid: 'openid-1', version: 2 }),
    };
    const paid = await expectStatus(200, call('POST', `${raced.path}/pay`, user()));
    expect(dataOf(paid)['package']).toMatch(/^prepay_id=/);
    expect(await table.items(raced)).toMatchObject([
      { sk: 'ORDER', status: 'pending' },
      { sk: 'PAYMENT#1', amount: 500 },
    ]);
  });

  it('is enough to change an order whose payment was begun, or was made meanwhile', async () => {
    const order = await handOver();
    await expectStatus(200, call('POST', `${order.path}/pay`, user()));
    await handOver({ ...order, amount: 9.9 }, 200);
    const paid = await handOver();
    await expectStatus(200, call('POST', `${paid.path}/pay`, user()));
    await payerActs('wechat', paid.order_no, 'pay', { deliver: false });
    await handOver({ ...paid, amount: 9.9 }, 409);
    expect(await statusOf(paid.order_no)).toBe('paid');
  });

  it('is enough to change an order that is closed while its payment turns out to be made', async () => {
    const order = await handOver();
    await expectStatus(200, call('POST', `${order.path}/pay`, user()));
    await payerActs('wechat', order.order_no, 'pay', { deliver: false });
    interference = {
      caller: 'put-shop-order',
      action: 'TransactWriteItems',
      run: () => table.change(order, { status: 'closed' }),
    };
    await handOver({ ...order, amount: 9.9 }, 409);
    expect(await table.items(order)).toMatchObject([
      { sk: expect.stringMatching(/^EXCEPTION#paid_after_close#wechat#/) },
      { sk: 'ORDER', status: 'closed' },
      { sk: 'PAYMENT#1', state: 'paid' },
    ]);
  });

  it('is enough for the sweep to find payments and refunds, and to close what is over', async () => {
    const order_no = await checkOut('wechat');
    await payerActs('wechat', order_no, 'pay', { deliver: false });
    await sweepDue(order_no);
    expect(await statusOf(order_no)).toBe('paid');

    await simulate('POST', '/simulator/refunds/wechat', { body: { automatic: false } });
    const refunded = dataOf(await expectStatus(202, refund(order_no)));
    await simulate('POST', `/simulator/refunds/wechat/${refunded['refund_no']}/succeed`, {
      body: { deliver: false },
    });
    await sweepDue(order_no);
    expect(await statusOf(order_no)).toBe('refunded');

    const over = await checkOut('wechat');
    const expires_at = minutesAgo(1);
    await table.change({ order_no: over }, { expires_at });
    await table.changePayment({ order_no: over }, { expires_at });
    await sweepDue(over);
    expect(await statusOf(over)).toBe('closed');

    const timeless = await handOver();
    await expectStatus(200, call('POST', `${timeless.path}/pay`, user()));
    await table.changePayment(timeless, { expires_at });
    await sweepDue(timeless.order_no);
    expect(await table.items(timeless)).toMatchObject([{ status: 'pending' }, { state: 'closed' }]);
  });

  it('is enough to reconcile days, and to tell the group of them', async () => {
    await system.run('start-reconciliation');
    const unheard = await checkOut('wechat');
    await payerActs('wechat', unheard, 'pay', { deliver: false });
    const odd = await checkOut('wechat');
    await payerActs('wechat', odd, 'pay', { deliver: false });
    await table.changePayment({ order_no: odd }, { amount: 1 });
    const late = await checkOut('wechat');
    await payerActs('wechat', late, 'pay', { deliver: false });
    await table.change({ order_no: late }, { status: 'closed' });
    const headers = { 'x-settle-role': 'admin' };
    await expectStatus(200, simulate('POST', '/console/day/close', { headers }));
    expect(await statusOf(unheard)).toBe('paid');
    expect(await table.items({ order_no: odd })).toMatchObject([{ state: 'open' }, {}, {}]);
    expect(await table.items({ order_no: late })).toMatchObject([{ kind: 'paid_after_close' }, {}, {}]);
  });

  it('is enough to look at what was booked and what did not fit', async () => {
    for (const path of [
      '/api/pay/reconciliations',
      '/api/pay/exceptions',
      '/api/pay/ledger/tenant:1',
      '/api/pay/ledger/provider:wechat.1900000001',
    ]) {
      await expectStatus(200, call('GET', path, admin()));
    }
  });
});

describe('what a function is granted', () => {
  const askedBy = (name: string) => [...(asked.get(name) ?? [])].toSorted();

  it.each(functions.map((line) => [line.name, line] as const))(
    'is what was asked, of the table and its indexes: %s',
    async (name, { table, indexes = [] }) => {
      const granted = [...table, ...indexes.map((index) => `Query on the index ${index}`)].toSorted();
      // It announces after the answers have gone out.
      if (name === streamConsumer.name) await expect.poll(() => askedBy(name)).toEqual(granted);
      expect(askedBy(name)).toEqual(granted);
    },
  );

  it.each(functions.map((line) => [line.name, line] as const))(
    'is what was read, of the documents: %s',
    (name, { documents }) => {
      expect(system.documentReads.get(name) ?? new Set()).toEqual(new Set(documents));
    },
  );
});
