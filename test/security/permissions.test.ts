import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functions, streamConsumer } from '../../infra/endpoints.ts';
import { exampleTenant } from '../../infra/local/documents.ts';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import { type Provider, providers } from '../../lib/orders/kinds.ts';
import type { Order, ShopOrder } from '../../lib/orders/order.ts';
import { faces } from '../../lib/providers/all.ts';
import { endpointKey } from '../../lib/store/delivery-table.ts';
import { newestVersion } from '../../lib/store/schema.ts';
import { receiverOf } from '../../lib/webhooks/delivery.ts';
import { startDynamodbProxy, type TableRequest } from '../support/dynamodb-proxy.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { openTable } from '../support/parties.ts';
import { replaceDocument } from '../support/replace-document.ts';
import { permissionsOf } from '../support/table-permissions.ts';

/** What each function has asked of the table and its indexes. */
const asked = new Map<string, Set<string>>();
/** Comes between a request of this function and the table, once. */
let interference: { readonly caller: string; readonly action: string; run(): Promise<void> } | null = null;

let system: TestSystem;
let table: ReturnType<typeof openTable>;
let deliveries: ReturnType<typeof openTable>;
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
  deliveries = openTable({ dynamodbEndpoint: engine.endpoint, tableName: system.deliveriesTable });
  call = createHttpClient(system.url);
  simulate = createHttpClient(system.consoleUrl);
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

const admin = () => ({ token: String(system.tokens?.admin) });
const user = () => ({ token: String(system.tokens?.user) });
/** Of an administrator who reaches this tenant alone. */
function tenantToken(tenant_id: number): Promise<string> {
  const { issuer, audience, hs256_secret } = system.documents.auth as Record<string, string>;
  return new SignJWT({ role: 'admin', tenant_id })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('admin-of-tenant')
    .setIssuer(issuer ?? '')
    .setAudience(audience ?? '')
    .setExpirationTime('1h')
    .sign(Buffer.from(hs256_secret ?? ''));
}
const dataOf = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** Answers that the scenario counts on. */
async function expectStatus(status: number, answer: Promise<ApiAnswer>): Promise<ApiAnswer> {
  const given = await answer;
  expect(given, JSON.stringify(given.body)).toMatchObject({ status });
  return given;
}

/** Tenant 1 is paid to the stage's merchants, and this one to its own. */
const OWN = exampleTenant;

async function checkOut(
  provider: string,
  tenant_id: number = 1,
  headers: Record<string, string> = {},
): Promise<string> {
  const body = { tenant_id, amount: 8.8, provider };
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
/** Of the merchants that a tenant is paid to. */
const documentsOf = (tenant_id: number) =>
  (tenant_id === OWN ? system.documents.tenants[OWN] : system.documents) as Record<Provider, object>;
/** To the address of the stage's merchant, or of this tenant's own. */
const flat = (provider: Provider, fields: Record<string, string>, tenant_id = 1) => {
  const { merchant } = faces[provider].parseDocument(documentsOf(tenant_id)[provider]);
  return simulate('POST', `/simulator/flat/${provider}?merchant=${merchant}`, { body: fields });
};
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
  it.each(providers.flatMap((provider) => [1, OWN].map((tenant_id) => [provider, tenant_id] as const)))(
    'is enough to be paid and to refund through %s, for tenant %i',
    async (provider, tenant_id) => {
      const key = { 'idempotency-key': `${provider}-${tenant_id}` };
      const order_no = await checkOut(provider, tenant_id, key);
      expect(await checkOut(provider, tenant_id, key)).toBe(order_no);
      await flat(provider, { order_no, status: 'succeeded' }, tenant_id);
      await flat(provider, { order_no, status: 'succeeded', txn_id: 'T1' }, tenant_id);
      await flat(
        provider,
        { order_no, status: 'succeeded', txn_id: 'T2', amount: '8.80', currency: 'CNY' },
        tenant_id,
      );
      await flat(
        provider,
        { order_no, status: 'succeeded', txn_id: 'T3', amount: '0.01', currency: 'CNY' },
        tenant_id,
      );
      expect(await statusOf(order_no)).toBe('paid');
      await expectStatus(202, refund(order_no, { transaction_id: 'T2' }));
      for (const status of ['failed', 'succeeded']) {
        const other = await checkOut(provider, tenant_id);
        await flat(provider, { order_no: other, status }, tenant_id);
        expect(await statusOf(other)).toBe(status === 'failed' ? 'failed' : 'paid');
      }
      const closed = await checkOut(provider, tenant_id);
      await table.change({ order_no: closed }, { status: 'closed' });
      await flat(provider, { order_no: closed, status: 'succeeded' }, tenant_id);
      expect(await table.item({ order_no: closed }, 'PAYMENT#1')).toMatchObject({ state: 'paid' });
      expect(await statusOf(closed)).toBe('closed');
    },
  );

  it.each(['wechat', 'stripe'])('is enough for what %s tells by itself', async (provider) => {
    const order_no = await checkOut(provider);
    await payerActs(provider, order_no);
    expect(await statusOf(order_no)).toBe('paid');
    await expectStatus(202, refund(order_no, { amount: 1 }));
    await expect.poll(() => statusOf(order_no)).toBe('paid');
    const closed = await checkOut(provider);
    await payerActs(provider, closed, 'pay', { messages: ['failed', 'closed', 'paid'] });
    expect(await statusOf(closed)).toBe('paid');
  });

  it.each([1, OWN])(
    'is enough to end exceptions, and to have a refund repaired, of tenant %i',
    async (tenant_id) => {
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
        const late = await checkOut('wechat', tenant_id);
        await table.change({ order_no: late }, { status: 'closed' });
        await payerActs('wechat', late);
        await expectStatus(200, resolve(late, resolution));
      }
      for (const isDone of [false, true]) {
        const order_no = await checkOut('wechat', tenant_id);
        await payerActs('wechat', order_no);
        await simulate('POST', '/simulator/refunds/wechat', { body: { automatic: false } });
        await expectStatus(202, refund(order_no));
        await simulate('POST', `/simulator/refunds/wechat/${order_no}-r1/refuse`);
        await simulate('POST', '/simulator/refunds/wechat', { body: { automatic: true } });
        // By hand at the provider, which has not told of it.
        const silently = { body: { deliver: false } };
        if (isDone) await simulate('POST', `/simulator/refunds/wechat/${order_no}-r1/succeed`, silently);
        await expectStatus(202, call('POST', `/api/pay/refunds/${order_no}-r1/repair`, admin()));
        await expect.poll(() => statusOf(order_no)).toBe('refunded');
      }
    },
  );

  it('is enough for a payment that is found when somebody looks', async () => {
    const order_no = await checkOut('wechat', OWN);
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
    await expect.poll(() => statusOf(order.order_no)).toBe('refunded');

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

  it.each(['the shop', 'its user'])('is enough for %s to give an order up', async (who) => {
    const close = (order: { readonly path: string; readonly order_no: string }) =>
      who === 'its user'
        ? call('POST', `${order.path}/close`, user())
        : call('POST', `/api/pay/orders/${order.order_no}/close`, admin());
    const untouched = await handOver();
    await expectStatus(200, close(untouched));
    const begun = await handOver();
    await expectStatus(200, call('POST', `${begun.path}/pay`, user()));
    await expectStatus(200, close(begun));
    expect(await statusOf(begun.order_no)).toBe('closed');
    const paid = await handOver();
    await expectStatus(200, call('POST', `${paid.path}/pay`, user()));
    await payerActs('wechat', paid.order_no, 'pay', { deliver: false });
    await expectStatus(409, close(paid));
    expect(await statusOf(paid.order_no)).toBe('paid');
    const odd = await handOver();
    await expectStatus(200, call('POST', `${odd.path}/pay`, user()));
    await payerActs('wechat', odd.order_no, 'pay', { deliver: false });
    await table.changePayment(odd, { amount: 1 });
    await expectStatus(409, close(odd));
    expect(await table.items(odd)).toMatchObject([{ kind: 'mismatch' }, {}, {}]);
    // One that somebody else closes while its payment turns out to be made.
    const raced = await handOver();
    await expectStatus(200, call('POST', `${raced.path}/pay`, user()));
    await payerActs('wechat', raced.order_no, 'pay', { deliver: false });
    interference = {
      caller: who === 'its user' ? 'close-shop-order' : 'close-order',
      action: 'TransactWriteItems',
      run: () => table.change(raced, { status: 'closed' }),
    };
    await expectStatus(200, close(raced));
    expect(await table.items(raced)).toMatchObject([{ kind: 'paid_after_close' }, {}, { state: 'paid' }]);
  });

  it('is enough to give up an order of a tenant that is paid itself', async () => {
    const order_no = await checkOut('wechat', OWN);
    await expectStatus(200, call('POST', `/api/pay/orders/${order_no}/close`, admin()));
    expect(await statusOf(order_no)).toBe('closed');
  });

  it('is enough to tell that an order was sent, and to see to it by itself', async () => {
    const sold = async (kind: 'mall' | 'meal' = 'mall') => {
      const order = await handOver({ kind });
      await expectStatus(200, call('POST', `${order.path}/pay`, user()));
      await payerActs('wechat', order.order_no);
      // The news of it owes that it is seen to.
      await expect.poll(async () => (await table.item(order, 'PAYMENT#1'))?.['work']).toMatch(/^check/);
      return order;
    };
    const body = { logistics_type: 'pickup', items: '茶' };
    const order = await sold();
    const ship = (fields: object) => call('PUT', `${order.path}/shipping`, { ...admin(), body: fields });
    await expectStatus(200, ship(body));
    await expectStatus(200, ship({ ...body, items: '红茶' }));
    expect(await table.item(order, 'SHIPPING')).toMatchObject({ state: 'told', told: 2 });

    const meal = await sold('meal');
    await sweepDue(meal.order_no);
    expect(await table.item(meal, 'SHIPPING')).toMatchObject({ state: 'told', logistics_type: 'pickup' });

    const late = await sold();
    await table.changePayment(late, { paid_at: minutesAgo(30 * 24 * 60) });
    await sweepDue(late.order_no);
    const [exception] = await table.items(late);
    expect(exception).toMatchObject({ kind: 'not_shipped', state: 'open' });
    await expectStatus(200, call('PUT', `${late.path}/shipping`, { ...admin(), body }));
    expect((await table.items(late))[0]).toMatchObject({ kind: 'not_shipped', state: 'resolved' });
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
    const order_no = await checkOut('wechat', OWN);
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

  it.each([1, OWN])(
    'is enough to look at what was booked and what did not fit, for tenant %i',
    async (tenant_id) => {
      const token = tenant_id === OWN ? await tenantToken(OWN) : String(system.tokens?.admin);
      const { merchant } = faces.wechat.parseDocument(documentsOf(tenant_id).wechat);
      for (const path of [
        '/api/pay/reconciliations',
        '/api/pay/exceptions',
        `/api/pay/ledger/tenant:${tenant_id}`,
        `/api/pay/ledger/provider:wechat.${merchant}`,
      ]) {
        await expectStatus(200, call('GET', path, { token }));
      }
      for (const unknown of [
        ['wechat', merchant, 'unknown_row#-#-#x'],
        ['mall-404', 'x'],
      ]) {
        const id = Buffer.from(JSON.stringify(unknown)).toString('base64url');
        await expectStatus(404, call('GET', `/api/pay/exceptions/${id}`, { token }));
      }
    },
  );
});

describe('what the functions are granted to show orders', () => {
  it('is enough for the lists of them, and for what was given back of one', async () => {
    const order_no = await checkOut('wechat');
    await flat('wechat', { order_no, status: 'succeeded', txn_id: 'T9' });
    await expectStatus(202, refund(order_no));
    // The index may not have it yet.
    const listed = async () => {
      const list = await call('GET', '/api/pay/orders?tenant_id=1&limit=100', admin());
      return (dataOf(list)['orders'] as { readonly order_no: string }[]).map((order) => order.order_no);
    };
    await expect.poll(listed).toContain(order_no);
    for (const path of [
      '/api/pay/orders?kind=mall&status=refunded',
      `/api/pay/orders/${order_no}/history`,
      `/api/pay/orders/${order_no}/refunds`,
      `/api/pay/refunds/${order_no}-r1`,
    ]) {
      await expectStatus(200, call('GET', path, admin()));
    }
  });
});

describe('what the functions are granted of deliveries', () => {
  const inbox = (receiver: string, answer: string) =>
    expectStatus(200, simulate('POST', '/simulator/inbox', { body: { receiver, answer } }));
  const deliveryOf = async (order_no: string) => {
    const path = `/api/pay/webhooks/deliveries?tenant_id=${OWN}&order_no=${order_no}`;
    const { deliveries } = dataOf(await expectStatus(200, call('GET', path, admin())));
    return (deliveries as { readonly id: string; readonly state: string; readonly attempts: object[] }[])[0];
  };
  const isTold = (order_no: string) =>
    expect.poll(async () => (await deliveryOf(order_no))?.state).toBe('delivered');

  it('is enough to tell a shop, though it fails at first, and to tell it again', async () => {
    const receiver = `tenants/${OWN}`;
    await inbox(receiver, 'error');
    const order_no = await checkOut('wechat', OWN);
    await expectStatus(200, call('POST', `/api/pay/orders/${order_no}/close`, admin()));
    const tried = () => deliveryOf(order_no).then((found) => found?.attempts.length ?? 0);
    await expect.poll(tried).toBeGreaterThan(0);
    const about = `?tenant_id=${OWN}`;
    expect(dataOf(await expectStatus(200, call('GET', `/api/pay/webhooks${about}`, admin())))).toMatchObject({
      endpoint: { failures: expect.any(Number) },
    });
    await inbox(receiver, 'ok');
    await system.run('release-deliveries');
    await isTold(order_no);

    const path = '/api/pay/webhooks/deliveries';
    const { id } = (await deliveryOf(order_no)) ?? {};
    await expectStatus(202, call('POST', `${path}/${id}/redeliver`, admin()));
    await isTold(order_no);
    const body = { tenant_id: OWN, from: minutesAgo(5), to: minutesAgo(0) };
    await expectStatus(202, call('POST', `${path}/redeliver`, { ...admin(), body }));
    await system.run('release-deliveries');
    await isTold(order_no);
  });

  it('is enough to go on to what waits, where a shop wants no more of what came first', async () => {
    const [receiver, name] = [receiverOf(OWN), `tenants/${OWN}`];
    const document = system.documents.tenants[OWN] as { readonly webhooks: object };
    await inbox(name, 'error');
    const order_no = await checkOut('wechat', OWN);
    await expectStatus(200, call('POST', `/api/pay/orders/${order_no}/close`, admin()));
    await expect.poll(async () => (await deliveryOf(order_no))?.attempts).toHaveLength(1);
    const webhooks = { ...document.webhooks, events: ['dispute.opened'] };
    await replaceDocument(system, name, { ...document, webhooks });
    const isGivenUp = async () => {
      // Each time: what the test before has sent again may still fail, and put the end of the pause off.
      await deliveries.put({
        ...{ ...endpointKey(receiver), schema: newestVersion('endpoint'), receiver },
        ...{ failing_since: minutesAgo(90), failures: 20, pauses: 1, paused_until: minutesAgo(1) },
      });
      await system.run('release-deliveries');
      return (await deliveryOf(order_no))?.state;
    };
    await expect.poll(isGivenUp, { interval: 1_000 }).toBe('given_up');
    await replaceDocument(system, name, document);
    await inbox(name, 'ok');
  });
});

/** As if others took the place of the stage's merchants, whose documents are kept. */
async function replaceMerchants(): Promise<void> {
  const changes = {
    wechat: { mchid: '1900000099', callback_keys: ['k'.repeat(24)] },
    alipay: { app_id: '2021000000000099', callback_keys: ['k'.repeat(24)] },
    stripe: { account: 'acct_1000000000000099', webhook_secrets: [`whsec_${'k'.repeat(24)}`] },
  };
  for (const provider of providers) {
    const document = system.documents[provider] as object;
    const { merchant } = faces[provider].parseDocument(document);
    await replaceDocument(system, `merchants/${provider}/${merchant}`, document);
    await replaceDocument(system, provider, { ...document, ...changes[provider], former: [merchant] });
  }
}

describe('what the functions are granted, when others took the place of the merchants', () => {
  const begun = new Map<string, string>();
  const shopOrders = new Map<string, Awaited<ReturnType<typeof handOver>>>();
  const numberOf = (name: string) => begun.get(name) ?? '';

  beforeAll(async () => {
    for (const provider of providers) begun.set(provider, await checkOut(provider));
    for (const name of [
      'looked',
      'refunded',
      'late',
      'abnormal',
      'swept',
      'unheard',
      'odd',
      'closed',
      'repeated',
      'given up',
    ]) {
      begun.set(name, await checkOut('wechat', 1, { 'idempotency-key': `before-${name}` }));
    }
    for (const name of ['refunded', 'abnormal']) await payerActs('wechat', numberOf(name));
    await table.change({ order_no: numberOf('late') }, { status: 'closed' });
    await payerActs('wechat', numberOf('late'));
    await simulate('POST', '/simulator/refunds/wechat', { body: { automatic: false } });
    await expectStatus(202, refund(numberOf('abnormal')));
    await simulate('POST', `/simulator/refunds/wechat/${numberOf('abnormal')}-r1/refuse`);
    await simulate('POST', '/simulator/refunds/wechat', { body: { automatic: true } });
    begun.set('own', await checkOut('wechat', OWN));
    for (const name of ['looked', 'swept', 'unheard', 'odd', 'closed', 'own']) {
      await payerActs('wechat', numberOf(name), 'pay', { deliver: false });
    }
    await makeOld(numberOf('looked'));
    await table.changePayment({ order_no: numberOf('odd') }, { amount: 1 });
    await table.change({ order_no: numberOf('closed') }, { status: 'closed' });
    for (const [name, kind] of [
      ['told', 'mall'],
      ['changed', 'mall'],
      ['seen', 'mall'],
      ['cancelled', 'mall'],
      ['sold', 'mall'],
      ['mall', 'mall'],
      ['meal', 'meal'],
    ] as const) {
      const order = await handOver({ kind });
      shopOrders.set(name, order);
      await expectStatus(200, call('POST', `${order.path}/pay`, user()));
    }
    await payerActs('wechat', shopOrders.get('sold')?.order_no ?? '');
    await replaceMerchants();
  });

  it.each(providers)('is enough to be told by %s', async (provider) => {
    await flat(provider, { order_no: numberOf(provider), status: 'succeeded' });
    expect(await statusOf(numberOf(provider))).toBe('paid');
  });

  it('is enough to look, to refund, to resolve, to repair and to sweep', async () => {
    const looked = await call('GET', `/api/pay/orders/${numberOf('looked')}`, admin());
    expect(dataOf(looked)['status']).toBe('paid');
    await expectStatus(202, refund(numberOf('refunded')));
    const list = await call('GET', '/api/pay/exceptions?limit=100', admin());
    const exceptions = dataOf(list)['exceptions'] as Record<string, unknown>[];
    const late = exceptions.find(({ order_no }) => order_no === numberOf('late'));
    const body = { resolution: 'returned', reason: '核对' };
    await expectStatus(
      200,
      call('POST', `/api/pay/exceptions/${late?.['id']}/resolve`, { ...admin(), body }),
    );
    await expectStatus(202, call('POST', `/api/pay/refunds/${numberOf('abnormal')}-r1/repair`, admin()));
    await sweepDue(numberOf('swept'));
    expect(await statusOf(numberOf('swept'))).toBe('paid');
  });

  it('is enough to reconcile days, and to tell the group of them', async () => {
    await system.run('start-reconciliation');
    const headers = { 'x-settle-role': 'admin' };
    await expectStatus(200, simulate('POST', '/console/day/close', { headers }));
    await expectStatus(200, call('GET', '/api/pay/reconciliations', admin()));
    for (const name of ['unheard', 'own']) expect(await statusOf(numberOf(name))).toBe('paid');
    expect(await table.items({ order_no: numberOf('odd') })).toMatchObject([{ state: 'open' }, {}, {}]);
    const late = await table.items({ order_no: numberOf('closed') });
    expect(late).toMatchObject([{ kind: 'paid_after_close' }, {}, {}]);
  });

  it('is enough to go on with the days of a provider that was dropped', async () => {
    await replaceDocument(system, 'alipay', null);
    await system.run('start-reconciliation');
  });

  it('is enough for orders of shops', async () => {
    const [told, changed, seen] = ['told', 'changed', 'seen'].map((name) => shopOrders.get(name));
    if (!told || !changed || !seen) throw new Error('orders are missing');
    await payerActs('wechat', told.order_no);
    expect(await statusOf(told.order_no)).toBe('paid');
    await handOver({ ...changed, amount: 9.9 }, 200);
    await payerActs('wechat', seen.order_no, 'pay', { deliver: false });
    await makeOld(seen.order_no);
    expect(dataOf(await call('GET', seen.path, user()))['status']).toBe('paid');
  });

  it('is enough to give up what is to be paid to them, and to tell that it was sent', async () => {
    const [cancelled, sold] = ['cancelled', 'sold'].map((name) => shopOrders.get(name));
    await expectStatus(200, call('POST', `${cancelled?.path}/close`, user()));
    await expectStatus(200, call('POST', `/api/pay/orders/${numberOf('given up')}/close`, admin()));
    const body = { logistics_type: 'pickup', items: '茶' };
    await expectStatus(200, call('PUT', `${sold?.path}/shipping`, { ...admin(), body }));
  });

  it('is enough to close their payments where those who took their place are to be paid', async () => {
    await call('POST', '/api/pay/checkout', {
      ...admin(),
      headers: { 'idempotency-key': 'before-repeated' },
      body: { tenant_id: 1, amount: 8.8, provider: 'wechat' },
    });
    for (const kind of ['mall', 'meal']) {
      const order = shopOrders.get(kind);
      await call('POST', `${order?.path}/pay`, user());
      expect(await table.items({ order_no: order?.order_no ?? '' })).toMatchObject([
        {},
        { state: 'closed' },
        { merchant: '1900000099' },
      ]);
    }
  });
});

describe('what a function is granted', () => {
  const askedBy = (name: string) => [...(asked.get(name) ?? [])].toSorted();

  it.each(functions.map((line) => [line.name, line] as const))(
    'is what was asked, of the table and its indexes: %s',
    async (name, { table, indexes = [], deliveries = [], deliveryIndexes = [] }) => {
      const granted = [
        ...[...table, ...indexes.map((index) => `Query on the index ${index}`)],
        ...deliveries.map((action) => `${action} of deliveries`),
        ...deliveryIndexes.map((index) => `Query on the index ${index} of deliveries`),
      ].toSorted();
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
