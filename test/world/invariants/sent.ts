import type { Replied } from '../cloud.ts';
import { secrets } from '../documents.ts';
import { parseNumber } from '../numbers.ts';
import type { Town } from '../town.ts';
import { findPayment, type Stored } from './stored.ts';

/** Everything that was sent: replies in the contract's forms, requests to the right merchant, and no secret anywhere. */

export function checkReplies(town: Town, replies: readonly Replied[]): string[] {
  return replies.flatMap((reply) => {
    const isForged = town.notes.forged.has(reply.post);
    const wrong = checkForm(reply);
    // At a tenant's address the register is read, once a minute.
    const isTenants = /^\/api\/pay\/callback\/\w+\/\d+$/.test(reply.path);
    if (isForged && reply.requests > 0 && !isTenants) wrong.push('a forged message reached the database');
    if (isForged && reply.status < 400) wrong.push('a forged message was taken');
    return wrong.map(
      (text) => `${reply.method} ${reply.path} → ${reply.status} ${reply.text.slice(0, 100)}: ${text}`,
    );
  });
}

const JSON_TYPE = 'application/json; charset=utf-8';

function checkForm({ path: given, status, headers, text, body }: Replied): string[] {
  // A tenant's address is replied to like the stage's.
  const path = given.replace(/^(\/api\/pay\/callback\/\w+)\/\d+$/, '$1');
  const isAlipayOwn = path === '/api/pay/callback/alipay' && !body.startsWith('{');
  if (isAlipayOwn) {
    const expected = status < 300 ? 'success' : 'failure';
    return text === expected ? [] : [`Alipay must be told ${expected}`];
  }
  if (headers['content-type'] !== JSON_TYPE) return [`content type ${headers['content-type']}`];
  if (!text.endsWith('\n')) return ['a body without the end of its line'];
  if (status >= 400 && !headers['settle-error']) return ['an error without a word'];
  const value = JSON.parse(text) as Record<string, unknown>;
  const isWechatOwn =
    path === '/v2/payments/notify' || (path === '/api/pay/callback/wechat' && body.includes('"resource"'));
  if (isWechatOwn) {
    if (status === 200)
      return text === '{"code":"SUCCESS","message":"成功"}\n' ? [] : ['not as WeChat is told of success'];
    if (path === '/v2/payments/notify' && status !== 401 && status !== 500)
      return [`${status} is not in the seed`];
    return value['code'] === 'FAIL' && typeof value['message'] === 'string'
      ? []
      : ['not as WeChat is told of failure'];
  }
  const word = path.startsWith('/v2/') ? 'message' : 'msg';
  if (path.startsWith('/v2/') && status === 401)
    return text === '{"code":401,"message":"用户未认证"}\n' ? [] : ["not the seed's 401"];
  const names = Object.keys(value).sort().join(',');
  if (names !== ['code', 'data', word].sort().join(',')) return [`fields ${names}`];
  if (typeof value[word] !== 'string') return [`no ${word}`];
  if (status >= 400)
    return value['code'] === status && value['data'] === null ? [] : ['an error of another form'];
  if (value['code'] !== 0) return ['a success whose code is not 0'];
  return checkData(path, value['data']);
}

const statuses = ['pending', 'paid', 'failed', 'closed', 'refunding', 'refunded'];
const state = [
  'order_no',
  'status',
  'amount',
  'currency',
  'provider',
  'transaction_id',
  'created_at',
  'paid_at',
];

function checkData(path: string, data: unknown): string[] {
  const fields = (data ?? {}) as Record<string, unknown>;
  const needs = (...names: readonly string[]) =>
    names.filter((name) => fields[name] === undefined).map((name) => `no ${name}`);
  if (path.startsWith('/api/pay/callback/')) {
    if (data === null) return [];
    return [
      ...needs('order_no', 'status'),
      ...(statuses.includes(String(fields['status'])) ? [] : ['no such status']),
    ];
  }
  if (path.endsWith('/history')) return needs('order', 'history');
  if (path === '/api/pay/checkout') return needs('order_no', 'pay_url');
  if (path.endsWith('/shipping')) return needs('order_no', 'state', 'logistics_type', 'items', 'parcels');
  if (path.endsWith('/pay'))
    return fields['paid'] === true
      ? []
      : needs('appId', 'timeStamp', 'nonceStr', 'package', 'signType', 'paySign');
  if (/^\/v2\/orders\/|^\/api\/pay\/orders\//.test(path))
    return [
      ...needs(...state),
      ...(/^\d+(?:\.\d+)?$/.test(String(fields['amount'])) ? [] : ['amount is no decimal text']),
    ];
  return path === '/api/pay/refund' ? needs('order_no', 'refund_no', 'payment_no', 'requested_by') : [];
}

/** Each provider is asked about its own merchant's payments, and about none that is not stored. */
export function checkAsked({ books }: Town, stored: Stored): string[] {
  const wrong = new Set<string>();
  for (const { verb, number, merchant, provider } of books.asked) {
    if (verb === 'refund' || verb === 'query_refund') {
      const order = [...stored.orders.values()].find(({ refunds }) =>
        refunds.some(({ refund_no }) => refund_no === number),
      );
      const refund = order?.refunds.find(({ refund_no }) => refund_no === number);
      if (refund && refund['merchant'] !== merchant)
        wrong.add(`${merchant} was asked to ${verb} ${number}, which is ${refund['merchant']}'s`);
      continue;
    }
    if (parseNumber(number) === null) continue;
    const found = findPayment(stored, number);
    if (!found) wrong.add(`${provider} was asked to ${verb} ${number}, which is not stored`);
    else if (found.payment['merchant'] !== merchant)
      wrong.add(`${merchant} was asked to ${verb} ${number}, which is ${found.payment['merchant']}'s`);
  }
  return [...wrong];
}

/** Point 5. */
export function checkSecrets({ keys, notes, wecom, wechatApp }: Town, lines: readonly string[]): string[] {
  const hidden = [
    ...secrets(keys),
    ...notes.openids,
    ...notes.contacts,
    ...wechatApp.tokens(),
    'Bearer ',
    'eyJhbGciOi',
    'wechatpay-signature',
  ];
  const told = [...lines, ...wecom.messages.map(({ content }) => content)];
  const wrong: string[] = [];
  for (const text of told)
    for (const secret of hidden)
      if (text.includes(secret)) wrong.push(`${secret.slice(0, 12)}… stands in: ${text.slice(0, 160)}`);
  return wrong;
}

/** The same key and body give the same order. */
export const checkKeys = ({ notes }: Town): string[] =>
  notes.checkouts
    .filter(({ key, order_nos }) => key !== null && order_nos.size > 1)
    .map(({ key, order_nos }) => `${key} made ${[...order_nos].join(', ')}`);

/** A success reply means that it is stored. */
export function checkStoredReplies({ notes }: Town, stored: Stored): string[] {
  const orders = notes.checkouts.flatMap(
    ({ order_nos, tenant_id, amount, currency, description, expires_in }) =>
      [...order_nos].flatMap((order_no) => {
        const order = stored.orders.get(order_no)?.order;
        const isRight =
          order?.['tenant_id'] === tenant_id &&
          order['amount'] === amount &&
          order['currency'] === currency &&
          (description === undefined || order['description'] === description) &&
          Date.parse(String(order['expires_at'])) - Date.parse(String(order['created_at'])) ===
            (expires_in ?? 7_200) * 1_000;
        return isRight ? [] : [`${order_no} was replied to a checkout and is not stored so`];
      }),
  );
  const shop = notes.shopOrders.flatMap(({ order_no, stored: body }) =>
    body === null || stored.orders.has(order_no) ? [] : [`${order_no} was handed over and is not stored`],
  );
  return [...orders, ...shop];
}
