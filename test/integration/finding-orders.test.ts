import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { orderHistory } from '../../lib/http/responses/history.ts';
import { ordersPage, refund, refundsPage } from '../../lib/http/responses/orders.ts';
import { type GatedSystem, startGatedSystem } from '../support/gated-system.ts';
import type { ApiAnswer } from '../support/http-client.ts';

/** What those who look after orders see of them, over HTTP. */

let gated: GatedSystem;
let admin: string;
let viewer: string;
let tenant: string;
let otherTenant: string;
beforeAll(async () => {
  gated = await startGatedSystem();
  admin = await gated.tokenOf('admin-1');
  viewer = await gated.tokenOf('viewer-1', 'viewer');
  tenant = await gated.tokenOf('viewer-7', 'viewer', 7);
  otherTenant = await gated.tokenOf('admin-8', 'admin', 8);
});
afterAll(() => gated?.stop());

interface Listed {
  readonly order_no: string;
  readonly status: string;
}
const data = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;
const get = (path: string, token = viewer) => gated.call('GET', path, { token });
const list = async (query: string, token = viewer) =>
  ordersPage.parse(data(await get(`/api/pay/orders${query}`, token)));
const numbersOf = (orders: readonly Listed[]) => orders.map(({ order_no }) => order_no);
const simulate = async (path: string, body: object = {}) =>
  expect(await gated.simulate('POST', `/simulator/${path}`, { body })).toMatchObject({ status: 200 });

async function checkedOut(tenant_id = 7): Promise<string> {
  const body = { tenant_id, amount: 10, provider: 'wechat', description: '=1+1' };
  return String(data(await gated.call('POST', '/api/pay/checkout', { token: admin, body }))['order_no']);
}
async function paid(): Promise<string> {
  const order_no = await checkedOut();
  await simulate(`payments/wechat/${order_no}/pay`);
  return order_no;
}
const askBack = (order_no: string, amount: number) =>
  gated.call('POST', '/api/pay/refund', {
    token: admin,
    headers: { 'idempotency-key': `${order_no} ${amount}` },
    body: { order_no, amount, reason: '退货' },
  });
async function handedOver(kind: 'mall' | 'meal', id: number): Promise<string> {
  const body = { user_id: 'user-1', openid: 'openid-1', amount: 5, points: 0, description: '茶' };
  await gated.call('PUT', `/v2/orders/${kind}/${id}`, { token: admin, body });
  return `${kind}-${id}`;
}

describe('the list of orders', () => {
  it('has those of a tenant or of a kind, newest first, page by page, for who may see them', async () => {
    const made: string[] = [];
    for (let count = 0; count < 4; count += 1) made.unshift(await checkedOut());
    const others = await checkedOut(8);
    const mall = await handedOver('mall', 501);
    const meal = await handedOver('meal', 501);
    const { orders, cursor } = await list('?tenant_id=7&limit=3');
    expect(numbersOf(orders)).toEqual(made.slice(0, 3));
    const rest = await list(`?tenant_id=7&limit=3&cursor=${cursor}`);
    expect([numbersOf(rest.orders), rest.cursor]).toEqual([made.slice(3), null]);
    expect(numbersOf((await list('?kind=mall')).orders)).toEqual([mall]);
    expect(numbersOf((await list('?kind=meal')).orders)).toEqual([meal]);

    expect(numbersOf((await list('', tenant)).orders)).toEqual(made);
    expect(numbersOf((await list('', otherTenant)).orders)).toEqual([others]);
    for (const query of ['?tenant_id=7', '?kind=mall']) {
      expect(await list(query, otherTenant)).toEqual({ orders: [], cursor: null });
    }
    const unsaid = await get('/api/pay/orders');
    expect([unsaid.status, data(unsaid)]).toEqual([400, null]);
    const user = await gated.tokenOf('user-1', 'user');
    expect((await get('/api/pay/orders?kind=mall', user)).status).toBe(403);
  });

  it('has those of a status, with what waits for somebody and who closed them', async () => {
    const twice = await paid();
    await simulate(`payments/wechat/${twice}/pay`, { alter: { transaction: true } });
    const closed = await checkedOut();
    await gated.call('POST', `/api/pay/orders/${closed}/close`, { token: admin });
    expect((await list('?tenant_id=7&status=paid')).orders).toMatchObject([
      {
        ...{ order_no: twice, kind: 'tenant', tenant_id: 7, status: 'paid', amount: '10.00' },
        ...{ provider: 'wechat', exceptions: 1, disputes: 0, closed_by: null },
      },
    ]);
    expect((await list('?tenant_id=7&status=closed')).orders).toMatchObject([
      { order_no: closed, closed_by: 'admin-1' },
    ]);
  });

  it('is CSV where that is wanted, a page at a time', async () => {
    const ask = (query: string) =>
      fetch(`${gated.system.url}/api/pay/orders?tenant_id=7&limit=2${query}`, {
        headers: { authorization: `Bearer ${viewer}`, accept: 'text/csv' },
      });
    const shown: string[] = [];
    let cursor: string | null = null;
    do {
      const reply: Response = await ask(cursor === null ? '' : `&cursor=${cursor}`);
      expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
      const bytes = Buffer.from(await reply.arrayBuffer());
      expect(bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
      const [header, ...lines] = bytes.toString().replace('\uFEFF', '').trimEnd().split('\r\n');
      expect(header).toMatch(/^order_no,kind,tenant_id,status,amount,currency,provider,/);
      expect(lines.every((line) => line.includes(",'=1+1,"))).toBe(true);
      shown.push(...lines.map((line) => line.split(',')[0] ?? ''));
      cursor = reply.headers.get('settle-cursor');
    } while (cursor !== null);
    expect(shown).toEqual(numbersOf((await list('?tenant_id=7&limit=100')).orders));
    expect(shown.length).toBeGreaterThan(2);
  });
});

describe('an order’s history and refunds', () => {
  let order_no: string;
  beforeAll(async () => {
    order_no = await paid();
    await simulate(`payments/wechat/${order_no}/pay`, { alter: { transaction: true } });
    for (const amount of [4, 1]) {
      expect((await askBack(order_no, amount)).status).toBe(202);
    }
    const areDone = async () =>
      expect((await refunds()).map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    await vi.waitFor(areDone, { timeout: 60_000 });
  });
  const refunds = async () =>
    refundsPage.parse(data(await get(`/api/pay/orders/${order_no}/refunds`))).refunds;

  it('has all that happened, in the order of time', async () => {
    const { order, history } = orderHistory.parse(data(await get(`/api/pay/orders/${order_no}/history`)));
    expect(order).toMatchObject({ order_no, status: 'paid', refunded_amount: '5.00', exceptions: 1 });
    const times = history.map(({ at }) => at);
    expect(times).toEqual(times.toSorted());
    const count = (type: string) => history.filter((item) => item.type === type).length;
    expect(['payment', 'suspense', 'exception', 'refund', 'entry'].map(count)).toEqual([1, 1, 1, 2, 4]);
    expect(history.find(({ type }) => type === 'payment')).toMatchObject({
      ...{ payment_no: order_no, state: 'paid', current: true },
      ...{ refunded_amount: '5.00', refundable_amount: '5.00' },
    });
    const sums = history.flatMap((item) => (item.type === 'entry' ? [[item.kind, item.amount]] : []));
    expect(sums.toSorted()).toEqual([
      ['payment', '10.00'],
      ['refund', '1.00'],
      ['refund', '4.00'],
      ['suspense', '10.00'],
    ]);
    expect(history.find(({ type }) => type === 'exception')).toMatchObject({
      resolutions: ['attributed', 'returned', 'written_off', 'dismissed'],
    });
  });

  it('names who asked for each, and why', async () => {
    const [first, second] = await refunds();
    expect(first).toMatchObject({
      ...{ refund_no: `${order_no}-r1`, payment_no: order_no, amount: '4.00', reason: '退货' },
      ...{ requested_by: 'admin-1', status: 'succeeded', decided_at: expect.any(String) },
    });
    expect(second).toMatchObject({ refund_no: `${order_no}-r2`, amount: '1.00' });
    expect(refund.parse(data(await get(`/api/pay/refunds/${order_no}-r1`)))).toEqual(first);
    // What was replied when it was asked for again is what is stored.
    expect(data(await askBack(order_no, 4))).toEqual(first);
  });

  it('is not there for another tenant, nor of what is none', async () => {
    const paths = [`orders/${order_no}/history`, `orders/${order_no}/refunds`, `refunds/${order_no}-r1`];
    for (const path of paths) {
      expect((await get(`/api/pay/${path}`, tenant)).status).toBe(200);
      expect((await get(`/api/pay/${path}`, otherTenant)).status).toBe(404);
    }
    for (const path of [
      'orders/mall-404/history',
      'orders/nothing/history',
      'orders/mall-404/refunds',
      'orders/nothing/refunds',
      `refunds/${order_no}-r3`,
      `refunds/${order_no}`,
      'refunds/mall-404-r1',
    ]) {
      expect((await get(`/api/pay/${path}`)).status).toBe(404);
    }
  });

  it('names who resolved an exception as who asked for what goes back by it', async () => {
    const exceptions = data(await get('/api/pay/exceptions?limit=100'))['exceptions'] as {
      readonly id: string;
      readonly order_no: string;
    }[];
    const id = exceptions.find((one) => one.order_no === order_no)?.id;
    const token = await gated.tokenOf('admin-2');
    const body = { resolution: 'returned', reason: '付了两次' };
    const reply = data(await gated.call('POST', `/api/pay/exceptions/${id}/resolve`, { token, body }));
    expect(reply).toMatchObject({
      exception: { resolutions: [] },
      refund: { refund_no: `${order_no}-r3`, requested_by: 'admin-2', reason: 'paid_twice' },
    });
  });
});
