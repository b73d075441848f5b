import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Order } from '../../lib/orders/order.ts';
import { flatSignature } from '../../lib/providers/flat-callback.ts';
import type { RawMessage } from '../../lib/providers/message.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { paidPayment, shopOrder, tenantOrder } from '../support/orders.ts';
import { type Begun, createParties, openTable } from '../support/parties.ts';

const parties = createParties();
const { wechat, alipay, stripe, documents, merchants } = parties;
const paths = {
  notify: '/v2/payments/notify',
  wechat: '/api/pay/callback/wechat',
  alipay: '/api/pay/callback/alipay',
  stripe: '/api/pay/callback/stripe',
} as const;

let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let table: ReturnType<typeof openTable>;

beforeAll(async () => {
  system = await startTestSystem({ documents });
  call = createHttpClient(system.url);
  table = openTable(system);
});
afterAll(() => system?.stop());

const stored = <T extends Order>(begun: Begun<T>): Promise<T> => table.store(begun);
const wechatShopOrder = () => stored(parties.orders.shop());
const wechatOrder = () => stored(parties.orders.wechat());
const alipayOrder = () => stored(parties.orders.alipay());
const stripeOrder = () => stored(parties.orders.stripe());
const itemsOf = (order: Order) => table.items(order);
const sortKeys = async (order: Order) => (await itemsOf(order)).map(({ sk }) => sk);
const untouched = [
  { sk: 'ORDER', status: 'pending', version: 1 },
  { sk: 'PAYMENT#1', state: 'open', version: 1 },
];
/** A place of an account in its index. */
const shardOf = (account: string) => expect.stringMatching(new RegExp(`^${RegExp.escape(account)}#[0-7]$`));

const send = (path: string, { headers, body }: RawMessage): Promise<ApiAnswer> =>
  call('POST', path, { headers, body });

const json = 'application/json; charset=utf-8';
const success = { status: 200, contentType: json, body: { code: 'SUCCESS', message: '成功' } };
const fail = (status: number, message: unknown = expect.any(String)) => ({
  status,
  contentType: json,
  body: { code: 'FAIL', message },
});
const envelope = (order: Order, status: string) => ({
  status: 200,
  contentType: json,
  body: { code: 0, msg: '成功', data: { order_no: order.order_no, status } },
});
const refusal = (status: number, msg: unknown = expect.any(String)) => ({
  status,
  contentType: json,
  body: { code: status, msg, data: null },
});
const text = (status: number, body: string) => ({ status, contentType: 'text/plain; charset=utf-8', body });

type FlatProvider = 'wechat' | 'alipay';
const flatKeys = {
  wechat: wechat.document.callback_keys[0] ?? '',
  alipay: alipay.document.callback_keys[0] ?? '',
};

function flat(provider: FlatProvider, fields: Record<string, string>, sig?: string): RawMessage {
  const signature = sig ?? flatSignature(new Map(Object.entries(fields)), Buffer.from(flatKeys[provider]));
  return {
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ ...fields, sig: signature })),
  };
}

describe('WeChat Pay on /v2/payments/notify', () => {
  const notification = (order: Order, changes: object = {}) =>
    wechat.signNotification(wechat.transaction(order.order_no, order.amount, changes));

  it('settles, and answers a repeat like the first', async () => {
    const order = await wechatShopOrder();
    const message = notification(order);
    expect(await send(paths.notify, message)).toEqual(success);
    expect(await send(paths.notify, message)).toEqual(success);
    expect(await itemsOf(order)).toMatchObject([
      { sk: 'ORDER', status: 'paid', paid_by: 1, version: 2 },
      {
        sk: 'PAYMENT#1',
        state: 'paid',
        transaction_id: `42000000${order.order_no}`,
        debit: shardOf(`provider:wechat.${merchants.wechat}`),
        credit: shardOf('shop:mall'),
        amount: order.amount,
      },
    ]);
  });

  it('pays once, however many copies come at once', async () => {
    const order = await wechatShopOrder();
    const message = notification(order);
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => send(paths.notify, message)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await sortKeys(order)).toEqual(['ORDER', 'PAYMENT#1']);
    const settlements = () =>
      system.logs.filter((line) => line.includes(order.order_no) && line.includes('"outcome":"settled"'));
    await expect.poll(settlements).toHaveLength(1);
  });

  it('fails for an order that is not there', async () => {
    expect(await send(paths.notify, notification(shopOrder()))).toEqual(fail(500, '订单不存在'));
  });

  it.each([
    ['amount', { amount: { total: 1, currency: 'CNY' } }],
    ['currency', { amount: { total: 1234, currency: 'USD' } }],
    ['merchant', { mchid: '1900000000' }],
    ['appid', { appid: 'wx0000000000000000' }],
  ])('records one exception for another %s and changes nothing', async (field, changes) => {
    const order = await wechatShopOrder();
    for (let time = 0; time < 2; time++) {
      expect(await send(paths.notify, notification(order, changes))).toEqual(
        fail(500, expect.stringContaining(field)),
      );
    }
    expect(await itemsOf(order)).toMatchObject([
      {
        sk: expect.stringContaining(
          `EXCEPTION#mismatch#wechat#${order.order_no}#42000000${order.order_no}#${field}#`,
        ),
        state: 'open',
        fields: [field],
        ...{ payment_no: order.order_no, merchant: expect.any(String), amount: expect.any(Number) },
      },
      ...untouched,
    ]);
  });

  it('changes nothing when a header is missing, doubled or altered', async () => {
    const order = await wechatShopOrder();
    const message = notification(order);
    const names = Object.keys(message.headers).filter((name) => name.startsWith('wechatpay-'));
    expect(names).toHaveLength(4);
    for (const name of names) {
      const value = message.headers[name] ?? '';
      for (const bad of [undefined, '', `${value}, ${value}`, `${value}0`, value.slice(1), 'constructor']) {
        const headers = { ...message.headers, [name]: bad };
        expect(await send(paths.notify, { ...message, headers })).toEqual(fail(401));
      }
    }
    expect(await itemsOf(order)).toMatchObject(untouched);
  });

  it('changes nothing when a byte of the body is altered', async () => {
    const order = await wechatShopOrder();
    const message = notification(order);
    for (let position = 0; position < message.body.length; position += 37) {
      const body = Buffer.from(message.body);
      body.writeUInt8(body.readUInt8(position) ^ 1, position);
      expect((await send(paths.notify, { ...message, body })).status).toBe(401);
    }
    expect(await itemsOf(order)).toMatchObject(untouched);
  });

  it('refuses a message that is signed at another time, and the probe', async () => {
    const order = await wechatShopOrder();
    const resource = wechat.transaction(order.order_no, order.amount);
    for (const at of [Date.now() - 600_000, Date.now() + 600_000]) {
      expect(await send(paths.notify, wechat.signNotification(resource, { at }))).toEqual(fail(401));
    }
    const message = notification(order);
    const headers = { ...message.headers, 'wechatpay-signature': 'WECHATPAY/SIGNTEST/abc' };
    expect(await send(paths.notify, { ...message, headers })).toEqual(fail(401));
    const isCounted = () =>
      system.logs.some(
        (line) => line.includes('"VerificationFailed":1') && line.includes('"reason":"probe"'),
      );
    await expect.poll(isCounted).toBe(true);
  });

  it('acknowledges what asks for nothing', async () => {
    const message = wechat.signNotification({ mchid: wechat.document.mchid }, { eventType: 'SOMETHING.NEW' });
    expect(await send(paths.notify, message)).toEqual(success);
  });

  it.each([
    ['nothing', '', 500],
    ['too much', 'x'.repeat(300_000), 500],
    ['a flat body', JSON.stringify({ order_no: 'mall-1', status: 'SUCCESS', sig: '0'.repeat(64) }), 401],
  ])('refuses a body of %s', async (_, body, status) => {
    expect(await call('POST', paths.notify, { body })).toEqual(fail(status));
  });

  it('books a further transaction under a payment to suspense, once', async () => {
    const order = await wechatShopOrder();
    await send(paths.notify, notification(order));
    for (let time = 0; time < 2; time++) {
      expect(await send(paths.notify, notification(order, { transaction_id: 'T2' }))).toEqual(success);
    }
    expect(await itemsOf(order)).toMatchObject([
      { sk: `EXCEPTION#paid_twice#wechat#${order.order_no}#T2`, amount: order.amount },
      { sk: 'ORDER', status: 'paid', version: 2 },
      { sk: 'PAYMENT#1', transaction_id: `42000000${order.order_no}` },
      {
        sk: 'SUSPENSE#1#T2',
        debit: shardOf(`provider:wechat.${merchants.wechat}`),
        credit: shardOf(`suspense:wechat.${merchants.wechat}`),
        amount: order.amount,
      },
    ]);
  });

  it.each(['pending', 'paid', 'closed'] as const)(
    'books a payment that was given up to suspense, at its own amount, when its order is %s',
    async (status) => {
      const { order, payment } = parties.orders.shop();
      const next = { ...payment, n: 2, payment_no: `${payment.payment_no}-2`, amount: 9900 };
      await stored({ order: { ...order, amount: 9900, payment: 2, payments: 2, status }, payment: next });
      await table.storePayment({ ...payment, superseded: true, state: 'closed' });
      for (let time = 0; time < 2; time++) {
        expect(await send(paths.notify, notification(order))).toEqual(success);
      }
      expect(await itemsOf(order)).toMatchObject([
        { sk: `EXCEPTION#paid_superseded#wechat#${order.order_no}#42000000${order.order_no}`, amount: 1234 },
        { sk: 'ORDER', status, has_suspense: status === 'pending' },
        {
          sk: 'PAYMENT#1',
          state: 'paid',
          amount: 1234,
          credit: shardOf(`suspense:wechat.${merchants.wechat}`),
        },
        { sk: 'PAYMENT#2', state: 'open' },
      ]);
    },
  );

  it('fails for a payment that was never begun', async () => {
    const order = await wechatShopOrder();
    const message = wechat.signNotification(wechat.transaction(`${order.order_no}-2`, order.amount));
    expect(await send(paths.notify, message)).toEqual(fail(500, '订单不存在'));
    expect(await itemsOf(order)).toMatchObject(untouched);
  });

  it('pays nothing with what was paid before the payment was begun: its number is spent', async () => {
    const { order, payment } = parties.orders.shop();
    await stored({ order, payment: { ...payment, begun_at: '2018-06-09T00:00:00.000Z' } });
    for (let time = 0; time < 2; time++) {
      expect(await send(paths.notify, notification(order))).toEqual(success);
    }
    expect(await itemsOf(order)).toMatchObject([
      { sk: expect.stringMatching(/^EXCEPTION#number_spent#wechat#/), payment_no: order.order_no },
      { sk: 'ORDER', status: 'pending', version: 1 },
      { sk: 'PAYMENT#1', state: 'closed' },
    ]);
  });

  it.each(['refunding', 'refunded', 'closed'] as const)(
    'answers success for the transaction that settled an order which is now %s',
    async (status) => {
      const { order, payment } = parties.orders.shop();
      const transaction_id = `42000000${order.order_no}`;
      await stored({
        order: { ...order, status, paid_by: 1 },
        payment: paidPayment(order, { ...payment, transaction_id, discount: { merchant: 0, provider: 0 } }),
      });
      expect(await send(paths.notify, notification(order))).toEqual(success);
      expect(await itemsOf(order)).toMatchObject([
        { sk: 'ORDER', status, version: 1 },
        { sk: 'PAYMENT#1', version: 1 },
      ]);
    },
  );

  it('books a payment of a closed order to suspense', async () => {
    const { order, payment } = parties.orders.shop();
    await stored({ order: { ...order, status: 'closed' }, payment: { ...payment, state: 'closed' } });
    expect(await send(paths.notify, notification(order))).toEqual(success);
    expect(await itemsOf(order)).toMatchObject([
      { sk: expect.stringMatching(/^EXCEPTION#paid_after_close#wechat#/) },
      { sk: 'ORDER', status: 'closed', version: 1 },
      { sk: 'PAYMENT#1', state: 'paid', credit: shardOf(`suspense:wechat.${merchants.wechat}`) },
    ]);
  });
});

describe('WeChat Pay on /api/pay/callback/wechat', () => {
  it("settles WeChat's own message for a tenant", async () => {
    const order = await wechatOrder();
    const message = wechat.signNotification(wechat.transaction(order.order_no, order.amount));
    expect(await send(paths.wechat, message)).toEqual(success);
    expect((await itemsOf(order))[1]).toMatchObject({ sk: 'PAYMENT#1', credit: shardOf('tenant:7') });
  });

  it("refuses WeChat's own message by its own statuses", async () => {
    const order = await wechatOrder();
    const unknown = wechat.signNotification(wechat.transaction(tenantOrder().order_no, 1));
    expect(await send(paths.wechat, unknown)).toEqual(fail(404, '订单不存在'));
    const other = wechat.signNotification(wechat.transaction(order.order_no, 1));
    expect(await send(paths.wechat, other)).toEqual(fail(400));
    expect(await send(paths.wechat, { ...other, body: Buffer.from('{}') })).toEqual(fail(401));
  });

  it('asks for a refund again whose payment nobody has told of yet', async () => {
    const order = await wechatOrder();
    const notice = wechat.refundNotice(order.order_no, 'console-1', 300, order.amount);
    const refund = wechat.signNotification(notice, { eventType: 'REFUND.SUCCESS' });
    const notYet = '对应的付款尚未入账，请稍后重发';
    expect(await send(paths.wechat, refund)).toEqual(fail(409, notYet));
    expect(await send(paths.notify, refund)).toEqual(fail(500, notYet));
    expect(await itemsOf(order)).toMatchObject(untouched);
    const payment = wechat.signNotification(wechat.transaction(order.order_no, order.amount));
    expect(await send(paths.wechat, payment)).toEqual(success);
    expect(await send(paths.wechat, refund)).toEqual(success);
    expect(await itemsOf(order)).toContainEqual(
      expect.objectContaining({ sk: 'PAYMENT#1', state: 'paid', returned: 300 }),
    );
  });
});

/** What an order's books and people are told of what went back. */
const wentBack = async (order: Order) =>
  (await itemsOf(order)).flatMap(({ sk, returned, amount, fields }) => {
    if (String(sk).startsWith('EXCEPTION#')) return [[sk, amount, fields]];
    return sk === 'PAYMENT#1' ? [[sk, returned]] : [];
  });

describe("WeChat Pay's notice of a refund", () => {
  it.each([
    ['of a payment of another amount', 300, 999],
    ['of more than was paid', 5000, 1999],
  ])('%s is refused, recorded once, and not booked', async (_, refund, total) => {
    const order = await wechatOrder();
    const { order_no, amount } = order;
    await send(paths.wechat, wechat.signNotification(wechat.transaction(order_no, amount)));
    const signed = (of: object) => wechat.signNotification(of, { eventType: 'REFUND.SUCCESS' });
    const wrong = signed(wechat.refundNotice(order_no, 'console-1', refund, total));
    expect(await send(paths.wechat, wrong)).toEqual(fail(400, '与订单不一致：amount'));
    expect(await send(paths.notify, wrong)).toEqual(fail(500, '与订单不一致：amount'));
    const exception = `EXCEPTION#mismatch#wechat#${order_no}#50000000console-1#amount#${refund}#CNY`;
    const told = [exception, refund, ['amount']];
    expect(await wentBack(order)).toEqual([told, ['PAYMENT#1', 0]]);
    const right = { ...wechat.refundNotice(order_no, 'console-2', 300, amount), refund_id: '5030' };
    expect(await send(paths.wechat, signed(right))).toEqual(success);
    expect(await wentBack(order)).toEqual([
      told,
      [`EXCEPTION#unknown_refund#wechat#${order_no}#5030`, 300, []],
      ['PAYMENT#1', 300],
    ]);
  });

  it('with coupons is of the whole amount, whatever the payer paid of it', async () => {
    const order = await wechatOrder();
    const { order_no, amount } = order;
    const paid = { total: amount, payer_total: amount - 500, currency: 'CNY' };
    await send(paths.wechat, wechat.signNotification(wechat.transaction(order_no, amount, { amount: paid })));
    const notice = {
      ...wechat.refundNotice(order_no, 'console-1', amount, amount),
      amount: { total: amount, refund: amount, payer_total: amount - 500, payer_refund: amount - 500 },
    };
    const signed = wechat.signNotification(notice, { eventType: 'REFUND.SUCCESS' });
    expect(await send(paths.wechat, signed)).toEqual(success);
    expect(await wentBack(order)).toContainEqual(['PAYMENT#1', amount]);
  });
});

describe.each<[FlatProvider, () => Promise<Order>]>([
  ['wechat', wechatOrder],
  ['alipay', alipayOrder],
])('the flat body of %s', (provider, newOrder) => {
  const path = paths[provider];
  const fieldsOf = ({ order_no }: Order) => ({
    order_no,
    status: 'succeeded',
    txn_id: `T-${order_no}`,
    amount: '19.99',
    currency: 'CNY',
  });

  it('settles, with and without its optional fields', async () => {
    const [full, bare] = [await newOrder(), await newOrder()];
    expect(await send(path, flat(provider, fieldsOf(full)))).toEqual(envelope(full, 'paid'));
    expect(await send(path, flat(provider, fieldsOf(full)))).toEqual(envelope(full, 'paid'));
    const { order_no, status } = fieldsOf(bare);
    expect(await send(path, flat(provider, { order_no, status }))).toEqual(envelope(bare, 'paid'));
    expect(await send(path, flat(provider, fieldsOf(bare)))).toEqual(envelope(bare, 'paid'));
    expect(await itemsOf(bare)).toMatchObject([
      { sk: 'ORDER', status: 'paid', version: 2 },
      { sk: 'PAYMENT#1', amount: 1999, transaction_id: `T-${order_no}`, credit: shardOf('tenant:7') },
    ]);
  });

  it('fails a pending order but not a paid one', async () => {
    const order = await newOrder();
    const failed = { order_no: order.order_no, status: 'failed' };
    expect(await send(path, flat(provider, failed))).toEqual(envelope(order, 'failed'));
    expect(await send(path, flat(provider, fieldsOf(order)))).toEqual(envelope(order, 'paid'));
    expect(await send(path, flat(provider, failed))).toEqual(envelope(order, 'paid'));
  });

  it('changes nothing when a field is altered, removed or added without being signed', async () => {
    const order = await newOrder();
    const fields: Record<string, string> = fieldsOf(order);
    const good = flat(provider, fields);
    const sig = JSON.parse(good.body.toString()).sig;
    for (const name of Object.keys(fields)) {
      const { [name]: value = '', ...rest } = fields;
      for (const altered of [rest, { ...fields, [name]: `${value}0` }, { ...fields, [name]: '' }]) {
        expect(await send(path, flat(provider, altered as Record<string, string>, sig))).toEqual(
          refusal(401),
        );
      }
    }
    for (const bad of ['', '0'.repeat(64), sig.toUpperCase(), `${sig}0`]) {
      expect(await send(path, flat(provider, fields, bad))).toEqual(refusal(401));
    }
    expect(await send(path, flat(provider, { ...fields, note: 'x' }))).toEqual(
      refusal(400, expect.stringContaining('note')),
    );
    expect(await itemsOf(order)).toMatchObject(untouched);
  });

  it('names the field that is wrong and changes nothing', async () => {
    const order = await newOrder();
    const fields = fieldsOf(order);
    const wrong: [string, Record<string, string>, number][] = [
      ['status', { ...fields, status: 'PAID' }, 400],
      ['amount', { ...fields, amount: '1.005' }, 400],
      ['amount', { ...fields, amount: '１９.99' }, 400],
      ['order_no', { ...fields, order_no: '' }, 400],
    ];
    for (const [name, changed, status] of wrong) {
      expect(await send(path, flat(provider, changed))).toEqual(
        refusal(status, expect.stringContaining(name)),
      );
    }
    expect(await itemsOf(order)).toMatchObject(untouched);
    for (const [name, value] of [
      ['amount', '19.98'],
      ['currency', 'USD'],
    ] as const) {
      const answer = await send(path, flat(provider, { ...fields, [name]: value }));
      expect(answer).toEqual(refusal(400, expect.stringContaining(name)));
    }
    expect(await itemsOf(order)).toMatchObject([
      { sk: expect.stringMatching(/^EXCEPTION#mismatch.*#amount#1998#CNY$/) },
      { sk: expect.stringMatching(/^EXCEPTION#mismatch.*#currency#1999#USD$/) },
      ...untouched,
    ]);
    const unknown = { ...fields, order_no: tenantOrder().order_no };
    expect(await send(path, flat(provider, unknown))).toEqual(refusal(404, '订单不存在'));
  });

  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['no JSON', 'order_no=1'],
    ['a number', '{"order_no":1,"status":"succeeded","sig":"x"}'],
    ['a field twice', '{"order_no":"mall-1","order_no":"mall-2","status":"succeeded","sig":"x"}'],
    ['an ampersand', '{"order_no":"mall-1&status=succeeded","status":"failed","sig":"x"}'],
    ['a prototype', '{"__proto__":"x","order_no":"mall-1","status":"succeeded","sig":"x"}'],
    ['a BOM', '\uFEFF{"order_no":"mall-1","status":"succeeded","sig":"x"}'],
  ])('is refused with %s', async (_, body) => {
    expect(await call('POST', path, { body })).toEqual(refusal(400));
  });
});

describe('Alipay', () => {
  const paid = (order: Order, changes = {}) =>
    alipay.signNotification(alipay.trade(order.order_no, '19.99', changes));

  it('settles and is told so in its own words', async () => {
    const order = await alipayOrder();
    expect(await send(paths.alipay, paid(order))).toEqual(text(200, 'success'));
    expect(await send(paths.alipay, paid(order, { trade_status: 'TRADE_FINISHED' }))).toEqual(
      text(200, 'success'),
    );
    expect(await sortKeys(order)).toEqual(['ORDER', 'PAYMENT#1']);
  });

  it('may write GBK', async () => {
    const order = await alipayOrder();
    const message = alipay.signNotification(alipay.trade(order.order_no, '19.99', { subject: '苹果' }), {
      charset: 'gbk',
    });
    expect(await send(paths.alipay, message)).toEqual(text(200, 'success'));
    expect(await sortKeys(order)).toEqual(['ORDER', 'PAYMENT#1']);
  });

  it.each([
    ['more than was paid, by a number', { refund_fee: '50.00', out_biz_no: 'console-1' }, 'console-1', 5000],
    ['more than was paid, by none', { refund_fee: '50.00' }, 'total-5000-2024051322001498491428765432', 5000],
    ['a part of another amount', { refund_fee: '5.00', total_amount: '9.99', out_biz_no: '1' }, '1', 500],
  ])('is not believed to have returned %s', async (_, said, name, amount) => {
    const order = await alipayOrder();
    await send(paths.alipay, paid(order));
    for (let time = 0; time < 2; time++) {
      expect(await send(paths.alipay, paid(order, said))).toEqual(text(400, 'failure'));
    }
    const exception = `EXCEPTION#mismatch#alipay#${order.order_no}#${name}#amount#${amount}#CNY`;
    expect(await wentBack(order)).toEqual([
      [exception, amount, ['amount']],
      ['PAYMENT#1', 0],
    ]);
    // The sum of all refunds so far, up to all of it.
    for (const refund_fee of ['5.00', '19.99']) {
      expect(await send(paths.alipay, paid(order, { refund_fee }))).toEqual(text(200, 'success'));
    }
    expect(await wentBack(order)).toContainEqual(['PAYMENT#1', 1999]);
  });

  it('does nothing while the buyer has not paid', async () => {
    const order = await alipayOrder();
    expect(await send(paths.alipay, paid(order, { trade_status: 'WAIT_BUYER_PAY' }))).toEqual(
      text(200, 'success'),
    );
    expect(await itemsOf(order)).toMatchObject(untouched);
  });

  it.each([
    ['leaves an order pending that has time left', 3_600_000, 'pending'],
    ['closes an order whose time is over', -1_000, 'closed'],
  ] as const)('closes the payment that timed out, and %s', async (_, left_ms, status) => {
    const { order, payment } = parties.orders.alipay();
    const expires_at = new Date(Date.now() + left_ms).toISOString();
    await stored({ order: { ...order, expires_at }, payment });
    expect(await send(paths.alipay, paid(order, { trade_status: 'TRADE_CLOSED' }))).toEqual(
      text(200, 'success'),
    );
    expect(await itemsOf(order)).toMatchObject([{ status }, { state: 'closed' }]);
    // What was paid in the last moment pays the order that can still be paid.
    expect(await send(paths.alipay, paid(order))).toEqual(text(200, 'success'));
    const items = (await itemsOf(order)).filter(({ sk }) => !String(sk).startsWith('EXCEPTION'));
    expect(items).toMatchObject([{ status: status === 'pending' ? 'paid' : 'closed' }, { state: 'paid' }]);
  });

  it.each([
    ['total_amount', '0.01', 400],
    ['seller_id', '2088000000000000', 400],
    ['app_id', '2021000000000000', 400],
  ])('is refused for another %s although signed', async (name, value, status) => {
    const order = await alipayOrder();
    expect(await send(paths.alipay, paid(order, { [name]: value }))).toEqual(text(status, 'failure'));
    expect(await itemsOf(order)).toMatchObject([
      { sk: expect.stringMatching(/^EXCEPTION#mismatch#alipay#/) },
      ...untouched,
    ]);
  });

  it('changes nothing when a parameter is altered, removed, doubled or added', async () => {
    const order = await alipayOrder();
    const message = paid(order);
    const pairs = message.body.toString().split('&');
    for (let index = 0; index < pairs.length; index++) {
      const pair = pairs[index] ?? '';
      const variants = [
        pairs.toSpliced(index, 1),
        pairs.toSpliced(index, 1, `${pair}0`),
        pairs.toSpliced(index, 0, pair),
        [...pairs, 'extra=1'],
      ];
      for (const variant of variants) {
        const answer = await send(paths.alipay, { ...message, body: Buffer.from(variant.join('&')) });
        expect([400, 401]).toContain(answer.status);
        expect(answer.body).toBe('failure');
      }
    }
    expect(await itemsOf(order)).toMatchObject(untouched);
  });

  it('is refused for an order that is not there', async () => {
    expect(await send(paths.alipay, paid(tenantOrder()))).toEqual(text(404, 'failure'));
  });
});

describe('Stripe', () => {
  const paid = (order: Order, session = {}) =>
    stripe.signEvent(stripe.paidEvent(order.order_no, order.amount, order.currency.toLowerCase(), session));

  it('settles and answers in the envelope', async () => {
    const order = await stripeOrder();
    expect(await send(paths.stripe, paid(order))).toEqual(envelope(order, 'paid'));
    expect(await send(paths.stripe, paid(order))).toEqual(envelope(order, 'paid'));
    expect(await sortKeys(order)).toEqual(['ORDER', 'PAYMENT#1']);
  });

  it('takes the flat body under the same signature', async () => {
    const order = await stripeOrder();
    const fields = { order_no: order.order_no, status: 'succeeded', txn_id: 'pi_1' };
    expect(await send(paths.stripe, stripe.signFlat(fields))).toEqual(envelope(order, 'paid'));
    const failed = { order_no: order.order_no, status: 'failed' };
    expect(await send(paths.stripe, stripe.signFlat(failed))).toEqual(envelope(order, 'paid'));
    const unsigned = { headers: {}, body: Buffer.from(JSON.stringify(fields)) };
    expect(await send(paths.stripe, unsigned)).toEqual(refusal(401));
  });

  it.each([
    ['whose order has time left', 3_600_000, 'failed'],
    ['whose order is over', -1_000, 'closed'],
  ] as const)(
    'waits for a payment that is not there yet, fails it, and closes it: %s',
    async (_, left_ms, last) => {
      const { order: begun, payment } = parties.orders.stripe();
      const expires_at = new Date(Date.now() + left_ms).toISOString();
      const order = await stored({ order: { ...begun, expires_at }, payment });
      const unpaid = await send(paths.stripe, paid(order, { payment_status: 'unpaid' }));
      expect(unpaid).toEqual({ status: 200, contentType: json, body: { code: 0, msg: '成功', data: null } });
      const session = {
        client_reference_id: order.order_no,
        metadata: { order_no: order.order_no },
        amount_total: 1999,
        currency: 'usd',
        payment_intent: 'pi_1',
      };
      const event = (type: string) => stripe.signEvent(stripe.sessionEvent(type, session));
      expect(await send(paths.stripe, event('checkout.session.async_payment_failed'))).toEqual(
        envelope(order, 'failed'),
      );
      expect(await send(paths.stripe, event('checkout.session.expired'))).toEqual(envelope(order, last));
      expect(await itemsOf(order)).toMatchObject([{ status: last }, { sk: 'PAYMENT#1', state: 'closed' }]);
    },
  );

  it('acknowledges a genuine event that names no order of ours', async () => {
    const nothing = { status: 200, contentType: json, body: { code: 0, msg: '成功', data: null } };
    expect(await send(paths.stripe, stripe.signEvent(stripe.paidEvent('someone-elses', 1)))).toEqual(nothing);
    expect(
      await send(paths.stripe, stripe.signEvent({ object: 'event', type: 'customer.created', data: {} })),
    ).toEqual(nothing);
    expect(await send(paths.stripe, stripe.signEvent(stripe.paidEvent(tenantOrder().order_no, 1)))).toEqual(
      refusal(404, '订单不存在'),
    );
  });

  it('is refused for another amount, currency or mode although signed', async () => {
    const order = await stripeOrder();
    const event = stripe.paidEvent(order.order_no, 1999);
    for (const changed of [{ amount_total: 1 }, { currency: 'eur' }]) {
      expect(await send(paths.stripe, paid(order, changed))).toEqual(refusal(400));
    }
    const live = stripe.signEvent({ ...event, livemode: true });
    expect(await send(paths.stripe, live)).toEqual(refusal(400, expect.stringContaining('merchant')));
    expect(await itemsOf(order)).toMatchObject([
      { sk: expect.stringMatching(/^EXCEPTION#mismatch#stripe#.*#amount#1#USD$/) },
      { sk: expect.stringMatching(/^EXCEPTION#mismatch#stripe#.*#currency#1999#EUR$/) },
      { sk: expect.stringMatching(/^EXCEPTION#mismatch#stripe#.*#merchant#1999#USD#.*\.live$/) },
      ...untouched,
    ]);
  });

  it('changes nothing when its header or body is altered or old', async () => {
    const order = await stripeOrder();
    const message = paid(order);
    const header = message.headers['stripe-signature'] ?? '';
    for (const bad of [
      undefined,
      '',
      header.replace('t=', 't=1,t='),
      header.replace('v1=', 'v0='),
      `${header}0`,
    ]) {
      const headers = { ...message.headers, 'stripe-signature': bad };
      expect(await send(paths.stripe, { ...message, headers })).toEqual(refusal(401));
    }
    const body = Buffer.from(message.body.toString().replace('1999', '1'));
    expect(await send(paths.stripe, { ...message, body })).toEqual(refusal(401));
    for (const at of [Date.now() - 600_000, Date.now() + 600_000]) {
      const late = stripe.signEvent(stripe.paidEvent(order.order_no, 1999), { at });
      expect(await send(paths.stripe, late)).toEqual(refusal(401));
    }
    expect(await itemsOf(order)).toMatchObject(untouched);
  });
});

describe('another provider', () => {
  it('cannot settle an order that was made for one', async () => {
    const order = await alipayOrder();
    const message = wechat.signNotification(wechat.transaction(order.order_no, order.amount));
    expect(await send(paths.wechat, message)).toEqual(fail(400, expect.stringContaining('provider')));
    expect(await itemsOf(order)).toMatchObject([{ fields: ['provider', 'merchant'] }, ...untouched]);
  });

  it('cannot settle an order that costs nothing', async () => {
    const order = await table.store({ order: shopOrder({ amount: 0, payment: null, payments: 0 }) });
    const message = wechat.signNotification(wechat.transaction(order.order_no, 1));
    expect(await send(paths.notify, message)).toEqual(fail(500, '订单不存在'));
    expect(await itemsOf(order)).toMatchObject([{ sk: 'ORDER', status: 'pending', version: 1 }]);
  });
});
