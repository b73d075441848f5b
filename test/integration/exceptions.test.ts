import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isoTime } from '../../lib/io.ts';
import { type ExceptionRecord, exceptionId } from '../../lib/orders/exception.ts';
import { providerAccount, suspenseAccount } from '../../lib/orders/ledger.ts';
import type { Suspense } from '../../lib/orders/payment.ts';
import {
  exceptionShard,
  merchantExceptionKey,
  merchantShardName,
  orderNumberOf,
} from '../../lib/store/keys.ts';
import { type GatedSystem, startGatedSystem } from '../support/gated-system.ts';
import type { ApiAnswer } from '../support/http-client.ts';
import { itemOf } from '../support/items.ts';

/** Exceptions from their cause at a provider to their end, over HTTP. */

const merchant = '1900000001';
const provider = `provider:wechat.${merchant}`;
const suspense = `suspense:wechat.${merchant}`;
let gated: GatedSystem;
let admin: string;
let tenant: string;
let otherTenant: string;
beforeAll(async () => {
  gated = await startGatedSystem();
  admin = await gated.tokenOf('admin-1');
  tenant = await gated.tokenOf('admin-7', 'admin', 7);
  otherTenant = await gated.tokenOf('admin-8', 'admin', 8);
});
afterAll(() => gated?.stop());

const data = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;
const message = ({ body }: ApiAnswer) => (body as { msg: string }).msg;
const get = async (path: string, token = admin) => data(await gated.call('GET', path, { token }));
const look = (order_no: string) => get(`/api/pay/orders/${order_no}`);

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly order_no: string | null;
}
const list = async (query: string, token = admin): Promise<Listed[]> =>
  (await get(`/api/pay/exceptions${query}`, token))['exceptions'] as Listed[];
const openOf = async (order_no: string): Promise<Listed> => {
  const found = (await list('?limit=100')).find((one) => one.order_no === order_no);
  if (!found) throw new Error(`${order_no} has no open exception`);
  return found;
};
const resolve = (id: string, resolution: string, token = admin, changes: object = {}) =>
  gated.call('POST', `/api/pay/exceptions/${id}/resolve`, {
    token,
    body: { resolution, reason: '核对过', ...changes },
  });
const repair = (refund_no: string, token = admin) =>
  gated.call('POST', `/api/pay/refunds/${refund_no}/repair`, { token });
const simulate = async (path: string, body: object = {}) =>
  expect(await gated.simulate('POST', `/simulator/${path}`, { body })).toMatchObject({ status: 200 });

async function checkedOut(provider = 'wechat'): Promise<string> {
  const body = { tenant_id: 7, amount: 10, provider };
  const made = data(await gated.call('POST', '/api/pay/checkout', { token: admin, body }));
  if (provider !== 'wechat') await fetch(String(made['pay_url']));
  return String(made['order_no']);
}

async function paid(provider = 'wechat'): Promise<string> {
  const order_no = await checkedOut(provider);
  await simulate(`payments/${provider}/${order_no}/pay`);
  return order_no;
}

async function paidTwice(provider = 'wechat'): Promise<string> {
  const order_no = await paid(provider);
  await simulate(`payments/${provider}/${order_no}/pay`, { alter: { transaction: true } });
  return order_no;
}

async function paidAfterClose(): Promise<string> {
  const order_no = await checkedOut();
  await simulate(`payments/wechat/${order_no}/close`);
  await gated.table.change({ order_no }, { status: 'closed' });
  await simulate(`payments/wechat/${order_no}/pay`, { late: true });
  return order_no;
}

const preview = async (id: string, token = admin, headers: Record<string, string> = {}) => {
  const answer = await gated.call('GET', `/api/pay/exceptions/${id}`, { token, headers });
  return answer.status === 200 ? data(answer) : [answer.status, message(answer)];
};

describe('an exception that is looked at', () => {
  it('says what each end would come to, which is what it comes to', async () => {
    const order_no = await paidTwice();
    const { id } = await openOf(order_no);
    const looked = await preview(id);
    expect(looked).toMatchObject({
      exception: { id, kind: 'paid_twice', order_no, state: 'open' },
      status: 'paid',
      previews: [
        {
          ...{ resolution: 'attributed', refused: null, refund: null, status: 'paid' },
          entries: [
            { kind: 'attribution', debit: suspense, credit: 'tenant:7', amount: '10.00', currency: 'CNY' },
          ],
        },
        {
          ...{ resolution: 'returned', refused: null, entries: [], status: 'paid' },
          refund: { amount: '10.00', currency: 'CNY' },
        },
        { resolution: 'written_off', refused: null, entries: [], refund: null },
        { resolution: 'dismissed', refused: null, entries: [], refund: null },
      ],
    });
    expect(await preview(id)).toEqual(looked);
    const { previews } = looked as { previews: { entries: unknown }[] };
    expect(data(await resolve(id, 'attributed'))).toMatchObject({ entries: previews[0]?.entries });
    expect(await preview(id)).toMatchObject({ exception: { state: 'resolved' }, previews: [] });
  });

  it('says why an end would be refused, in the language that is asked for', async () => {
    const order_no = await checkedOut();
    await simulate(`payments/wechat/${order_no}/pay`, { alter: { amount: 999 } });
    const { id } = await openOf(order_no);
    const looked = await preview(id, admin, { 'accept-language': 'en' });
    const refusal = await gated.call('POST', `/api/pay/exceptions/${id}/resolve`, {
      token: admin,
      headers: { 'accept-language': 'en' },
      body: { resolution: 'attributed', reason: 'paid' },
    });
    expect(looked).toMatchObject({
      previews: [
        {
          resolution: 'attributed',
          refused: { error: 'resolution_not_possible', message: message(refusal) },
        },
        {
          resolution: 'returned',
          entries: [{ kind: 'suspense', debit: provider, credit: suspense, amount: '9.99', currency: 'CNY' }],
          refund: { amount: '9.99', currency: 'CNY' },
        },
        { resolution: 'written_off' },
        { resolution: 'dismissed' },
      ],
    });
  });

  it('is there for whoever may see its order, and not for others', async () => {
    const { id } = await openOf(await paidTwice());
    expect(await preview(id, await gated.tokenOf('viewer-7', 'viewer', 7))).toMatchObject({ status: 'paid' });
    const unknown = [404, '异常不存在'];
    expect(await preview(id, otherTenant)).toEqual(unknown);
    for (const name of ['x', Buffer.from('["mall-404","-"]').toString('base64url')]) {
      expect(await preview(name)).toEqual(unknown);
    }
  });
});

describe('money that came after the close', () => {
  it('pays its order when it is attributed, and what is returned then comes from its owner', async () => {
    const order_no = await paidAfterClose();
    expect(await look(order_no)).toMatchObject({ status: 'closed', exceptions: 1, refunded_amount: '0.00' });
    const { id } = await openOf(order_no);
    const answer = await resolve(id, 'attributed');
    expect(answer.status).toBe(200);
    expect(data(answer)).toMatchObject({
      exception: {
        ...{ id, kind: 'paid_after_close', state: 'resolved', reason: null, due_by: null },
        resolved: { resolution: 'attributed', reason: '核对过', by: 'admin-1', at: expect.any(String) },
      },
      entries: [
        { kind: 'attribution', debit: suspense, credit: 'tenant:7', amount: '10.00', currency: 'CNY' },
      ],
      refund: null,
      status: 'paid',
    });
    expect(await look(order_no)).toMatchObject({ status: 'paid', exceptions: 0 });
    expect(data(await resolve(id, 'attributed'))).toEqual(data(answer));
    const other = await resolve(id, 'returned');
    expect([other.status, message(other)]).toEqual([409, '此异常已以另一种方式处理，不能再改']);

    await gated.call('POST', '/api/pay/refund', {
      token: admin,
      headers: { 'idempotency-key': order_no },
      body: { order_no, amount: 4, reason: '退货' },
    });
    await expect.poll(() => look(order_no)).toMatchObject({ status: 'paid', refunded_amount: '4.00' });
    const { entries } = (await get('/api/pay/ledger/tenant:7?limit=100')) as { entries: object[] };
    expect(entries.filter((entry) => 'order_no' in entry && entry.order_no === order_no)).toMatchObject([
      { kind: 'attribution', debit: suspense, credit: 'tenant:7', amount: '10.00' },
      { kind: 'refund', debit: 'tenant:7', credit: provider, amount: '4.00' },
    ]);
  });

  it('goes back when it is returned', async () => {
    const order_no = await paidAfterClose();
    const { id } = await openOf(order_no);
    const answer = await resolve(id, 'returned');
    expect(data(answer)).toMatchObject({
      entries: [],
      refund: { order_no, refund_no: `${order_no}-r1`, amount: '10.00', status: 'open' },
      status: 'closed',
    });
    const again = async () => data(await resolve(id, 'returned'))['refund'];
    await expect.poll(again).toMatchObject({ status: 'succeeded' });
    expect(await look(order_no)).toMatchObject({ status: 'closed', refunded_amount: '0.00', exceptions: 0 });
  });
});

describe('money that came twice under one number', () => {
  it.each(['wechat', 'alipay', 'stripe'])('goes back once, and the payment stays: %s', async (provider) => {
    const order_no = await paidTwice(provider);
    const { id } = await openOf(order_no);
    expect(data(await resolve(id, 'returned'))).toMatchObject({
      refund: { amount: '10.00' },
      status: 'paid',
    });
    const again = async () => data(await resolve(id, 'returned'))['refund'];
    await expect.poll(again).toMatchObject({ status: 'succeeded' });
    expect(await look(order_no)).toMatchObject({ status: 'paid', refunded_amount: '0.00', exceptions: 0 });
    await gated.call('POST', '/api/pay/refund', {
      token: admin,
      headers: { 'idempotency-key': order_no },
      body: { order_no, amount: 10, reason: '退货' },
    });
    await expect.poll(() => look(order_no)).toMatchObject({ status: 'refunded', exceptions: 0 });
  });
});

describe('a mismatch whose money people give back', () => {
  /** What came in. */
  const booked = async (order_no: string) =>
    (await gated.table.items({ order_no })).filter(({ debit }) => String(debit).startsWith('provider:'));

  it.each(['wechat', 'alipay', 'stripe'])('is booked once, and pays nothing: %s', async (provider) => {
    const order_no = await checkedOut(provider);
    await simulate(`payments/${provider}/${order_no}/pay`, { alter: { amount: 999 } });
    const { id, kind } = await openOf(order_no);
    expect(kind).toBe('mismatch');
    expect((await resolve(id, 'returned')).status).toBe(200);
    await simulate(`payments/${provider}/${order_no}/pay`);
    await gated.system.sweep();
    expect(await look(order_no)).toMatchObject({ status: 'pending', refunded_amount: '0.00' });
    expect((await booked(order_no)).map(({ sk }) => String(sk).split('#')[0])).toEqual(['SUSPENSE']);
  });

  it('is given back by those who reach the merchant that has it, and by no others', async () => {
    const order_no = await checkedOut();
    const another = '1900000008';
    const record: ExceptionRecord = {
      ...{ order_no, owner: 'tenant:7', payment_no: order_no, kind: 'mismatch', state: 'open', version: 1 },
      ...{ provider: 'wechat', merchant: another, transaction_id: '4200000008', refund_no: null },
      ...{ fields: ['merchant'], amount: 1000, currency: 'CNY', reason: null, due_by: null },
      ...{ recorded_at: isoTime(Date.now()), resolved: null },
    };
    await gated.table.put(itemOf({ put: 'exception', record }));
    const { id } = await openOf(order_no);
    const refusals = async (token: string) =>
      ((await preview(id, token)) as { previews: { resolution: string; refused: object | null }[] }).previews
        .filter(({ refused }) => refused !== null)
        .map(({ resolution, refused }) => [resolution, refused]);
    const forbidden = { error: 'forbidden', message: '无权访问' };
    expect(await refusals(tenant)).toEqual([
      ['attributed', forbidden],
      ['returned', forbidden],
    ]);
    const impossible = expect.objectContaining({ error: 'resolution_not_possible' });
    expect(await refusals(admin)).toEqual([['attributed', impossible]]);
    const answer = await resolve(id, 'returned', tenant);
    expect([answer.status, message(answer)]).toEqual([403, '无权访问']);
    expect(await look(order_no)).toMatchObject({ exceptions: 1, status: 'pending' });
    expect(await booked(order_no)).toEqual([]);
    expect((await resolve(id, 'dismissed', tenant)).status).toBe(200);
  });

  it('once it is in suspense, is refunded by those who reach the merchant that has it, and by no others', async () => {
    const order_no = await checkedOut();
    const [another, transaction_id] = ['1900000008', '4200000009'];
    const name = { provider: 'wechat', merchant: another } as const;
    const record: Suspense = {
      ...{ order_no, n: 1, payment_no: order_no, transaction_id, ...name, amount: 1000, currency: 'CNY' },
      ...{ version: 1, reserved: 0, refunded: 0, returned: 0, reported: 0, attributed_at: null },
      paid_at: isoTime(Date.now()),
      booking: {
        debit: providerAccount(name),
        credit: suspenseAccount(name),
        booked_at: isoTime(Date.now()),
      },
    };
    await gated.table.put(itemOf({ put: 'suspense', record }));
    const refund = (token: string) =>
      gated.call('POST', '/api/pay/refund', {
        token,
        headers: { 'idempotency-key': order_no },
        body: { order_no, transaction_id, reason: '退回' },
      });
    const answer = await refund(tenant);
    expect([answer.status, message(answer)]).toEqual([403, '无权访问']);
    expect(await get(`/api/pay/orders/${order_no}/refunds`)).toMatchObject({ refunds: [] });
    expect((await refund(admin)).status).toBe(202);
    const failed: ExceptionRecord = {
      ...{
        order_no,
        owner: 'tenant:7',
        payment_no: order_no,
        kind: 'refund_failed',
        state: 'open',
        version: 1,
      },
      ...{ ...name, transaction_id, refund_no: `${order_no}-r1`, fields: [], amount: 1000, currency: 'CNY' },
      ...{ reason: null, due_by: null, recorded_at: isoTime(Date.now()), resolved: null },
    };
    await gated.table.put(itemOf({ put: 'exception', record: failed }));
    const { id } = await openOf(order_no);
    const ends = [await resolve(id, 'attributed', tenant), await resolve(id, 'attributed')];
    expect(ends.map(({ status }) => status)).toEqual([403, 409]);
    const repairs = [await repair(`${order_no}-r1`, tenant), await repair(`${order_no}-r1`)];
    expect(repairs.map(({ status }) => status)).toEqual([403, 409]);
  });
});

describe('the list of exceptions', () => {
  it('has those that are open, or were resolved, or both, of a tenant', async () => {
    const order_no = await paidTwice();
    const { id } = await openOf(order_no);
    const isListed = async (query: string, token = admin) =>
      (await list(query, token)).some((one) => one.id === id);
    expect(await isListed('?limit=100&kind=paid_twice')).toBe(true);
    await resolve(id, 'dismissed', tenant);
    expect(await isListed('?limit=100')).toBe(false);
    for (const query of ['?limit=100&state=resolved', '?limit=100&state=all&tenant_id=7']) {
      expect(await isListed(query)).toBe(true);
      expect(await isListed(query, tenant)).toBe(true);
      expect(await list(query, otherTenant)).toEqual([]);
    }
    expect(await list('?state=all&tenant_id=8')).toEqual([]);
    for (const query of ['?state=closed', '?tenant_id=x', '?tenant_id=0']) {
      expect((await gated.call('GET', `/api/pay/exceptions${query}`, { token: admin })).status).toBe(400);
    }
  });
});

describe('who may not resolve, or how not', () => {
  it('another tenant meets what it meets where there is none', async () => {
    const order_no = await paidTwice();
    const { id } = await openOf(order_no);
    const encode = (...names: string[]) => Buffer.from(JSON.stringify(names)).toString('base64url');
    const none = await resolve(encode(order_no, 'x'), 'dismissed');
    expect(none).toMatchObject({ status: 404, body: { code: 404, msg: '异常不存在', data: null } });
    const malformed = [
      ...['x', 'W10', `${id}=`, encode(order_no), encode('mall-x', 'x'), encode('x', merchant, 'x')],
      ...[encode('wechat', merchant, 'x', 'y'), encode('wechat', 'a#b', 'unknown_row'), 'x'.repeat(1_400)],
      encode('wechat', merchant, 'unknown_row#wechat#-#404'),
    ];
    for (const one of malformed) expect((await resolve(one, 'dismissed')).body).toEqual(none.body);
    expect((await resolve(id, 'dismissed', otherTenant)).body).toEqual(none.body);
    expect(await look(order_no)).toMatchObject({ exceptions: 1 });
    expect((await resolve(id, 'dismissed', tenant)).status).toBe(200);
  });

  it('a body is strict, and names an end that the kind can have', async () => {
    const order_no = await paidTwice();
    const { id } = await openOf(order_no);
    for (const [resolution, changes, text] of [
      ['repaired', {}, 'resolution 须为 attributed、returned、written_off、dismissed 之一'],
      ['dismissed', { reasn: 'x' }, 'reasn 不是允许的字段'],
      ['dismissed', { reason: '' }, 'reason 长度须为 1 到 200 个字符'],
    ] as const) {
      const answer = await resolve(id, resolution, admin, changes);
      expect([answer.status, message(answer)]).toEqual([400, text]);
    }
    expect(await look(order_no)).toMatchObject({ exceptions: 1 });
  });
});

describe('a refund that its bank has refused', () => {
  it('is repaired at WeChat Pay, and succeeds', async () => {
    await simulate('refunds/wechat', { automatic: false });
    const order_no = await paid();
    const refund_no = `${order_no}-r1`;
    const body = { order_no, reason: '退货' };
    await gated.call('POST', '/api/pay/refund', {
      token: admin,
      headers: { 'idempotency-key': refund_no },
      body,
    });
    const early = await repair(refund_no);
    expect([early.status, message(early)]).toEqual([409, '这笔退款没有待处理的退款异常，无需修复']);
    await simulate(`refunds/wechat/${refund_no}/refuse`);
    await simulate('refunds/wechat', { automatic: true });
    const { id, kind } = await openOf(order_no);
    expect(kind).toBe('refund_abnormal');
    const returned = await resolve(id, 'returned');
    expect([returned.status, message(returned)]).toEqual([
      400,
      'resolution 对此异常须为 written_off、dismissed 之一',
    ]);

    const none = await repair(`${order_no}-r2`);
    expect(none).toMatchObject({ status: 404, body: { msg: '退款不存在' } });
    for (const answer of [
      await repair(refund_no, otherTenant),
      await repair('x'),
      await repair('mall-404-r1'),
    ]) {
      expect(answer.body).toEqual(none.body);
    }
    const repaired = await repair(refund_no, tenant);
    expect(repaired.status).toBe(202);
    expect(data(repaired)).toMatchObject({ refund_no, status: 'open', amount: '10.00' });
    expect((await list('?limit=100&state=resolved')).find((one) => one.id === id)).toMatchObject({
      resolved: { resolution: 'repaired', by: 'admin-7' },
    });
    await expect
      .poll(() => look(order_no))
      .toMatchObject({ status: 'refunded', refunded_amount: '10.00', exceptions: 0 });
  });

  it('is repaired once, and to everybody who asks at once', async () => {
    for (const _round of [1, 2, 3]) {
      await simulate('refunds/wechat', { automatic: false });
      const order_no = await paid();
      const refund_no = `${order_no}-r1`;
      await gated.call('POST', '/api/pay/refund', {
        token: admin,
        headers: { 'idempotency-key': refund_no },
        body: { order_no, reason: '退货' },
      });
      await simulate(`refunds/wechat/${refund_no}/refuse`);
      const answers = await Promise.all(Array.from({ length: 4 }, () => repair(refund_no)));
      const told = answers.map((answer) => [answer.status, data(answer)?.['status']]);
      expect(told).toEqual(Array(4).fill([202, 'open']));
      await simulate('refunds/wechat', { automatic: true });
    }
  });
});

describe('an exception that belongs to no order', () => {
  it('is listed and ends, and is no tenant’s', async () => {
    const name = { provider: 'wechat', merchant } as const;
    const record: ExceptionRecord = {
      ...{
        order_no: null,
        owner: provider,
        payment_no: null,
        kind: 'unknown_row',
        state: 'open',
        version: 1,
      },
      ...{ ...name, transaction_id: null, refund_no: 'row-1', fields: [], amount: 100, currency: 'CNY' },
      ...{ reason: null, due_by: null, recorded_at: isoTime(Date.now()), resolved: null },
    };
    const key = merchantExceptionKey(name, exceptionId(record));
    await gated.table.put({
      ...itemOf({ put: 'exception', record: { ...record, order_no: 'mall-1' } }),
      ...{ ...key, order_no: null, exception_shard: exceptionShard('open', merchantShardName(name)) },
    });
    expect(orderNumberOf(key)).toBe(key.pk);
    const [listed] = await list('?kind=unknown_row');
    expect(listed).toMatchObject({ order_no: null, amount: '1.00', merchant });
    const id = listed?.id ?? '';
    expect(await list('?kind=unknown_row', tenant)).toEqual([]);
    expect((await resolve(id, 'dismissed', tenant)).status).toBe(404);
    expect(await preview(id, tenant)).toEqual([404, '异常不存在']);
    expect(await preview(id)).toMatchObject({
      ...{ exception: { id, order_no: null }, status: null },
      previews: ['written_off', 'dismissed'].map((resolution) => ({
        resolution,
        refused: null,
        entries: [],
      })),
    });
    const another = Buffer.from(JSON.stringify(['wechat', merchant, 'unknown_row#-#-#row-9']));
    expect(await preview(another.toString('base64url'))).toEqual([404, '异常不存在']);
    const refused = await resolve(id, 'attributed');
    expect([refused.status, message(refused)]).toEqual([
      400,
      'resolution 对此异常须为 written_off、dismissed 之一',
    ]);
    const answer = await resolve(id, 'written_off');
    expect(data(answer)).toMatchObject({
      exception: { id, state: 'resolved', resolved: { resolution: 'written_off', by: 'admin-1' } },
      ...{ entries: [], refund: null, status: null },
    });
    expect(data(await resolve(id, 'written_off'))).toEqual(data(answer));
    expect((await resolve(id, 'dismissed')).status).toBe(409);
    expect(await list('?kind=unknown_row')).toEqual([]);
    expect(await list('?kind=unknown_row&state=resolved')).toMatchObject([{ id }]);
  });
});
