import { constants, createHmac, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Order } from '../../lib/orders/order.ts';
import { flatSignature } from '../../lib/providers/flat-callback.ts';
import type { RawMessage } from '../../lib/providers/message.ts';
import { createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { createParties, openTable } from '../support/parties.ts';
import { postRaw } from '../support/raw-request.ts';
import { signWechatBody } from '../support/wechat.ts';

const parties = createParties();
const { wechat, alipay, stripe, documents } = parties;
const paths = {
  wechat: '/api/pay/callback/wechat',
  alipay: '/api/pay/callback/alipay',
  stripe: '/api/pay/callback/stripe',
} as const;
type Name = keyof typeof paths;
const names: readonly Name[] = ['wechat', 'alipay', 'stripe'];

let system: TestSystem;
let table: ReturnType<typeof openTable>;

beforeAll(async () => {
  system = await startTestSystem({ documents });
  table = openTable(system);
});
afterAll(() => system?.stop());

const newOrder = (name: Name): Promise<Order> => table.store<Order>(parties.orders[name]());
const transaction = ({ order_no, amount }: Order, changes = {}) =>
  wechat.transaction(order_no, amount, changes);
const paid: Record<Name, (order: Order) => RawMessage> = {
  wechat: (order) => wechat.signNotification(transaction(order)),
  alipay: (order) => alipay.signNotification(alipay.trade(order.order_no, '19.99')),
  stripe: (order) => stripe.signEvent(stripe.paidEvent(order.order_no, order.amount)),
};
const send = (name: Name, { headers, body }: RawMessage) =>
  createHttpClient(system.url)('POST', paths[name], { headers, body });
const sendRaw = (name: Name, headers: Record<string, string | string[]>, body: Buffer) =>
  postRaw(system.url + paths[name], headers, body);
const given = ({ headers }: RawMessage) =>
  Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));

async function expectUntouched(order: Order): Promise<void> {
  expect(await table.items(order)).toMatchObject([
    { sk: 'ORDER', status: 'pending', version: 1 },
    { sk: 'PAYMENT#1', state: 'open', version: 1 },
  ]);
}

async function expectPaid(order: Order): Promise<void> {
  expect(await table.items(order)).toMatchObject([
    { sk: 'ORDER', status: 'paid', version: 2 },
    { sk: 'PAYMENT#1', state: 'paid', version: 2 },
  ]);
}

describe('how a body and its headers travel', () => {
  it.each(names)('verifies the same bytes of %s in base64 and under headers of any case', async (name) => {
    const order = await newOrder(name);
    const message = paid[name](order);
    const shouted = Object.fromEntries(given(message).map(([key, value]) => [key.toUpperCase(), value]));
    // No text to API Gateway, which then encodes it. Alipay's form is none in any case, and names its form.
    const type = name === 'alipay' ? {} : { 'CONTENT-TYPE': 'application/octet-stream' };
    expect((await sendRaw(name, { ...shouted, ...type }, message.body)).status).toBe(200);
    await expectPaid(order);
  });

  it.each<[Name, string]>([
    ['wechat', 'wechatpay-signature'],
    ['wechat', 'wechatpay-serial'],
    ['wechat', 'wechatpay-nonce'],
    ['wechat', 'wechatpay-timestamp'],
    ['stripe', 'stripe-signature'],
  ])('refuses a message of %s whose %s comes in two lines', async (name, header) => {
    const order = await newOrder(name);
    const message = paid[name](order);
    const value = message.headers[header] ?? '';
    const headers = { ...Object.fromEntries(given(message)), [header]: [value, value] };
    expect((await sendRaw(name, headers, message.body)).status).toBe(401);
    await expectUntouched(order);
  });

  it.each(names)('makes no difference where a message of %s says that it comes from', async (name) => {
    const origin = { host: 'localhost', 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' };
    const order = await newOrder(name);
    const message = paid[name](order);
    const headers = { ...Object.fromEntries(given(message)), ...origin };
    const forged = Buffer.concat([message.body, Buffer.from(name === 'alipay' ? '&extra=1' : ' ')]);
    expect((await sendRaw(name, headers, forged)).status).toBe(401);
    await expectUntouched(order);
    expect((await sendRaw(name, headers, message.body)).status).toBe(200);
    await expectPaid(order);
  });
});

describe('a genuine signature over', () => {
  const deep = `{"object":"event","a":${'['.repeat(40)}${']'.repeat(40)}}`;
  const texts = [
    'null',
    '[]',
    'no json',
    '\uFEFF{"object":"event"}',
    deep,
    '{"__proto__":{}}',
    '{"constructor":1}',
  ];

  it.each(texts)('something else than a message changes nothing: %j', async (text) => {
    expect((await send('wechat', wechat.signText(text))).status).toBe(400);
    expect((await send('stripe', stripe.signText(text))).status).toBe(400);
  });

  it('bytes that are not UTF-8 is refused', async () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    const t = Math.floor(Date.now() / 1000);
    const v1 = createHmac('sha256', stripe.secret).update(`${t}.`).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${t},v1=${v1}` };
    expect((await send('stripe', { headers, body })).status).toBe(400);
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'the order number %s finds no order',
    async (order_no) => {
      expect((await send('wechat', wechat.signNotification(wechat.transaction(order_no, 1)))).status).toBe(
        404,
      );
      const alipayAnswer = await send('alipay', alipay.signNotification(alipay.trade(order_no, '0.01')));
      expect(alipayAnswer).toMatchObject({ status: 404, body: 'failure' });
      const stripeAnswer = await send('stripe', stripe.signEvent(stripe.paidEvent(order_no, 1)));
      expect(stripeAnswer.body).toMatchObject({ code: 0, data: null });
    },
  );
});

describe('an amount that is no amount', () => {
  it.each([0.1 + 0.2, -1, 1.5, 1e21, 2 ** 53, '1999', null, [1999]])(
    'is refused by its field, although signed: %j',
    async (total) => {
      const order = await newOrder('wechat');
      const message = wechat.signNotification(transaction(order, { amount: { total, currency: 'CNY' } }));
      const answer = await send('wechat', message);
      expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('amount') } });
      await expectUntouched(order);
      const other = await newOrder('stripe');
      const event = stripe.paidEvent(other.order_no, 0, 'usd', { amount_total: total });
      expect(await send('stripe', stripe.signEvent(event))).toMatchObject({
        status: 400,
        body: { msg: expect.stringMatching(/amount/) },
      });
      await expectUntouched(other);
    },
  );

  const decimals = [
    '0.30000000000000004',
    '1e21',
    'NaN',
    '-0',
    '-19.99',
    '1.005',
    '１９.99',
    ' 19.99',
    '90071992547409.93',
    '0x13',
  ];
  it.each(decimals)('is refused as decimal text: %s', async (amount) => {
    const order = await newOrder('alipay');
    const trade = alipay.trade(order.order_no, amount);
    expect(await send('alipay', alipay.signNotification(trade))).toMatchObject({
      status: 400,
      body: 'failure',
    });
    const fields = { order_no: order.order_no, status: 'succeeded', amount };
    const answer = await send('alipay', flat(fields));
    expect(answer).toMatchObject({ status: 400, body: { msg: expect.stringContaining('amount') } });
    await expectUntouched(order);
  });

  function flat(fields: Record<string, string>, key = alipay.document.callback_keys[0] ?? ''): RawMessage {
    const sig = flatSignature(new Map(Object.entries(fields)), Buffer.from(key));
    const body = Buffer.from(JSON.stringify({ ...fields, sig }));
    return { headers: { 'content-type': 'application/json' }, body };
  }
});

describe('another algorithm', () => {
  const stamped = (body: Buffer, timestamp: string, nonce: string) =>
    Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')]);

  it.each([
    ['RSA with SHA-1', 'RSA-SHA1', constants.RSA_PKCS1_PADDING],
    ['RSA-PSS', 'RSA-SHA256', constants.RSA_PKCS1_PSS_PADDING],
    ['RSA with SHA-512', 'RSA-SHA512', constants.RSA_PKCS1_PADDING],
  ])('does not verify, although by the right key: %s', async (_, digest, padding) => {
    const order = await newOrder('wechat');
    const { headers, body } = paid.wechat(order);
    const text = stamped(body, headers['wechatpay-timestamp'] ?? '', headers['wechatpay-nonce'] ?? '');
    const signature = sign(digest, text, { key: wechat.platform.privateKey, padding }).toString('base64');
    const changed = { ...headers, 'wechatpay-signature': signature };
    expect((await send('wechat', { headers: changed, body })).status).toBe(401);
    await expectUntouched(order);
  });

  it('is not taken from what a WeChat message names', async () => {
    const order = await newOrder('wechat');
    const { headers, body } = paid.wechat(order);
    const changed = { ...headers, 'wechatpay-signature-type': 'WECHATPAY2-SHA1-RSA2048' };
    expect((await send('wechat', { headers: changed, body })).status).toBe(401);
    await expectUntouched(order);
  });

  it.each(['RSA', 'RSA2', 'none', ''])('does not verify for Alipay under sign_type %j', async (type) => {
    const order = await newOrder('alipay');
    const { headers, body } = paid.alipay(order);
    const fields = new URLSearchParams(body.toString());
    const content = [...fields]
      .filter(([name]) => name !== 'sign' && name !== 'sign_type')
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`);
    const signature = sign('RSA-SHA1', Buffer.from(content.join('&')), alipay.alipay.privateKey);
    fields.set('sign', signature.toString('base64'));
    fields.set('sign_type', type);
    expect((await send('alipay', { headers, body: Buffer.from(fields.toString()) })).status).toBe(401);
    await expectUntouched(order);
  });
});

describe('a broken seal', () => {
  const altered: [string, (resource: Record<string, string>) => Record<string, unknown>][] = [
    ['a tag that is a byte short', ({ ciphertext = '' }) => ({ ciphertext: cut(ciphertext, 1) })],
    ['a tag of four bytes', ({ ciphertext = '' }) => ({ ciphertext: cut(ciphertext, 12) })],
    [
      'a tag alone',
      ({ ciphertext = '' }) => ({
        ciphertext: Buffer.from(ciphertext, 'base64').subarray(-16).toString('base64'),
      }),
    ],
    ['no ciphertext', () => ({ ciphertext: '' })],
    [
      'junk in base64',
      ({ ciphertext = '' }) => ({ ciphertext: `${ciphertext.slice(0, 8)}!\n${ciphertext.slice(8)}` }),
    ],
    ['a nonce of eleven bytes', ({ nonce = '' }) => ({ nonce: nonce.slice(1) })],
    ['a nonce of thirteen bytes', ({ nonce = '' }) => ({ nonce: `${nonce}0` })],
    ['another nonce', ({ nonce = '' }) => ({ nonce: [...nonce].toReversed().join('') })],
    ['other associated data', () => ({ associated_data: 'refund' })],
    ['another algorithm', () => ({ algorithm: 'AEAD_AES_128_GCM' })],
    ['no object', () => ({ ciphertext: { length: 40 } })],
  ];
  const cut = (base64: string, bytes: number) =>
    Buffer.from(base64, 'base64').subarray(0, -bytes).toString('base64');

  it.each(altered)('in a signed message is refused: %s', async (_, change) => {
    const order = await newOrder('wechat');
    const message = JSON.parse(paid.wechat(order).body.toString());
    const resource = { ...message.resource, ...change(message.resource) };
    expect(await send('wechat', wechat.signText(JSON.stringify({ ...message, resource })))).toMatchObject({
      status: 400,
      body: { code: 'FAIL', message: expect.stringContaining('resource.') },
    });
    await expectUntouched(order);
  });

  it.each([
    ['line breaks', (value: string) => `${value.slice(0, 64)} ${value.slice(64)}`],
    ['the alphabet of URLs', (value: string) => `-_${value.slice(2)}`],
    ['no padding', (value: string) => value.replace(/=+$/, '')],
    ['junk behind', (value: string) => `${value}!`],
  ])('is refused of a signature with %s', async (_, change) => {
    const order = await newOrder('wechat');
    const { headers, body } = paid.wechat(order);
    const signature = change(headers['wechatpay-signature'] ?? '');
    const answer = await send('wechat', { headers: { ...headers, 'wechatpay-signature': signature }, body });
    expect(answer.status).toBe(401);
    await expectUntouched(order);
  });

  it.each(['__proto__', 'constructor', 'toString'])('is not opened by a key named %s', async (serial) => {
    const order = await newOrder('wechat');
    const { body } = paid.wechat(order);
    const headers = signWechatBody(serial, wechat.platform.privateKey, body.toString());
    expect((await send('wechat', { headers, body })).status).toBe(401);
    await expectUntouched(order);
  });
});

describe("Alipay's encoding", () => {
  const replaced = async (from: string, to: string) => {
    const order = await newOrder('alipay');
    const trade = alipay.trade(order.order_no, '19.99', { subject: 'A1+B 2' });
    const { headers, body } = alipay.signNotification(trade);
    expect(body.toString()).toContain(from);
    return {
      order,
      answer: await send('alipay', { headers, body: Buffer.from(body.toString().replace(from, to)) }),
    };
  };

  it.each([
    ['A1%2BB+2', 'A%31%2BB+2'],
    ['A1%2BB+2', 'A1%2bB%202'],
  ])('may write the verified value in another way: %s as %s', async (from, to) => {
    const { order, answer } = await replaced(from, to);
    expect(answer).toMatchObject({ status: 200, body: 'success' });
    await expectPaid(order);
  });

  it.each([
    ['A1%2BB+2', 'A%2531%2BB+2'],
    ['A1%2BB+2', 'A1+B+2'],
    ['A1%2BB+2', 'A1%2BB%2B2'],
  ])('does not let one value pass for another: %s as %s', async (from, to) => {
    const { order, answer } = await replaced(from, to);
    expect(answer).toMatchObject({ status: 401, body: 'failure' });
    await expectUntouched(order);
  });
});

describe('a replay', () => {
  const day = 86_400_000;

  it.each([day, 365 * day])('after %i ms has no effect', async (age) => {
    const at = Date.now() - age;
    const [first, second] = [await newOrder('wechat'), await newOrder('stripe')];
    expect((await send('wechat', wechat.signNotification(transaction(first), { at }))).status).toBe(401);
    const event = stripe.signEvent(stripe.paidEvent(second.order_no, second.amount), { at });
    expect((await send('stripe', event)).status).toBe(401);
    for (const order of [first, second]) await expectUntouched(order);
  });

  it.each(['paid', 'refunding', 'refunded', 'closed'] as const)(
    "of Alipay's message, which bears no time of sending, leaves a %s order as it is",
    async (status) => {
      const order = await newOrder('alipay');
      const message = paid.alipay(order);
      await send('alipay', message);
      const before = await table.items(order);
      await table.change(order, { status });
      expect(await send('alipay', message)).toMatchObject({ status: 200, body: 'success' });
      expect(await table.items(order)).toEqual(
        before.map((item) => (item['sk'] === 'ORDER' ? { ...item, status } : item)),
      );
    },
  );
});
