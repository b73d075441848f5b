import { execFileSync } from 'node:child_process';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import type * as client from '../../../infra/client/settle-client.ts';
import type { OrderState, PaidAtOnce, PaymentParameters } from '../../../lib/http/responses/orders.ts';
import type { ShopKind } from '../../../lib/orders/kinds.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { createHttpClient } from '../../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../../support/local-system.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { openTable } from '../../support/parties.ts';
import { type Cashier, createFakeWx, createWaits } from './fake-wx.ts';

/** The file that `npm run client` writes, with nothing around it that a mini-program lacks. */
const built = execFileSync('npx', packageJson.scripts.client.split(' '), { encoding: 'utf8' });

function loadBuilt(): typeof client {
  const module = { exports: {} as typeof client };
  runInContext(built, createContext({ module, setTimeout }));
  return module.exports;
}

const { createSettleClient } = loadBuilt();
let system: TestSystem;
let lastId = 0;

beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system?.stop());

async function newOrder(changes: object = {}): Promise<number> {
  const id = ++lastId;
  const body = { user_id: 'user-1', openid: 'openid-1', amount: 19.99, points: 0, description: '苹果' };
  const token = system.tokens?.admin ?? '';
  const put = createHttpClient(system.url)('PUT', `/v2/orders/mall/${id}`, {
    token,
    body: { ...body, ...changes },
  });
  expect(await put).toMatchObject({ status: 201 });
  return id;
}

const simulate = (path: string, body: object = {}) =>
  createHttpClient(system.consoleUrl)('POST', `/simulator${path}`, { body });

/** Closes the order, as its deadline does once its time is over. */
const close = (id: number) => openTable(system).change({ order_no: `mall-${id}` }, { status: 'closed' });

/** The payer pays, and WeChat Pay tells the API. */
const pays: (id: number) => Cashier = (id) => async () => {
  await simulate(`/payments/wechat/mall-${id}/pay`);
  return null;
};
const cancels: Cashier = async () => 'requestPayment:fail cancel';

function phone(cashier: Cashier, { token = system.tokens?.user ?? '', baseUrl = system.url } = {}) {
  const wx = createFakeWx(cashier);
  const { waits, wait } = createWaits();
  return { wx, waits, settle: createSettleClient({ wx, baseUrl, getToken: async () => token, wait }) };
}

describe('the file for mini-programs', () => {
  it('has less than 3 KB', () => {
    expect(Buffer.byteLength(built)).toBeLessThan(3_000);
  });

  it('has the types of the schemas', () => {
    expectTypeOf<client.OrderState>().toEqualTypeOf<OrderState>();
    expectTypeOf<client.PaymentParameters>().toEqualTypeOf<PaymentParameters>();
    expectTypeOf<client.OrderKind>().toEqualTypeOf<ShopKind>();
    expectTypeOf<PaidAtOnce>().toEqualTypeOf<{ paid: true }>();
  });
});

describe('a payment', () => {
  it('is paid once the API says so', async () => {
    const id = await newOrder();
    const given: object[] = [];
    const { settle, wx } = phone(async (parameters) => {
      given.push(parameters);
      return pays(id)(parameters);
    });
    expect(await settle.pay('mall', id)).toBe('paid');
    expect(given).toEqual([
      {
        timeStamp: expect.stringMatching(/^\d+$/),
        nonceStr: expect.any(String),
        package: expect.stringMatching(/^prepay_id=/),
        signType: 'RSA',
        paySign: expect.any(String),
      },
    ]);
    expect(wx.requests).toEqual([`POST /v2/orders/mall/${id}/pay`, `GET /v2/orders/mall/${id}`]);
    expect(await settle.getOrder('mall', id)).toMatchObject({ order_no: `mall-${id}`, status: 'paid' });
  });

  it('of points alone is paid at once, and opens no cashier', async () => {
    const id = await newOrder({ amount: 0, points: 100 });
    const { settle, wx } = phone(() => Promise.reject(new Error('opened')));
    expect(await settle.pay('mall', id)).toBe('paid');
    expect(wx.requests).toEqual([`POST /v2/orders/mall/${id}/pay`]);
  });

  it('that the API hears of late is asked for, less and less often, and then left unconfirmed', async () => {
    const id = await newOrder();
    const { settle, wx, waits } = phone(async () => null);
    expect(await settle.pay('mall', id)).toBe('unconfirmed');
    expect(wx.requests).toHaveLength(1 + 10);
    expect(waits).toEqual(waits.toSorted((one, other) => one - other));
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(27_000);
    await simulate(`/payments/wechat/mall-${id}/pay`);
    expect(await settle.confirm('mall', id)).toBe('paid');
  });

  it('that is closed is not asked for again', async () => {
    const id = await newOrder();
    const { settle, waits } = phone(async () => {
      await close(id);
      return null;
    });
    expect(await settle.pay('mall', id)).toBe('unconfirmed');
    expect(waits).toEqual([]);
  });

  it('that the user leaves is cancelled, and can be made again', async () => {
    const id = await newOrder();
    expect(await phone(cancels).settle.pay('mall', id)).toBe('cancelled');
    expect(await phone(pays(id)).settle.pay('mall', id)).toBe('paid');
  });

  it('that was made after all is paid, whatever the cashier says', async () => {
    for (const errMsg of ['requestPayment:fail cancel', 'requestPayment:fail timeout']) {
      const id = await newOrder();
      const { settle } = phone(async (parameters) => {
        await pays(id)(parameters);
        return errMsg;
      });
      expect(await settle.pay('mall', id)).toBe('paid');
    }
  });

  it('that WeChat cannot make fails with what it says', async () => {
    const id = await newOrder();
    const { settle } = phone(async () => 'requestPayment:fail jsapi has no permission');
    await expect(settle.pay('mall', id)).rejects.toMatchObject({
      code: 'payment_failed',
      message: 'requestPayment:fail jsapi has no permission',
      status: undefined,
    });
  });
});

describe('an order that is cancelled', () => {
  it('is closed at WeChat Pay too, and can be cancelled again', async () => {
    const id = await newOrder();
    const { settle, wx } = phone(cancels);
    await settle.pay('mall', id);
    const requests = wx.requests.length;
    for (const _time of ['first', 'again']) {
      expect(await settle.close('mall', id)).toMatchObject({ order_no: `mall-${id}`, status: 'closed' });
    }
    expect(wx.requests.slice(requests)).toEqual(Array(2).fill(`POST /v2/orders/mall/${id}/close`));
    const paying = createHttpClient(system.consoleUrl);
    expect(await paying('POST', `/simulator/payments/wechat/mall-${id}/pay`, { body: {} })).toMatchObject({
      status: 409,
    });
  });

  it('is cancelled although the network loses the answer', async () => {
    const id = await newOrder();
    const { settle, wx } = phone(cancels);
    wx.lose('POST', 'answer', 1);
    expect(await settle.close('mall', id)).toMatchObject({ status: 'closed' });
  });

  it('cannot be, once it is paid', async () => {
    const id = await newOrder();
    const { settle } = phone(pays(id));
    await settle.pay('mall', id);
    await expect(settle.close('mall', id)).rejects.toMatchObject({
      code: 'refused',
      status: 409,
      message: '订单已支付或正在支付，不能关闭',
    });
  });
});

describe('a bad network', () => {
  it('is bridged with a few attempts', async () => {
    const id = await newOrder();
    const { settle, wx, waits } = phone(pays(id));
    wx.lose('POST', 'request', 1);
    wx.lose('POST', 'answer', 1);
    wx.lose('GET', 'answer', 3);
    expect(await settle.pay('mall', id)).toBe('paid');
    expect(wx.requests).toHaveLength(3 + 4);
    expect(waits).toEqual([300, 1_000, 500, 1_000, 1_500]);
  });

  it('that lost the answer of an order of points alone does not hide that it is paid', async () => {
    const id = await newOrder({ amount: 0, points: 100 });
    const { settle, wx } = phone(cancels);
    wx.lose('POST', 'answer', 1);
    expect(await settle.pay('mall', id)).toBe('paid');
  });

  it('that stays is told', async () => {
    const id = await newOrder();
    const { settle, wx } = phone(pays(id));
    wx.offline(true);
    await expect(settle.pay('mall', id)).rejects.toMatchObject({ code: 'network', status: undefined });
    expect(wx.requests).toHaveLength(3);
  });

  it('after the payment leaves it unconfirmed', async () => {
    const id = await newOrder();
    const { settle, wx } = phone(async () => {
      wx.offline(true);
      return null;
    });
    expect(await settle.pay('mall', id)).toBe('unconfirmed');
    wx.offline(false);
    expect(await settle.confirm('mall', id)).toBe('unconfirmed');
  });

  it.each([
    ['an API that is down', 503, '<h1>Service Unavailable</h1>'],
    ['a page in between, shown in place of the API', 200, '<h1>Log in to this network</h1>'],
  ])('is told from %s', async (_, status, body) => {
    const server = await startLoopbackServer(() => ({ status, body }));
    const { settle } = phone(cancels, { baseUrl: server.baseUrl });
    await expect(settle.pay('mall', 1)).rejects.toMatchObject({ code: 'unavailable', status });
    expect(server.calls).toHaveLength(3);
    await server.close();
  });
});

describe('a refusal', () => {
  it('of the token is told at once', async () => {
    const id = await newOrder();
    const { settle, wx, waits } = phone(pays(id), { token: 'expired' });
    const unauthenticated = { code: 'unauthenticated', status: 401, message: '用户未认证' };
    await expect(settle.pay('mall', id)).rejects.toMatchObject(unauthenticated);
    await expect(settle.confirm('mall', id)).rejects.toMatchObject(unauthenticated);
    await expect(settle.getOrder('mall', id)).rejects.toMatchObject(unauthenticated);
    expect([wx.requests.length, waits]).toEqual([3, []]);
  });

  it.each([
    ['an order that is not there', 404, '订单不存在', () => 404_404],
    ['an id that is none', 400, 'id 须为正整数', () => 0],
  ])('of %s is told with what the API says', async (_what, status, message, id) => {
    const { settle } = phone(cancels);
    await expect(settle.pay('mall', id())).rejects.toMatchObject({ code: 'refused', status, message });
  });

  it('of an order that is paid already is no failure', async () => {
    const id = await newOrder();
    expect(await phone(pays(id)).settle.pay('mall', id)).toBe('paid');
    expect(await phone(cancels).settle.pay('mall', id)).toBe('paid');
  });

  it('of an order that is closed is told', async () => {
    const id = await newOrder();
    await phone(cancels).settle.pay('mall', id);
    await close(id);
    await expect(phone(cancels).settle.pay('mall', id)).rejects.toMatchObject({
      code: 'refused',
      status: 400,
      message: '订单状态不允许支付',
    });
  });

  it('of a failing getToken is its own', async () => {
    const failure = new Error('not logged in');
    const { wx } = phone(cancels);
    const getToken = () => Promise.reject(failure);
    const settle = createSettleClient({ wx, baseUrl: system.url, getToken });
    await expect(settle.pay('mall', 1)).rejects.toBe(failure);
    expect(wx.requests).toEqual([]);
  });
});
