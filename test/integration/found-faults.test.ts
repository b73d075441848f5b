import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isoTime } from '../../lib/io.ts';
import { type Provider, providers } from '../../lib/orders/kinds.ts';
import { type GatedSystem, startGatedSystem } from '../support/gated-system.ts';
import type { ApiAnswer } from '../support/http-client.ts';
import { tenantOrder } from '../support/orders.ts';

/** Faults that this system once had, each with what is of its kind, over HTTP. */

const MINUTE_MS = 60_000;
const wechatMerchant = '1900000001';
let gated: GatedSystem;
let admin: string;
let user: string;
let lastId = 0;

beforeAll(async () => {
  gated = await startGatedSystem();
  admin = await gated.tokenOf('admin-1');
  user = await gated.tokenOf('user-1', 'user');
});
afterAll(() => gated?.stop());

const data = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;
const ago = (ms: number) => isoTime(Date.now() - ms);

/** A shop order's number, by which it is handed over, paid and looked at. */
function newShopOrder() {
  lastId += 1;
  const id = lastId;
  const path = `/v2/orders/mall/${id}`;
  return {
    order_no: `mall-${id}`,
    put: (changes: object = {}) =>
      gated.call('PUT', path, {
        token: admin,
        body: { user_id: 'user-1', openid: 'openid-1', amount: 10, points: 0, description: '茶', ...changes },
      }),
    pay: () => gated.call('POST', `${path}/pay`, { token: user }),
    look: () => gated.call('GET', path, { token: user }),
  };
}
type ShopOrder = ReturnType<typeof newShopOrder>;

/** One whose payment was begun. */
async function begunShopOrder(): Promise<ShopOrder> {
  const order = newShopOrder();
  expect((await order.put()).status).toBe(201);
  expect((await order.pay()).status).toBe(200);
  return order;
}

const checkOut = (provider: Provider, { key, token = admin }: { key?: string; token?: string } = {}) =>
  gated.call('POST', '/api/pay/checkout', {
    token,
    headers: { 'idempotency-key': key },
    body: { tenant_id: 7, amount: 10, provider },
  });

/** A tenant's order whose page was opened, without which Alipay knows nothing of it. */
async function checkedOut(provider: Provider, key?: string): Promise<{ order_no: string; pay_url: string }> {
  const made = await checkOut(provider, key === undefined ? {} : { key });
  expect(made.status).toBe(201);
  const { order_no, pay_url } = data(made) as { order_no: string; pay_url: string };
  if (provider !== 'wechat') expect((await fetch(pay_url)).ok).toBe(true);
  return { order_no, pay_url };
}

const state = async (order_no: string) =>
  data(await gated.call('GET', `/api/pay/orders/${order_no}`, { token: admin }));
const refund = (order_no: string, body: object = {}, token = admin) =>
  gated.call('POST', '/api/pay/refund', {
    token,
    headers: { 'idempotency-key': `${order_no} ${JSON.stringify(body)}` },
    body: { order_no, reason: '退货', ...body },
  });
const payerActs = async (provider: Provider, payment_no: string, action = 'pay', body: object = {}) => {
  const path = `/simulator/payments/${provider}/${payment_no}/${action}`;
  expect(await gated.simulate('POST', path, { body })).toMatchObject({ status: 200 });
};
/** The flat body of a relay; @returns how it was answered */
const flat = async (provider: Provider, fields: Record<string, string>): Promise<number> => {
  const { body } = await gated.simulate('POST', `/simulator/flat/${provider}`, { body: fields });
  return (body as { status: number }).status;
};
/** What the provider holds under a number. */
const heldPayment = async (provider: Provider, payment_no: string) => {
  const { body } = await gated.simulate('GET', `/simulator/payments/${provider}/${payment_no}`);
  return (body as { payment?: Record<string, unknown> }).payment;
};
/** What the provider holds of a prepay that was handed out. */
async function heldPrepay(answer: ApiAnswer) {
  const prepay_id = String(data(answer)['package']).replace('prepay_id=', '');
  const { body } = await gated.simulate('GET', '/simulator/payments');
  const { payments } = body as { payments: Record<string, unknown>[] };
  return payments.find((payment) => payment['prepay_id'] === prepay_id);
}

const items = (order_no: string) => gated.table.items({ order_no });
const paymentItem = (order_no: string, n = 1) => gated.table.item({ order_no }, `PAYMENT#${n}`);
/** All that an order owes is due, and the sweep sees to it. */
async function sweepDue(order_no: string): Promise<void> {
  for (const item of await items(order_no)) await gated.table.makeDue(item);
  await gated.system.sweep();
}
/** The time of a payment, and of its order where that has one, was over so long ago. */
async function endTime(order_no: string, ms: number): Promise<void> {
  const expires_at = ago(ms);
  const order = await gated.table.item({ order_no }, 'ORDER');
  if (order?.['expires_at']) await gated.table.change({ order_no }, { expires_at });
  await gated.table.changePayment({ order_no }, { expires_at });
}
const isShardOf = (account: string) => expect.stringMatching(new RegExp(`^${RegExp.escape(account)}#[0-7]$`));
const isSuspense = isShardOf(`suspense:wechat.${wechatMerchant}`);

describe('an order that is changed while its payment is being begun', () => {
  const isPrepay = (order_no: string) => (call: { path: string; body: string }) =>
    call.path.endsWith('/transactions/jsapi') && call.body.includes(`"${order_no}"`);
  const change = { amount: 20 };

  it.each([
    ['is still on its way', 'request', change],
    ['is held by WeChat', 'answer', change],
    ['is still on its way', 'request', { openid: 'openid-2' }],
    ['is held by WeChat', 'answer', { description: '咖啡' }],
  ] as const)('is paid as it is then: the prepay %s (%s) and %j is put', async (_, where, changes) => {
    for (let time = 0; time < 5; time++) {
      const order = newShopOrder();
      await order.put();
      const held = gated.gate.hold(isPrepay(order.order_no), where);
      const paying = order.pay();
      await held.arrived;
      expect((await order.put(changes)).status).toBe(200);
      held.release();
      const answer = await paying;
      expect(answer.status).toBe(200);
      expect(await heldPrepay(answer)).toMatchObject({
        payment_no: `${order.order_no}-2`,
        state: 'open',
        amount: 'amount' in changes ? 2000 : 1000,
      });
      expect(await heldPayment('wechat', order.order_no)).toMatchObject({ state: 'closed' });
      expect(await paymentItem(order.order_no)).toMatchObject({ superseded: true });
    }
  });

  it('is a 409 when it is changed again and again', async () => {
    const order = newShopOrder();
    await order.put();
    const held = Array.from({ length: 5 }, (_, index) =>
      gated.gate.hold(isPrepay(`${order.order_no}${index > 0 ? `-${index + 1}` : ''}`), 'answer'),
    );
    const paying = order.pay();
    for (const [index, { arrived, release }] of held.entries()) {
      await arrived;
      expect((await order.put({ amount: 20 + index })).status).toBe(200);
      release();
    }
    expect((await paying).status).toBe(409);
    for (const number of ['', '-2', '-3', '-4', '-5']) {
      expect(await heldPayment('wechat', order.order_no + number)).toMatchObject({ state: 'closed' });
    }
    expect(await heldPrepay(await order.pay())).toMatchObject({ state: 'open', amount: 2400 });
  });

  it('leaves nothing that can be paid at another amount and is looked after by nobody, in 60 tries', async () => {
    const tries = Array.from({ length: 60 }, async () => {
      const order = newShopOrder();
      await order.put();
      const [paid, put] = await Promise.all([order.pay(), order.put({ amount: 20 })]);
      return { order, paid, put };
    });
    for (const { order, paid, put } of await Promise.all(tries)) {
      expect([200, 409]).toContain(paid.status);
      expect([200, 409]).toContain(put.status);
      const { amount } = data(await order.look());
      for (const item of await items(order.order_no)) {
        const number = item['payment_no'];
        const payment = number === undefined ? undefined : await heldPayment('wechat', String(number));
        if (payment?.['state'] !== 'open') continue;
        if (payment['amount'] !== Number(amount) * 100) expect(item).toHaveProperty('work');
        else expect(item).toMatchObject({ superseded: false });
      }
      if (paid.status !== 200) continue;
      const given = await heldPrepay(paid);
      if (given?.['state'] === 'open') expect(given['amount']).toBe(Number(amount) * 100);
    }
  });
});

describe('a function that is killed between closing a payment and writing the change', () => {
  /** The function dies just before its write arrives. */
  const killAtWrite = (name: string) =>
    gated.interfere(name, 'TransactWriteItems', async () => {
      await gated.system.crash(name);
      return 'hang';
    });

  const kills = {
    'a change, killed at its write': async (order: ShopOrder) => {
      killAtWrite('put-shop-order');
      expect((await order.put({ amount: 20 })).status).toBeGreaterThanOrEqual(500);
      expect(await heldPayment('wechat', order.order_no)).toMatchObject({ state: 'closed' });
    },
    'a change, killed while WeChat closes': async (order: ShopOrder) => {
      const held = gated.gate.hold(({ path }) => path.endsWith(`${order.order_no}/close`), 'answer');
      const putting = order.put({ amount: 20 });
      await held.arrived;
      await gated.system.crash('put-shop-order');
      held.release();
      expect((await putting).status).toBeGreaterThanOrEqual(500);
      expect(await heldPayment('wechat', order.order_no)).toMatchObject({ state: 'closed' });
    },
    'a pay that begins the next payment, killed at its write': async (order: ShopOrder) => {
      await gated.table.changePayment(order, { expires_at: ago(1_000) });
      killAtWrite('pay-mall-order');
      expect((await order.pay()).status).toBeGreaterThanOrEqual(500);
      expect(await heldPayment('wechat', order.order_no)).toMatchObject({ state: 'closed' });
    },
  };
  const meanwhile = {
    'nothing comes between': async () => {},
    'its payer looks at it': async (order: ShopOrder) => {
      await gated.table.changePayment(order, { begun_at: ago(MINUTE_MS) });
      expect(data(await order.look())).toMatchObject({ status: 'pending' });
    },
    'the sweep looks after it': (order: ShopOrder) => sweepDue(order.order_no),
  };
  const cases = Object.keys(kills).flatMap((kill) => Object.keys(meanwhile).map((event) => [kill, event]));

  it.each(cases as [keyof typeof kills, keyof typeof meanwhile][])(
    '%s, and %s: the order can be changed and paid',
    async (kill, event) => {
      const order = await begunShopOrder();
      await kills[kill](order);
      await meanwhile[event](order);
      expect(data(await order.look())).toMatchObject({ status: 'pending' });
      expect(await order.put({ amount: 30 })).toMatchObject({ status: 200 });
      const answer = await order.pay();
      expect(answer.status).toBe(200);
      const held = await heldPrepay(answer);
      expect(held).toMatchObject({ amount: 3000, state: 'open' });
      await payerActs('wechat', String(held?.['payment_no']));
      expect(data(await order.look())).toMatchObject({ status: 'paid', amount: '30.00' });
    },
  );

  it.each(Object.keys(kills) as (keyof typeof kills)[])('%s: it can be paid unchanged', async (kill) => {
    const order = await begunShopOrder();
    await kills[kill](order);
    await sweepDue(order.order_no);
    const held = await heldPrepay(await order.pay());
    expect(held).toMatchObject({ amount: 1000, state: 'open', payment_no: `${order.order_no}-2` });
    await payerActs('wechat', `${order.order_no}-2`);
    expect(data(await order.look())).toMatchObject({ status: 'paid', amount: '10.00' });
  });
});

describe('money for a payment that was given up', () => {
  it.each([0, 99])('can be returned, when the order comes to cost %d', async (amount) => {
    const order = await begunShopOrder();
    expect((await order.put({ amount })).status).toBe(200);
    await payerActs('wechat', order.order_no, 'pay', { late: true });
    const { transaction_id, ...payment } = (await paymentItem(order.order_no)) ?? {};
    expect(payment).toMatchObject({ state: 'paid', amount: 1000, credit: isSuspense });
    expect(data(await order.look())).toMatchObject({ status: 'pending' });

    expect((await refund(order.order_no)).status).toBe(409);
    expect(await refund(order.order_no, { transaction_id, amount: 10.01 })).toMatchObject({ status: 400 });
    const accepted = await refund(order.order_no, { transaction_id });
    expect(accepted).toMatchObject({ status: 202 });
    expect(data(accepted)).toMatchObject({ amount: '10.00' });
    const refunds = async () => (await items(order.order_no)).filter(({ sk }) => sk === 'REFUND#1');
    await expect.poll(refunds).toMatchObject([{ status: 'succeeded' }]);
    expect(await paymentItem(order.order_no)).toMatchObject({ refunded: 1000, reserved: 0 });
    const entry = await gated.table.item(order, 'ENTRY#REFUND#1#1');
    expect(entry).toMatchObject({ amount: 1000, debit: isSuspense });
    expect((await refund(order.order_no, { transaction_id, amount: 0.01 })).status).toBe(409);
  });

  it.each<[string, Record<string, string>]>([
    ['without amount or transaction', {}],
    ['without amount', { txn_id: 'T1' }],
    ['with its amount', { txn_id: 'T1', amount: '10.00', currency: 'CNY' }],
  ])('is booked at the amount that the payment was made for: a flat success %s', async (_, fields) => {
    const order = await begunShopOrder();
    expect((await order.put({ amount: 99 })).status).toBe(200);
    const body = { order_no: order.order_no, status: 'succeeded', ...fields };
    for (let time = 0; time < 2; time++) expect(await flat('wechat', body)).toBe(200);
    expect(await items(order.order_no)).toMatchObject([
      { kind: 'paid_superseded', amount: 1000, payment_no: order.order_no },
      { sk: 'ORDER', status: 'pending', amount: 9900 },
      { sk: 'PAYMENT#1', state: 'paid', amount: 1000, credit: isSuspense },
    ]);
  });

  it('is found by asking when its message is lost for good', async () => {
    const order = await begunShopOrder();
    // The prepay is still on its way when the order is changed, and is paid at once.
    await payerActs('wechat', order.order_no, 'close', { deliver: false });
    await gated.table.changePayment(order, { superseded: true });
    await gated.table.change(order, { payment: null, amount: 9900 });
    await payerActs('wechat', order.order_no, 'pay', { late: true, deliver: false });
    await sweepDue(order.order_no);
    expect(await items(order.order_no)).toMatchObject([
      { kind: 'paid_superseded', amount: 1000 },
      { sk: 'ORDER', status: 'pending' },
      { sk: 'PAYMENT#1', state: 'paid', amount: 1000, credit: isSuspense },
    ]);
  });
});

describe('the same payment, told of without its transaction and with it', () => {
  const orders = {
    'an order that is to be paid': {},
    'a closed order': { status: 'closed' },
    'an order that failed': { status: 'failed' },
    'an order that is paid otherwise': { status: 'paid', paid_by: 2, payment: 2, payments: 2 },
    'an order that gave it up': { payment: null },
  } as const;
  const cases = providers.flatMap((provider) =>
    Object.keys(orders).map((name) => [provider, name as keyof typeof orders] as const),
  );

  it.each(cases)('is one booking, and named: %s, %s', async (provider, name) => {
    const { order_no } = await checkedOut(provider);
    const changes = orders[name];
    await gated.table.change({ order_no }, changes);
    if ('payment' in changes) await gated.table.changePayment({ order_no }, { superseded: true });
    const success = { order_no, status: 'succeeded' };
    for (const fields of [success, success, { ...success, txn_id: 'T1' }, success]) {
      expect(await flat(provider, fields)).toBe(200);
    }
    const stored = await items(order_no);
    const booked = stored.filter((item) => item['booked_at'] !== undefined);
    expect(booked).toMatchObject([{ sk: 'PAYMENT#1', state: 'paid', transaction_id: 'T1', amount: 1000 }]);
    const isOrders = name === 'an order that is to be paid' || name === 'an order that failed';
    expect(booked[0]?.['credit']).toEqual(
      isOrders ? isShardOf('tenant:7') : expect.stringMatching(/^suspense:/),
    );
    expect(stored.filter(({ sk }) => String(sk).startsWith('EXCEPTION'))).toHaveLength(isOrders ? 0 : 1);
  });
});

describe('a payment whose transaction nobody named', () => {
  it.each(providers)('is returned: %s is asked for it first', async (provider) => {
    const { order_no } = await checkedOut(provider);
    await payerActs(provider, order_no, 'pay', { deliver: false });
    expect(await flat(provider, { order_no, status: 'succeeded' })).toBe(200);
    expect(await paymentItem(order_no)).toMatchObject({ state: 'paid', transaction_id: null });
    expect([200, 202]).toContain((await refund(order_no)).status);
    await expect.poll(async () => (await state(order_no))['status']).toBe('refunded');
    const { transaction_id } = (await heldPayment(provider, order_no)) ?? {};
    expect(transaction_id).toEqual(expect.any(String));
    expect(await paymentItem(order_no)).toMatchObject({ transaction_id });
  });
});

describe('a payment that failed', () => {
  const failedOrder = async (provider: Provider, key?: string) => {
    const made = await checkedOut(provider, key);
    await payerActs(provider, made.order_no, 'fail', { deliver: false });
    expect(await flat(provider, { order_no: made.order_no, status: 'failed' })).toBe(200);
    expect(await state(made.order_no)).toMatchObject({ status: 'failed' });
    return made;
  };

  it.each(providers)('is over at its time, and %s is asked no more', async (provider) => {
    const { order_no } = await failedOrder(provider);
    expect(await paymentItem(order_no)).toHaveProperty('work');
    await endTime(order_no, 10 * MINUTE_MS);
    await sweepDue(order_no);
    const stored = await items(order_no);
    expect(stored).toMatchObject([{ status: 'closed' }, { state: 'closed' }]);
    for (const item of stored) expect(item).not.toHaveProperty('work');
    const asked = gated.gate.calls.length;
    await sweepDue(order_no);
    const later = gated.gate.calls.slice(asked);
    expect(later.filter(({ path }) => path.startsWith(`/${provider}/`))).toEqual([]);
  });

  it.each(providers)('leaves the same idempotency key a page that can be paid: %s', async (provider) => {
    const key = `failed ${provider}`;
    const first = await failedOrder(provider, key);
    const { order_no } = first;
    const again = await checkedOut(provider, key);
    expect(again.order_no).toBe(order_no);
    // A session of Stripe's is over once its payment failed; the others take another try under the same number.
    const number = provider === 'stripe' ? `${order_no}-2` : order_no;
    expect(again.pay_url === first.pay_url).toBe(provider !== 'stripe');
    expect(await state(order_no)).toMatchObject({ status: 'pending' });
    await payerActs(provider, number);
    expect(await state(order_no)).toMatchObject({ status: 'paid' });
  });

  it.each(providers)('leaves nothing once the order is over: %s', async (provider) => {
    const key = `over ${provider}`;
    const { order_no } = await failedOrder(provider, key);
    await endTime(order_no, 1_000);
    expect(await checkOut(provider, { key })).toMatchObject({ status: 409 });
  });
});

describe('a page that was closed', () => {
  it.each(['wechat', 'stripe'] as const)('is not given out again under its key: %s', async (provider) => {
    const key = `closed ${provider}`;
    const { order_no, pay_url } = await checkedOut(provider, key);
    await payerActs(provider, order_no, 'close');
    if (provider === 'wechat') await sweepDue(order_no);
    const again = await checkOut(provider, { key });
    expect(data(again)).toMatchObject({ order_no });
    expect(data(again)['pay_url']).not.toBe(pay_url);
    await payerActs(provider, `${order_no}-2`);
    expect(await state(order_no)).toMatchObject({ status: 'paid' });
  });
});

describe('a merchant that is not configured any more', () => {
  it('is asked nothing under another, has nothing closed, and people are told', async () => {
    const open = await begunShopOrder();
    const paid = await begunShopOrder();
    await payerActs('wechat', paid.order_no);
    const handedOver = newShopOrder();
    await handedOver.put();
    await gated.changeDocument('wechat', { mchid: '1900000002' });
    const asked = gated.gate.calls.length;
    try {
      await gated.table.changePayment(open, { begun_at: ago(MINUTE_MS) });
      expect(data(await open.look())).toMatchObject({ status: 'pending' });
      await sweepDue(open.order_no);
      for (const changes of [{ user_id: 'user-2' }, { points: 5 }]) {
        expect((await open.put(changes)).status).toBe(200);
      }
      expect((await open.put({ amount: 20 })).status).toBe(409);
      await open.put();
      expect((await open.pay()).status).toBe(409);
      expect((await refund(paid.order_no)).status).toBe(202);
      await sweepDue(paid.order_no);

      const ofMerchant = gated.gate.calls.slice(asked).filter(({ path }) => path.startsWith('/wechat/'));
      expect(ofMerchant).toEqual([]);
      expect(await paymentItem(open.order_no)).toMatchObject({
        state: 'open',
        superseded: false,
        merchant: wechatMerchant,
        work: expect.stringMatching(/^check#/),
      });
      expect(await gated.table.item(paid, 'REFUND#1')).toMatchObject({
        status: 'open',
        merchant: wechatMerchant,
        work: expect.stringMatching(/^check#/),
      });
      const list = await gated.call('GET', '/api/pay/exceptions?kind=merchant_missing', { token: admin });
      const told = { state: 'open', provider: 'wechat', merchant: wechatMerchant, amount: '10.00' };
      expect(data(list)['exceptions']).toMatchObject([
        { order_no: paid.order_no, payment_no: paid.order_no, ...told },
        { order_no: open.order_no, payment_no: open.order_no, ...told },
      ]);
      const messages = async () =>
        JSON.stringify((await gated.simulate('GET', '/simulator/wecom/messages')).body);
      for (const { order_no } of [open, paid]) {
        await expect.poll(messages).toContain(`${order_no}\``);
      }
      // What is begun from now on is begun with the new one.
      await handedOver.pay();
      expect(await paymentItem(handedOver.order_no)).toMatchObject({ merchant: '1900000002' });
    } finally {
      await gated.changeDocument('wechat', {});
    }
    // Once the old one is configured again, everything goes on.
    await sweepDue(paid.order_no);
    await expect.poll(async () => (await state(paid.order_no))['status']).toBe('refunded');
    expect((await open.pay()).status).toBe(200);
    await payerActs('wechat', open.order_no);
    expect(data(await open.look())).toMatchObject({ status: 'paid' });
  });
});

describe('a number that was used before under the same merchant', () => {
  /** WeChat holds a payment of 2020 under the number of an order that is new here. */
  async function usedBefore(): Promise<ShopOrder> {
    const order = await begunShopOrder();
    gated.clock.at = Date.parse('2020-11-11T11:11:11.000Z');
    try {
      await payerActs('wechat', order.order_no, 'pay', { deliver: false });
    } finally {
      gated.clock.at = null;
    }
    await gated.table.remove(order);
    expect((await order.put()).status).toBe(201);
    return order;
  }
  const spent = { kind: 'number_spent', provider: 'wechat', state: 'open' };

  it('pays nothing, and the payer gets the next number', async () => {
    const order = await usedBefore();
    const answer = await order.pay();
    expect(answer.status).toBe(200);
    expect(await heldPrepay(answer)).toMatchObject({ payment_no: `${order.order_no}-2`, state: 'open' });
    expect(await items(order.order_no)).toMatchObject([
      { ...spent, payment_no: order.order_no },
      { sk: 'ORDER', status: 'pending', payment: 2 },
      { sk: 'PAYMENT#1', state: 'closed', superseded: true },
      { sk: 'PAYMENT#2', state: 'open' },
    ]);
    // Neither does its message, however late it comes.
    await payerActs('wechat', order.order_no);
    expect(data(await order.look())).toMatchObject({ status: 'pending' });
    await payerActs('wechat', `${order.order_no}-2`);
    expect(data(await order.look())).toMatchObject({ status: 'paid', amount: '10.00' });
    const booked = (await items(order.order_no)).filter((item) => item['booked_at'] !== undefined);
    expect(booked).toMatchObject([{ sk: 'PAYMENT#2' }]);
  });

  it('pays nothing when its message comes while the prepay is on its way', async () => {
    const order = await usedBefore();
    const held = gated.gate.hold(({ path }) => path.endsWith('/transactions/jsapi'), 'request');
    const paying = order.pay();
    await held.arrived;
    await payerActs('wechat', order.order_no);
    held.release();
    expect(await heldPrepay(await paying)).toMatchObject({ payment_no: `${order.order_no}-2` });
    expect(await items(order.order_no)).toMatchObject([
      spent,
      { status: 'pending' },
      { state: 'closed' },
      {},
    ]);
  });
});

describe('callers that are too many or too strange', () => {
  it.each(['new', 'begun'])('may change one order forty times at once: a %s one', async (kind) => {
    const order = kind === 'begun' ? await begunShopOrder() : newShopOrder();
    const amounts = Array.from({ length: 40 }, (_, index) => index + 1);
    const answers = await Promise.all(amounts.map((amount) => order.put({ amount })));
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses.difference(new Set([200, 201, 409]))]).toEqual([]);
    const changed = answers.filter(({ status }) => status < 300).map((answer) => data(answer)['amount']);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed).toContain(data(await order.look())['amount']);
    expect((await order.put({ amount: 50 })).status).toBe(200);
    expect(await heldPrepay(await order.pay())).toMatchObject({ amount: 5000 });
  });

  it.each([
    ['256 Chinese characters', '长'.repeat(256), '长'.repeat(255)],
    ['a lone surrogate', '\ud800', '\ud801'],
  ])('may be called %s and send idempotency keys', async (_, sub, otherSub) => {
    const [token, other] = await Promise.all([gated.tokenOf(sub), gated.tokenOf(otherSub)]);
    const key = `a key of ${lastId}`;
    const made = await checkOut('wechat', { key, token });
    expect(made.status).toBe(201);
    expect(await checkOut('wechat', { key, token })).toEqual(made);
    const others = await checkOut('wechat', { key, token: other });
    expect(others.status).toBe(201);
    const order_no = String(data(made)['order_no']);
    expect(data(others)['order_no']).not.toBe(order_no);

    await payerActs('wechat', order_no);
    const first = await refund(order_no, { amount: 1 }, token);
    expect(first.status).toBe(202);
    expect(data(await refund(order_no, { amount: 1 }, token))).toMatchObject({
      refund_no: data(first)['refund_no'],
    });
    expect(data(await refund(order_no, { amount: 1 }, other))).toMatchObject({ refund_no: `${order_no}-r2` });

    const unpaid = String(data(others)['order_no']);
    const close = await gated.call('POST', `/api/pay/orders/${unpaid}/close`, { token: other });
    expect([close.status, data(close)['status']]).toEqual([200, 'closed']);
  });
});

describe('one idempotency key with one body, sent eight times at once', () => {
  const eightTimes = (send: () => Promise<ApiAnswer>) => Promise.all(Array.from({ length: 8 }, send));
  const rounds = [1, 2, 3, 4, 5];

  it.each([
    ['all', {}],
    ['most of it', { amount: 7 }],
  ])('is one refund of %s to everybody', async (_, body) => {
    for (const _round of rounds) {
      const { order_no } = await checkedOut('wechat');
      await payerActs('wechat', order_no);
      const answers = await eightTimes(() => refund(order_no, body));
      // Whoever is late is told that it is done.
      const isTaken = ({ status }: ApiAnswer) => status === 202 || status === 200;
      const told = answers.map((answer) => [isTaken(answer), data(answer)?.['refund_no']]);
      expect(told).toEqual(told.map(() => [true, `${order_no}-r1`]));
    }
  });

  it.each(providers)('is one order with one page to everybody: %s', async (provider) => {
    for (const round of rounds) {
      const answers = await eightTimes(() => checkOut(provider, { key: `${provider} at once ${round}` }));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
      expect(new Set(answers.map((answer) => data(answer)['order_no'])).size).toBe(1);
      expect(new Set(answers.map((answer) => data(answer)['pay_url'])).size).toBe(1);
    }
  });
});

describe('a checkout without a key, on a number that exists', () => {
  interface PutPart {
    readonly Put?: { readonly Item: { readonly order_no: { readonly S: string } } };
  }
  /** The number that a checkout is about to take. */
  const numberIn = (body: Buffer): string => {
    const { TransactItems } = JSON.parse(body.toString()) as { TransactItems: PutPart[] };
    return TransactItems[0]?.Put?.Item.order_no.S ?? '';
  };

  it.each(providers)('takes another, and leaves the order of that number as it is: %s', async (provider) => {
    const foreign = { order_no: '' };
    gated.interfere('checkout', 'TransactWriteItems', async ({ body }) => {
      foreign.order_no = numberIn(body);
      await gated.table.store({
        order: tenantOrder({ ...foreign, tenant_id: 8, payment: null, payments: 0 }),
      });
      return undefined;
    });
    const { order_no } = await checkedOut(provider);
    expect(foreign.order_no).toMatch(/^p[0-9A-Z]{26}$/);
    expect(order_no).not.toBe(foreign.order_no);
    expect(await items(foreign.order_no)).toMatchObject([{ sk: 'ORDER', tenant_id: 8, version: 1 }]);
    await payerActs(provider, order_no);
    expect(await state(order_no)).toMatchObject({ status: 'paid', amount: '10.00' });
  });

  it.each(providers)('keeps the one that it took itself when the reply was lost: %s', async (provider) => {
    let taken = '';
    gated.interfere('checkout', 'TransactWriteItems', async ({ body }) => {
      taken = numberIn(body);
      return 'drop_reply';
    });
    expect((await checkedOut(provider)).order_no).toBe(taken);
  });
});
