import { DeleteTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints, routesOf } from '../../../infra/endpoints.ts';
import { type LocalSystem, startLocalSystem } from '../../../infra/local/system.ts';
import { operationIdOf } from '../../../infra/openapi/operation-id.ts';
import { isoTime, systemIo } from '../../../lib/io.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import type { Order, TenantOrder } from '../../../lib/orders/order.ts';
import { MAX_PAYMENTS } from '../../../lib/orders/order-number.ts';
import { flatSignature } from '../../../lib/providers/flat-callback.ts';
import type { RawMessage } from '../../../lib/providers/message.ts';
import type { DayResult } from '../../../lib/reconciliation/day-result.ts';
import { emptyTally } from '../../../lib/reconciliation/tally.ts';
import { createDeliveryStore } from '../../../lib/store/delivery-store.ts';
import { deliveryKey } from '../../../lib/store/delivery-table.ts';
import { dayShard, merchantDayKey } from '../../../lib/store/keys.ts';
import { encodeDeliveryId } from '../../../lib/webhooks/delivery.ts';
import { createAlipayParty } from '../../support/alipay.ts';
import { deliveryOf } from '../../support/deliveries.ts';
import { sendRequest } from '../../support/http-client.ts';
import { type LoopbackServer, type ServerCall, startLoopbackServer } from '../../support/loopback-server.ts';
import { tenantOrder } from '../../support/orders.ts';
import { type Begun, beginPayment, createParties, openTable } from '../../support/parties.ts';
import { createStripeParty } from '../../support/stripe.ts';
import { sharedSystemParts } from '../../support/system-parts.ts';
import { createWechatParty } from '../../support/wechat.ts';
import { type DocumentedAnswer, deviations, documentedAnswers, operations } from './conformance.ts';

/** Asks every operation for every answer that the document knows, and compares what comes with what it says. */

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const parties = createParties();
const { wechat, alipay, stripe } = parties;
const ofTenant = createPartiesOfTenant();
const observed = new Set<string>();
let provider: LoopbackServer;
let providerWorks = true;
/** What the provider holds of a refund, where it is not of `mall-1`. */
let heldRefund: object | null = null;
/** What WeChat says of what was sent. */
let shippingErrcode = 0;
let system: LocalSystem;
let table: ReturnType<typeof openTable>;

beforeAll(async () => {
  provider = await startLoopbackServer((call) => {
    const text = JSON.stringify(providerWorks ? wechatAnswer(call) : {});
    return { status: providerWorks ? 200 : 500, headers: wechat.signBody(text), body: text };
  });
  const documents = {
    ...parties.documents,
    wechat: {
      ...wechat.document,
      apps: { [wechat.document.appid]: { secret: 'a1'.repeat(16) } },
      base_url: provider.baseUrl,
      api_base_url: provider.baseUrl,
    },
    tenants: { 9: ofTenant.document },
  };
  system = await startLocalSystem({
    port: 0,
    consolePort: 0,
    documents,
    parts: await sharedSystemParts(),
    log: () => {},
  });
  table = openTable(system);
});
afterAll(async () => {
  await system?.stop();
  await provider?.close();
});

/** The providers of a tenant that is paid to merchants of its own, and orders that are to be paid to them. */
function createPartiesOfTenant() {
  const [wechat, alipay, stripe] = [
    createWechatParty({ mchid: '1230000999' }),
    createAlipayParty({ app_id: '2021000122679999' }),
    createStripeParty({ account: 'acct_1SettleTenant' }),
  ];
  const { mchid, appid } = wechat.document;
  const merchants = {
    wechat: mchid,
    alipay: `${alipay.document.app_id}.${alipay.document.seller_id}`,
    stripe: `${stripe.document.account}.test`,
  };
  const begin = (provider: Provider, changes: Partial<TenantOrder>) =>
    beginPayment(tenantOrder({ tenant_id: 9, ...changes }), {
      ...{ provider, merchant: merchants[provider] },
      appid: provider === 'wechat' ? appid : null,
    });
  return {
    ...{ wechat, alipay, stripe },
    document: {
      paid_to: 'own',
      wechat: wechat.document,
      alipay: alipay.document,
      stripe: stripe.document,
    },
    orders: {
      wechat: () => begin('wechat', { currency: 'CNY' }),
      alipay: () => begin('alipay', { currency: 'CNY' }),
      stripe: () => begin('stripe', {}),
    },
  };
}

function wechatAnswer({ path }: ServerCall): object {
  if (path.startsWith('/cgi-bin/stable_token')) return { access_token: 'token-1', expires_in: 7_200 };
  if (path.startsWith('/wxa/sec/order/upload_shipping_info')) return { errcode: shippingErrcode };
  if (path.startsWith('/v3/pay/transactions/out-trade-no/')) return { payer: { openid: 'openid-1' } };
  if (path.endsWith('/jsapi')) return { prepay_id: 'wx22' };
  if (path.endsWith('/native')) return { code_url: 'weixin://wxpay/bizpayurl?pr=1' };
  return heldRefund ?? wechat.refund('mall-1', 'mall-1-r1', 100, 1999);
}

interface Sent {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  readonly role?: 'admin' | 'tenant 8' | 'viewer' | 'user' | 'nobody';
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

/** Of an administrator who reaches tenant 8 alone, or of a viewer. */
function signToken(claims: Readonly<Record<string, unknown>>): Promise<string> {
  const { issuer, audience, hs256_secret } = system.documents.auth as Record<string, string>;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('somebody')
    .setIssuer(issuer ?? '')
    .setAudience(audience ?? '')
    .setExpirationTime('1h')
    .sign(Buffer.from(hs256_secret ?? ''));
}

/** By the name of the endpoint, with `tenant-` before it where it is a tenant's. */
const routes = new Map(
  endpoints.flatMap((endpoint) =>
    routesOf(endpoint).map((route, index) => [`${index > 0 ? 'tenant-' : ''}${endpoint.name}`, route]),
  ),
);

/** Calls the operation; its answer must be one that the document knows. */
async function expectDocumented(name: string, status: number, sent: Sent = {}): Promise<unknown> {
  const operation = operationIdOf(name);
  const { method, path = '' } = routes.get(name) ?? {};
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => String(sent.path?.[name])) + (sent.query ?? '');
  const tokens = {
    ...{ admin: system.tokens?.admin, user: system.tokens?.user, nobody: undefined },
    'tenant 8': await signToken({ role: 'admin', tenant_id: 8 }),
    viewer: await signToken({ role: 'viewer' }),
  };
  const token = tokens[sent.role ?? 'admin'];
  const answer = await sendRequest(system.url, method ?? '', url, {
    ...(token !== undefined && { token }),
    ...(sent.headers && { headers: sent.headers }),
    ...(sent.body !== undefined && { body: sent.body }),
  });
  const mediaType = answer.contentType?.split(';')[0];
  const documented = documentedAnswers.find(
    (known) =>
      known.operation === operation && known.status === String(status) && known.mediaType === mediaType,
  );
  const wrong = documented
    ? [...deviations(documented.schema, answer.body), ...strayHeaders(documented, answer.headers)]
    : ['not documented'];
  expect({ operation, status: answer.status, body: answer.body, wrong }).toEqual({
    operation,
    status,
    body: expect.anything(),
    wrong: [],
  });
  expect([undefined, 0, 'SUCCESS', 'FAIL', status]).toContain((answer.body as { code?: unknown }).code);
  observed.add(`${operation} ${status} ${mediaType}`);
  return (answer.body as { data?: unknown }).data;
}

/** Which headers are not as the document says: an error has its words for machines, a table its cursor. */
function strayHeaders({ headers: documented }: DocumentedAnswer, headers: Headers): string[] {
  const known = ['settle-error', 'settle-error-field', 'settle-cursor', 'www-authenticate'];
  const isRight = (name: string) => {
    const value = headers.get(name);
    if (value === null)
      return !(name in documented) || name === 'settle-error-field' || name === 'settle-cursor';
    return name in documented && (documented[name]?.includes(value) ?? true);
  };
  return known.filter((name) => !isRight(name)).map((name) => `${name}: ${headers.get(name)}`);
}

/** Who is refused by what is for these. */
const refusedRoles: Readonly<Record<string, readonly string[]>> = {
  admin: ['viewer', 'user'],
  viewer: ['user'],
  user: ['viewer'],
  anyone: [],
};

/** As the document says. */
function neededRole(name: string): string {
  const [required] =
    operations.find(({ operationId }) => operationId === operationIdOf(name))?.security ?? [];
  return required?.token[0] ?? 'anyone';
}

const csv = { headers: { accept: 'text/csv' } };

const checkout = { tenant_id: 7, amount: 19.99, provider: 'wechat' };
const shopOrder = { user_id: 'user-1', openid: 'openid-1', amount: 19.99, points: 0, description: '苹果' };
const tooLarge = ' '.repeat(300_000);
const key = (text: string) => ({ 'idempotency-key': text });

async function paid<T extends Order>(begun: Begun<T>): Promise<T> {
  const order = await table.store(begun);
  await expectDocumented('wechat-callback', 200, flat(wechat, { order_no: order.order_no, txn_id: 'T1' }));
  return order;
}

function flat(
  { document }: { readonly document: { readonly callback_keys: readonly string[] } },
  changes: Readonly<Record<string, string>>,
): Sent {
  const fields = { status: 'succeeded', ...changes };
  const sig = flatSignature(new Map(Object.entries(fields)), Buffer.from(document.callback_keys[0] ?? ''));
  return { role: 'nobody', body: { sig, ...fields } };
}

const raw = ({ headers, body }: RawMessage): Sent => ({ role: 'nobody', headers, body });
const withBody = (message: RawMessage, body: string): Sent => raw({ ...message, body: Buffer.from(body) });

it('what callers without a token, a role or a sound body are answered', async () => {
  for (const { name } of endpoints.filter(({ callback }) => !callback)) {
    await expectDocumented(name, 401, {
      role: 'nobody',
      path: { kind: 'mall', id: 1, account: 'shop:mall', refund_no: 'mall-1-r1' },
    });
  }
  for (const { name } of endpoints.filter(({ callback }) => !callback)) {
    const path = { kind: 'mall', id: 1, order_no: 'mall-1', account: 'shop:mall', refund_no: 'mall-1-r1' };
    for (const role of ['admin', 'viewer', 'user'] as const) {
      const isTaken = !refusedRoles[neededRole(name)]?.includes(role);
      // Whoever may ask is told that there is no such parameter.
      await expectDocumented(name, isTaken ? 400 : 403, { role, path, query: '?x=1' });
    }
  }
  const withBodies = ['checkout', 'refund', 'resolve-exception', 'put-shop-order', 'ship-order'];
  for (const name of [...withBodies, 'redeliver-period']) {
    const path = { kind: 'mall', id: 1 };
    await expectDocumented(name, 400, { path, body: {}, headers: key('k') });
    await expectDocumented(name, 413, { path, body: tooLarge, headers: key('k') });
    await expectDocumented(name, 415, { path, body: '{}', headers: { 'content-type': 'text/plain' } });
  }
  const withoutBodies = ['pay-mall-order', 'pay-meal-order', 'close-shop-order', 'close-order'];
  for (const name of [...withoutBodies, 'repair-refund', 'redeliver']) {
    const path = { kind: 'mall', id: 1, order_no: 'mall-1', refund_no: 'mall-1-r1' };
    await expectDocumented(name, 413, { path, body: tooLarge });
  }
});

it('orders of a shop', async () => {
  const path = { kind: 'mall', id: 1 };
  const put = (body: object, id = 1) => ({ path: { kind: 'mall', id }, body });
  await expectDocumented('put-shop-order', 201, put(shopOrder));
  await expectDocumented('put-shop-order', 200, put(shopOrder));
  await expectDocumented('get-shop-order', 200, { role: 'user', path });
  await expectDocumented('get-shop-order', 404, { role: 'user', path: { kind: 'mall', id: 2 } });
  await expectDocumented('get-shop-order', 400, { role: 'user', path: { kind: 'mall', id: 'x' } });
  for (const kind of ['mall', 'meal']) {
    const name = `pay-${kind}-order`;
    await expectDocumented('put-shop-order', 201, { path: { kind, id: 3 }, body: shopOrder });
    await expectDocumented(name, 200, { role: 'user', path: { id: 3 } });
    await expectDocumented(name, 404, { role: 'user', path: { id: 404 } });
    await expectDocumented(name, 400, { role: 'user', path: { id: 0 } });
    const free = { ...shopOrder, amount: 0, points: 5 };
    await expectDocumented('put-shop-order', 201, { path: { kind, id: 4 }, body: free });
    expect(await expectDocumented(name, 200, { role: 'user', path: { id: 4 } })).toEqual({ paid: true });
    await expectDocumented('put-shop-order', 409, { path: { kind, id: 4 }, body: shopOrder });
    await expectDocumented('put-shop-order', 201, { path: { kind, id: 5 }, body: shopOrder });
    await table.change({ order_no: `${kind}-5` }, { payments: MAX_PAYMENTS });
    await expectDocumented(name, 409, { role: 'user', path: { id: 5 } });
    await table.change({ order_no: `${kind}-5` }, { payments: 0 });
    providerWorks = false;
    await expectDocumented(name, 502, { role: 'user', path: { id: 5 } });
    await expectDocumented('put-shop-order', 502, {
      path: { kind, id: 3 },
      body: { ...shopOrder, amount: 1 },
    });
    providerWorks = true;
  }
});

it('orders that are given up', async () => {
  const user = (id: number | string) => ({ role: 'user', path: { kind: 'mall', id } }) as const;
  const admin = (order_no: string) => ({ path: { order_no } });
  for (const id of [21, 22, 23]) {
    await expectDocumented('put-shop-order', 201, { path: { kind: 'mall', id }, body: shopOrder });
  }
  await expectDocumented('close-shop-order', 200, user(21));
  await expectDocumented('close-order', 200, admin('mall-22'));
  await expectDocumented('pay-mall-order', 200, user(23));
  providerWorks = false;
  await expectDocumented('close-shop-order', 502, user(23));
  await expectDocumented('close-order', 502, admin('mall-23'));
  providerWorks = true;
  await expectDocumented('wechat-callback', 200, flat(wechat, { order_no: 'mall-23', txn_id: 'T1' }));
  await expectDocumented('close-shop-order', 409, user(23));
  await expectDocumented('close-order', 409, admin('mall-23'));
  await expectDocumented('close-shop-order', 404, user(404));
  await expectDocumented('close-order', 404, admin('mall-404'));
  await expectDocumented('close-shop-order', 400, user('x'));
});

it('orders that are sent', async () => {
  const path = { kind: 'mall', id: 31 };
  const body = {
    logistics_type: 'courier',
    items: '苹果',
    parcels: [{ express_company: 'ZTO', tracking_no: '1' }],
  };
  const pickup = { logistics_type: 'pickup', items: '苹果' };
  await expectDocumented('ship-order', 404, { path, body });
  await expectDocumented('put-shop-order', 201, { path, body: shopOrder });
  await expectDocumented('ship-order', 409, { path, body });
  await expectDocumented('pay-mall-order', 200, { role: 'user', path });
  await expectDocumented('wechat-callback', 200, flat(wechat, { order_no: 'mall-31', txn_id: 'T1' }));
  shippingErrcode = -1;
  expect(await expectDocumented('ship-order', 202, { path, body })).toMatchObject({ state: 'open' });
  shippingErrcode = 0;
  expect(await expectDocumented('ship-order', 200, { path, body: pickup })).toMatchObject({ state: 'told' });
  shippingErrcode = 10060024;
  await expectDocumented('ship-order', 409, { path, body });
  shippingErrcode = 0;
});

it('checkouts', async () => {
  const made = await expectDocumented('checkout', 201, { body: checkout, headers: key('a') });
  const { order_no } = made as { order_no: string };
  await expectDocumented('get-order', 200, { path: { order_no } });
  const path = { order_no };
  for (const name of ['get-order', 'get-order-history', 'list-refunds']) {
    await expectDocumented(name, 200, { path });
    await expectDocumented(name, 404, { path: { order_no: 'mall-404' } });
  }
  const page = await expectDocumented('list-orders', 200, { query: '?tenant_id=7&limit=1' });
  expect(page).toMatchObject({ orders: [{ order_no }], cursor: null });
  await expectDocumented('list-orders', 200, { query: '?tenant_id=7', ...csv });
  await expectDocumented('list-orders', 400);
  await expectDocumented('checkout', 409, { body: { ...checkout, amount: 1 }, headers: key('a') });
  providerWorks = false;
  await expectDocumented('checkout', 502, { body: checkout });
  providerWorks = true;
});

it("WeChat Pay's messages at the address for shop orders", async () => {
  const order = await paid(parties.orders.wechat());
  const native = wechat.signNotification(wechat.transaction(order.order_no, order.amount));
  await expectDocumented('wechat-notify', 200, raw(native));
  await expectDocumented('wechat-notify', 401, withBody(native, '{}'));
  const unknown = wechat.signNotification(wechat.transaction('mall-404', 1));
  await expectDocumented('wechat-notify', 500, raw(unknown));
});

describe.each([
  ['the stage', '', parties],
  ["a tenant's own merchants", 'tenant-', ofTenant],
] as const)('callbacks of %s', (_, prefix, { wechat, alipay, stripe, orders }) => {
  const ask = (callback: string, status: number, sent: Sent) =>
    expectDocumented(prefix + callback, status, { ...sent, path: { tenant_id: 9 } });

  it('in the form of WeChat Pay', async () => {
    const order = await table.store(orders.wechat());
    const native = wechat.signNotification(wechat.transaction(order.order_no, order.amount));
    await ask('wechat-callback', 200, raw(native));
    await ask('wechat-callback', 401, withBody(native, '{}'));
    await ask('wechat-callback', 404, raw(wechat.signNotification(wechat.transaction('mall-404', 1))));
    await ask('wechat-callback', 400, raw(wechat.signText('{}')));
    await ask('wechat-callback', 413, withBody(native, tooLarge));
    const untold = await table.store(orders.wechat());
    const notice = wechat.refundNotice(untold.order_no, 'console-1', 100, untold.amount);
    const eventType = 'REFUND.SUCCESS';
    await ask('wechat-callback', 409, raw(wechat.signNotification(notice, { eventType })));
  });

  it('in the form of Alipay', async () => {
    const trade = await table.store(orders.alipay());
    const form = (order_no: string, amount: string) =>
      alipay.signNotification(alipay.trade(order_no, amount));
    await ask('alipay-callback', 200, raw(form(trade.order_no, '19.99')));
    const other = await table.store(orders.alipay());
    await ask('alipay-callback', 400, raw(form(other.order_no, '1.00')));
    await ask('alipay-callback', 401, withBody(form(trade.order_no, '19.99'), 'a=b'));
    await ask('alipay-callback', 404, raw(form('mall-404', '19.99')));
    await ask('alipay-callback', 413, withBody(form(trade.order_no, '19.99'), tooLarge));
    const returned = { trade_status: 'TRADE_CLOSED', refund_fee: '19.99' };
    const notice = alipay.trade(other.order_no, '19.99', returned);
    await ask('alipay-callback', 409, raw(alipay.signNotification(notice)));
  });

  it.each([
    ['alipay-callback', alipay, orders.alipay],
    ['wechat-callback', wechat, orders.wechat],
  ] as const)('in the form of a relay: %s', async (name, party, begin) => {
    const { order_no } = await table.store(begin());
    const all = { order_no, txn_id: 'T9', amount: '19.99', currency: 'CNY' };
    await ask(name, 200, flat(party, all));
    await ask(name, 400, flat(party, { ...all, status: 'unheard' }));
    await ask(name, 401, flat(party, { ...all, sig: '0'.repeat(64) }));
    await ask(name, 404, flat(party, { order_no: 'mall-404' }));
    await ask(name, 413, { role: 'nobody', body: tooLarge });
  });

  it('in the form of Stripe', async () => {
    const dollars = await table.store(orders.stripe());
    const event = stripe.signEvent(stripe.paidEvent(dollars.order_no, dollars.amount));
    await ask('stripe-callback', 200, raw(event));
    const noOrder = stripe.signEvent(stripe.sessionEvent('customer.created', {}));
    expect(await ask('stripe-callback', 200, raw(noOrder))).toBe(null);
    await ask('stripe-callback', 200, raw(stripe.signFlat({ ...unsigned(dollars), txn_id: 'T1' })));
    await ask('stripe-callback', 400, raw(stripe.signFlat({ order_no: dollars.order_no })));
    await ask('stripe-callback', 401, withBody(event, '{}'));
    await ask('stripe-callback', 404, raw(stripe.signEvent(stripe.paidEvent('mall-404', 1))));
    await ask('stripe-callback', 413, withBody(event, tooLarge));
    const { order_no } = await table.store(orders.stripe());
    const charge = { metadata: { order_no }, currency: 'usd', amount_refunded: 100 };
    const refunded = stripe.sessionEvent('charge.refunded', { ...charge, payment_intent: 'pi_9' });
    await ask('stripe-callback', 409, raw(stripe.signEvent(refunded)));
  });
});

it('callbacks of a tenant that has no merchants of its own', async () => {
  const path = { tenant_id: 10 };
  const order_no = 'mall-404';
  for (const sent of [
    flat(wechat, { order_no }),
    raw(wechat.signNotification(wechat.transaction(order_no, 1))),
  ])
    await expectDocumented('tenant-wechat-callback', 404, { ...sent, path });
  for (const sent of [
    flat(alipay, { order_no }),
    raw(alipay.signNotification(alipay.trade(order_no, '1.00'))),
  ])
    await expectDocumented('tenant-alipay-callback', 404, { ...sent, path });
  const event = stripe.signEvent(stripe.paidEvent(order_no, 1));
  await expectDocumented('tenant-stripe-callback', 404, { ...raw(event), path });
});

const unsigned = ({ order_no }: Order) => ({ order_no, status: 'succeeded' });

it('the books', async () => {
  const order = await paid(parties.orders.wechat());
  const { order_no } = order;
  const ask = (body: object, name: string) => ({ body, headers: key(name) });
  await expectDocumented('refund', 202, ask({ order_no, amount: 1, reason: '退款' }, 'r1'));
  await expectDocumented('get-refund', 200, { path: { refund_no: `${order_no}-r1` } });
  await expectDocumented('get-refund', 404, { path: { refund_no: `${order_no}-r9` } });
  const refunds = await expectDocumented('list-refunds', 200, { path: { order_no } });
  expect(refunds).toMatchObject({ refunds: [{ refund_no: `${order_no}-r1` }] });
  await expectDocumented('list-refunds', 200, { path: { order_no }, ...csv });
  await expectDocumented('refund', 409, ask({ order_no, amount: 2, reason: '退款' }, 'r1'));
  await expectDocumented('refund', 400, ask({ order_no, amount: 99, reason: '退款' }, 'r2'));
  await expectDocumented('refund', 404, ask({ order_no: 'mall-404', reason: '退款' }, 'r3'));
  const notice = {
    ...wechat.refundNotice(order_no, `${order_no}-r1`, 100, order.amount),
    out_trade_no: order_no,
  };
  await expectDocumented(
    'wechat-notify',
    200,
    raw(wechat.signNotification(notice, { eventType: 'REFUND.SUCCESS' })),
  );
  await expectDocumented('refund', 200, ask({ order_no, amount: 1, reason: '退款' }, 'r1'));

  await expectDocumented('wechat-callback', 200, flat(wechat, { order_no, txn_id: 'T2' }));
  const ledger = { path: { account: 'tenant:7' } };
  const page = (await expectDocumented('get-ledger', 200, { ...ledger, query: '?limit=1' })) as {
    cursor: string;
    entries: unknown[];
    sums: unknown[];
  };
  expect([page.entries, page.sums].map(({ length }) => length)).toEqual([1, 2]);
  await expectDocumented('get-ledger', 200, { ...ledger, query: `?limit=1&cursor=${page.cursor}` });
  await expectDocumented('get-ledger', 200, { ...ledger, query: '?limit=1', ...csv });
  await expectDocumented('get-ledger', 400, { ...ledger, query: '?limit=101' });
  await expectDocumented('get-ledger', 404, { ...ledger, role: 'tenant 8' });
  const [listed] = await listExceptions('?kind=paid_twice&limit=1');
  expect(listed).toMatchObject({ order_no, kind: 'paid_twice', state: 'open', resolved: null });
  await expectDocumented('list-exceptions', 200, { query: '?limit=1&state=all&tenant_id=7' });
  await expectDocumented('list-exceptions', 200, csv);
  await expectDocumented('list-exceptions', 400, { query: '?kind=x' });
  const history = await expectDocumented('get-order-history', 200, { path: { order_no } });
  const types = (history as { history: { type: string }[] }).history.map(({ type }) => type);
  expect(new Set(types)).toEqual(new Set(['payment', 'entry', 'refund', 'suspense', 'exception']));

  const path = { id: listed?.id ?? '' };
  await expectDocumented('get-exception', 200, { path });
  await expectDocumented('get-exception', 404, { path: { id: 'x' } });
  const resolve = (resolution: string) => ({ path, body: { resolution, reason: '核对过' } });
  await expectDocumented('resolve-exception', 200, resolve('attributed'));
  await expectDocumented('resolve-exception', 409, resolve('dismissed'));
  await expectDocumented('resolve-exception', 404, { ...resolve('dismissed'), path: { id: 'x' } });
  expect(await listExceptions('?kind=paid_twice&state=resolved')).toMatchObject([path]);
});

async function listExceptions(query: string): Promise<{ id: string }[]> {
  const page = await expectDocumented('list-exceptions', 200, { query });
  return (page as { exceptions: { id: string }[] }).exceptions;
}

it('reconciled days', async () => {
  const result: DayResult = {
    ...{ provider: 'stripe', merchant: parties.merchants.stripe, day: '2026-11-21', state: 'differs' },
    ...{ version: 2, runs: 1, position: null },
    ...{ started_at: '2026-11-22T06:00:00.000Z', finished_at: '2026-11-22T06:00:01.000Z' },
    ...emptyTally(),
    others: { payout: 1 },
    sums: { payment: { USD: 1999 }, refund: { USD: -100 } },
    fees: { payment: { USD: 88_123 } },
  };
  const listed = { listing: dayShard(result), listed_at: '2026-11-21T00:00:00.000Z' };
  await table.put({ ...merchantDayKey(result, result.day), ...result, ...listed });
  const query = '?from=2026-11-20&to=2026-11-22';
  const page = await expectDocumented('list-reconciliations', 200, { query });
  expect(page).toMatchObject({ reconciliations: [{ state: 'differs', fees: [{ amount: '0.88123' }] }] });
  await expectDocumented('list-reconciliations', 200, { query, ...csv });
  await expectDocumented('list-reconciliations', 400, { query: '?from=x' });
});

it('a refund that is repaired', async () => {
  const { order_no, amount } = await paid(parties.orders.wechat());
  const refund_no = `${order_no}-r1`;
  const path = { refund_no };
  await expectDocumented('refund', 202, {
    body: { order_no, amount: 1, reason: '退款' },
    headers: key('repair'),
  });
  await expectDocumented('repair-refund', 409, { path });
  const notice = { ...wechat.refundNotice(order_no, refund_no, 100, amount), refund_status: 'ABNORMAL' };
  const abnormal = wechat.signNotification(notice, { eventType: 'REFUND.ABNORMAL' });
  await expectDocumented('wechat-notify', 200, raw(abnormal));
  providerWorks = false;
  await expectDocumented('repair-refund', 502, { path });
  providerWorks = true;
  heldRefund = wechat.refund(order_no, refund_no, 100, amount, { transaction_id: 'T1', status: 'ABNORMAL' });
  await expectDocumented('repair-refund', 202, { path });
  heldRefund = null;
  await expectDocumented('repair-refund', 404, { path: { refund_no: `${order_no}-r2` } });
});

it('what endpoints of webhooks were sent, and are sent again', async () => {
  const deliveries = openDeliveries();
  const timestamp = isoTime(Date.now());
  const givenUp = deliveryOf({
    timestamp,
    state: 'given_up',
    reason: 'gone',
    due_at: null,
    ended_at: timestamp,
  });
  await deliveries.store.add(givenUp);
  await deliveries.store.countFailure('tenant:9', timestamp);
  const state = await expectDocumented('list-webhooks', 200);
  expect(state).toMatchObject({ endpoint: { tenant_id: null }, failing: [{ tenant_id: 9 }] });
  expect(await expectDocumented('list-webhooks', 200, { role: 'tenant 8' })).toMatchObject({
    endpoint: null,
  });
  await expectDocumented('list-webhooks', 400, { query: '?tenant_id=x' });

  const path = { id: encodeDeliveryId(givenUp) };
  const page = await expectDocumented('list-deliveries', 200, { query: '?state=given_up' });
  expect(page).toMatchObject({ deliveries: [{ ...path, reason: 'gone' }] });
  await expectDocumented('list-deliveries', 200, csv);
  await expectDocumented('list-deliveries', 400, { query: '?state=open' });
  await expectDocumented('redeliver', 404, { path, role: 'tenant 8' });
  const again = await expectDocumented('redeliver', 202, { path });
  expect(again).toMatchObject({ ...path, redelivered: { by: expect.any(String) } });

  const [from, to] = [-1, 1].map((hours) => isoTime(Date.now() + hours * 3_600_000));
  const period = await expectDocumented('redeliver-period', 202, { body: { from, to, tenant_id: 9 } });
  expect(period).toEqual({ redelivered: 0, cursor: null });

  // As if it changed each time that it is read.
  await deliveries.put({
    ...deliveryKey(givenUp),
    version: '1',
    attempts: [],
    state: 'due',
    type: 'order.paid',
  });
  await expectDocumented('redeliver', 409, { path });
});

/** As if written by who delivers them. */
function openDeliveries() {
  const { dynamodbEndpoint: endpoint, deliveriesTable: tableName } = system;
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: 'local', credentials }));
  return {
    store: createDeliveryStore({ client, tableName, io: systemIo }),
    put: openTable({ dynamodbEndpoint: endpoint, tableName }).put,
  };
}

it('everything, when nothing can be stored', async () => {
  const { dynamodbEndpoint: endpoint, tableName } = system;
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials });
  for (const TableName of [tableName, system.deliveriesTable]) {
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await client.send(new DeleteTableCommand({ TableName }));
  }
  client.destroy();
  const path = { kind: 'mall', id: 9, order_no: 'mall-9', account: 'shop:mall', refund_no: 'mall-9-r1' };
  await expectDocumented('put-shop-order', 500, { path, body: shopOrder });
  for (const name of ['pay-mall-order', 'pay-meal-order', 'get-shop-order', 'close-shop-order'])
    await expectDocumented(name, 500, { role: 'user', path });
  await expectDocumented('checkout', 500, { body: checkout });
  await expectDocumented('refund', 500, { body: { order_no: 'mall-9', reason: '退款' }, headers: key('r9') });
  await expectDocumented('ship-order', 500, { path, body: { logistics_type: 'pickup', items: '苹果' } });
  for (const name of [
    ...['get-order', 'get-ledger', 'list-exceptions', 'list-reconciliations', 'repair-refund', 'close-order'],
    ...['list-webhooks', 'list-deliveries', 'get-order-history', 'list-refunds', 'get-refund'],
  ])
    await expectDocumented(name, 500, { path });
  await expectDocumented('list-orders', 500, { query: '?kind=mall' });
  await expectDocumented('redeliver', 500, { path: { id: encodeDeliveryId(deliveryOf()) } });
  await expectDocumented('redeliver-period', 500, { body: { from: '2026-11-21', to: '2026-11-22' } });
  const id = Buffer.from(JSON.stringify(['mall-9', 'x'])).toString('base64url');
  await expectDocumented('get-exception', 500, { path: { id } });
  await expectDocumented('resolve-exception', 500, {
    path: { id },
    body: { resolution: 'dismissed', reason: '核对过' },
  });
  for (const [prefix, party] of [['', parties] as const, ['tenant-', ofTenant] as const]) {
    const failing = (callback: string, sent: Sent) =>
      expectDocumented(prefix + callback, 500, { ...sent, path: { tenant_id: 9 } });
    const transaction = party.wechat.transaction('mall-9', 1);
    await failing('wechat-callback', raw(party.wechat.signNotification(transaction)));
    await failing('wechat-callback', flat(party.wechat, { order_no: 'mall-9' }));
    await failing(
      'alipay-callback',
      raw(party.alipay.signNotification(party.alipay.trade('mall-9', '1.00'))),
    );
    await failing('alipay-callback', flat(party.alipay, { order_no: 'mall-9' }));
    await failing('stripe-callback', raw(party.stripe.signEvent(party.stripe.paidEvent('mall-9', 1))));
  }
});

it('and there is no other answer in the document', () => {
  const documented = documentedAnswers.map(
    ({ operation, status, mediaType }) => `${operation} ${status} ${mediaType}`,
  );
  expect(documented.filter((answer) => !observed.has(answer))).toEqual([]);
});
