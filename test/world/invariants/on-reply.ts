import type { Replied } from '../cloud.ts';
import { appid as usualAppid } from '../documents.ts';
import { parseNumber } from '../numbers.ts';
import type { MemoryTable } from '../table/memory-table.ts';
import type { Town } from '../town.ts';
import { confirmedAs } from './stored.ts';

/** What must be so at the moment at which a function gives its reply away. */
export function watchReply(town: Town, table: MemoryTable, replied: Replied): void {
  if (replied.status !== 200 && replied.status !== 201) return;
  checkHandedOut(town, table, replied);
  checkAcknowledged(town, table, replied);
  checkChanged(town, table, replied);
  checkHandedOver(town, table, replied);
}

/**
 * What a bank disputes is not given back: a refund that was taken on is older than what is known of the dispute. An
 * inquiry is ended by a refund.
 */
export function watchRefund(
  { notes }: Town,
  table: MemoryTable,
  { path, status, text, body }: Replied,
): void {
  if (path !== '/api/pay/refund' || status >= 300) return;
  const { refund_no = '', order_no = '' } =
    (JSON.parse(text) as { data: { refund_no?: string; order_no?: string } | null }).data ?? {};
  const own = table.items().filter(({ pk }) => pk === `ORDER#${order_no}`);
  const refund = own.find(
    (item) => item['refund_no'] === refund_no && String(item['sk']).startsWith('REFUND#'),
  );
  const further = own.filter(({ sk }) => String(sk).startsWith('SUSPENSE#'));
  /** The further transaction that it is about; null where it is about the payment's own. */
  const moneyOf = (transaction_id: unknown) =>
    further.find((one) => one['transaction_id'] === transaction_id)?.['transaction_id'] ?? null;
  const disputed = own.find(
    ({ sk, state, refundable, payment, transaction_id, opened_at }) =>
      String(sk).startsWith('DISPUTE#') &&
      state !== 'won' &&
      refundable !== true &&
      moneyOf(transaction_id) === refund?.['suspense'] &&
      payment === refund?.['payment'] &&
      String(opened_at) < String(refund?.['created_at']),
  );
  if (disputed)
    notes.violations.push(`${refund_no} was taken on, though ${disputed['sk']} was known: ${body}`);
}

/** A message of success is taken: its payment is paid, or somebody is told why it is not. */
function checkAcknowledged(
  { notes, marks }: Town,
  table: MemoryTable,
  { path, body, began_at }: Replied,
): void {
  const told = successIn(path, body);
  const parsed = told && parseNumber(told.number);
  const payment = parsed && table.get(`ORDER#${parsed.order_no}`, `PAYMENT#${parsed.n}`);
  if (!told || !payment) return;
  const hasChanged = table.changes
    .slice(-40)
    .some(({ after, time }) => time >= began_at && after?.['pk'] === payment['pk']);
  if (payment['state'] === 'paid' && !hasChanged) marks.take('already_settled');
  if (payment['state'] !== 'paid' && !hasException(table, String(payment['order_no']))) {
    notes.violations.push(`${told.number} was acknowledged as paid, and is ${payment['state']}`);
  }
  if (told.transaction_id !== null && payment['state'] === 'paid' && payment['transaction_id'] === null) {
    notes.violations.push(
      `${told.number} was acknowledged as paid by ${told.transaction_id}, which is not stored`,
    );
  }
}

const hasException = (table: MemoryTable, order_no: string) => exceptionsOf(table, order_no).length > 0;

function successIn(path: string, body: string): { number: string; transaction_id: string | null } | null {
  if (!path.startsWith('/api/pay/callback/')) return null;
  if (!body.startsWith('{')) {
    const form = new URLSearchParams(body);
    const isSuccess =
      /^TRADE_(?:SUCCESS|FINISHED)$/.test(form.get('trade_status') ?? '') && !form.has('refund_fee');
    return isSuccess
      ? { number: form.get('out_trade_no') ?? '', transaction_id: form.get('trade_no') }
      : null;
  }
  const {
    status,
    order_no,
    txn_id = null,
  } = JSON.parse(body) as { status?: string; order_no?: string; txn_id?: string };
  return order_no && /^(?:succeeded|SUCCESS|TRADE_SUCCESS|TRADE_FINISHED)$/.test(status ?? '')
    ? { number: order_no, transaction_id: txn_id }
    : null;
}

/** The order that `/v2/orders/<kind>/<id>` names. */
const orderOf = (prefix: string, path: string) =>
  `${prefix}${path.slice('/v2/orders/'.length).replace('/', '-')}`;

/** An order that was taken over is stored as it was sent, at some moment before the reply. */
function checkHandedOver(
  { notes, prefix }: Town,
  table: MemoryTable,
  { method, path, body, began_at }: Replied,
): void {
  if (method !== 'PUT' || path.endsWith('/shipping')) return;
  const order_no = orderOf(prefix, path);
  const { amount, appid, expires_at, ...sent } = JSON.parse(body) as {
    amount: number;
    appid?: string;
    expires_at?: string;
    user_id: string;
    points: number;
    description: string;
  };
  const isAsSent = (order: Readonly<Record<string, unknown>> | undefined) =>
    order?.['amount'] === Math.round(amount * 100) &&
    (order['expires_at'] ?? undefined) === expires_at &&
    (order['appid'] ?? usualAppid) === (appid ?? usualAppid) &&
    (['user_id', 'points', 'description'] as const).every((field) => order[field] === sent[field]);
  const since = table.changes.filter(
    ({ key, time }) => key === `ORDER#${order_no}\nORDER` && time >= began_at,
  );
  const isStored =
    isAsSent(table.get(`ORDER#${order_no}`, 'ORDER')) ||
    since.some(({ before, after }) => isAsSent(before) || isAsSent(after));
  if (!isStored) notes.violations.push(`${order_no} was taken over, and is stored otherwise`);
}

/** What was being paid when a change was asked for is not given up. */
function checkChanged(
  { notes, books, prefix }: Town,
  table: MemoryTable,
  { method, path, began_at }: Replied,
): void {
  if (method !== 'PUT' || path.endsWith('/shipping')) return;
  const order_no = orderOf(prefix, path);
  for (const { key, before, after, time } of table.changes.slice(-20)) {
    const isGivenUp =
      key.startsWith(`ORDER#${order_no}\nPAYMENT#`) && !before?.['superseded'] && after?.['superseded'];
    if (!isGivenUp || time < began_at) continue;
    // Of a number that was paid twice, its provider tells the first alone.
    const paid = books.transactions.find(
      (one) =>
        one.number === after['payment_no'] &&
        one.origin === 'ours' &&
        one.taken_at < began_at &&
        one.merchant === after['merchant'],
    );
    // What people have given back pays nothing any more.
    if (paid && !confirmedAs(exceptionsOf(table, order_no), paid))
      notes.violations.push(`${order_no} was changed after ${paid.number} had been paid`);
  }
}

const exceptionsOf = (table: MemoryTable, order_no: string) =>
  table.items().filter(({ pk, sk }) => pk === `ORDER#${order_no}` && String(sk).startsWith('EXCEPTION#'));

/** What was handed out, while it can still be paid, is the order's current payment at its current amount. */
function checkHandedOut(town: Town, table: MemoryTable, replied: Replied): void {
  const { method, path, text, began_at } = replied;
  const { notes, wechat, alipay, stripe } = town;
  const handed = handedOut(method, path, text);
  if (!handed) return;
  const { page, provider } = handed;
  checkPage(town, page, provider, replied);
  const found =
    provider === 'wechat'
      ? one(wechat.tradeOf(page), (trade) => ({
          number: trade.number,
          amount: trade.total,
          appid: trade.appid,
          isPayable: wechat.isPayable(trade),
        }))
      : provider === 'alipay'
        ? alipayPage(page, alipay.opens(page))
        : one(stripe.sessionOf(page), (session) => ({
            number: session.number,
            amount: session.amount,
            isPayable: stripe.isPayable(session),
          }));
  if (!found) return;
  const { order_no = '', n = 0 } = parseNumber(found.number) ?? {};
  if (!found.isPayable) {
    if (wasDead(table, `ORDER#${order_no}\nPAYMENT#${n}`, provider, began_at))
      notes.violations.push(`handed out ${found.number}, which was over`);
    return;
  }
  const order = table.get(`ORDER#${order_no}`, 'ORDER');
  const isCurrent = order?.['payment'] === n && ['pending', 'failed'].includes(String(order['status']));
  if (!isCurrent || order['amount'] !== found.amount) {
    notes.violations.push(
      `handed out ${found.number} over ${found.amount}, while the order is ${order?.['status']} over ${order?.['amount']} with payment ${order?.['payment']}`,
    );
  }
  const wanted = order?.['kind'] !== 'tenant' && (order?.['appid'] ?? usualAppid);
  if (isCurrent && 'appid' in found && wanted !== false && found.appid !== wanted)
    notes.violations.push(`handed out ${found.number} in ${found.appid} and not in ${wanted}`);
}

/** It is for the device that was asked for, leads back where it was said, and is good for as long as a payer needs. */
function checkPage(
  { notes, wechat, alipay, stripe }: Town,
  page: string,
  provider: 'wechat' | 'alipay' | 'stripe',
  { path, body, at, began_at }: Replied,
): void {
  const { scene = 'desktop', return_url } = (
    path === '/api/pay/checkout' ? JSON.parse(body) : { scene: 'jsapi' }
  ) as { scene?: string; return_url?: string };
  const handle = provider === 'wechat' ? wechat.handleOf(page) : undefined;
  const given =
    provider === 'wechat'
      ? { JSAPI: 'jsapi', NATIVE: 'desktop', MWEB: 'mobile' }[handle?.trade.trade_type ?? 'JSAPI']
      : provider === 'alipay'
        ? alipay.sceneOf(page)
        : scene;
  if (given !== scene) notes.violations.push(`handed out a page for ${given}, and not for ${scene}: ${page}`);
  const back =
    provider === 'stripe'
      ? stripe.sessionOf(page)?.success_url
      : page.startsWith('http') &&
        URL.parse(page)?.searchParams.get(provider === 'alipay' ? 'return_url' : 'redirect_url');
  const leadsBack = provider === 'alipay' || provider === 'stripe' || scene === 'mobile';
  if (return_url !== undefined && leadsBack && back !== return_url)
    notes.violations.push(`handed out a page that leads to ${back}, and not to ${return_url}`);
  const isFresh = handle === undefined || handle.made_at >= began_at;
  if (!isFresh && Math.min(handle.valid_until, handle.trade.expires_at) - at < PAYER_NEEDS_MS)
    notes.violations.push(`handed out ${handle.trade.number} again, which is good for no time any more`);
}

/** Five minutes by design.md, without the time that a reply takes. */
const PAYER_NEEDS_MS = 4.5 * 60_000;

/** Whether a payment was known to be over before somebody asked for it. */
function wasDead(table: MemoryTable, key: string, provider: string, since: number): boolean {
  const isOver = (item: Readonly<Record<string, unknown>> | undefined) =>
    item?.['superseded'] === true ||
    item?.['state'] === 'closed' ||
    (provider === 'stripe' && item?.['state'] === 'failed');
  const before = table.changes.findLast((change) => change.key === key && change.time < since)?.after;
  const changed = table.changes.some((change) => change.key === key && change.time >= since);
  return isOver(before) && !changed;
}

const one = <T, R>(value: T | undefined, read: (value: T) => R): R | null =>
  value === undefined ? null : read(value);

function alipayPage(page: string, isPayable: boolean) {
  const content = JSON.parse(new URL(page).searchParams.get('biz_content') ?? '{}') as {
    out_trade_no?: string;
    total_amount?: string;
  };
  return {
    number: content.out_trade_no ?? '',
    amount: Math.round(Number(content.total_amount) * 100),
    isPayable,
  };
}

function handedOut(
  method: string,
  path: string,
  text: string,
): { page: string; provider: 'wechat' | 'alipay' | 'stripe' } | null {
  if (method !== 'POST') return null;
  const { data } = JSON.parse(text.startsWith('{') ? text : '{}') as {
    data?: { package?: string; pay_url?: string } | null;
  };
  if (/^\/v2\/orders\/\w+\/\d+\/pay$/.test(path) && data?.package)
    return { page: data.package.slice('prepay_id='.length), provider: 'wechat' };
  if (path !== '/api/pay/checkout' || !data?.pay_url) return null;
  const { pay_url: page } = data;
  if (page.startsWith('weixin:') || page.startsWith('https://wx.tenpay.com/'))
    return { page, provider: 'wechat' };
  return { page, provider: page.includes('alipay.com') ? 'alipay' : 'stripe' };
}
