import { appSecrets } from '../documents.ts';
import type { FaultName } from '../faults.ts';
import { parseNumber } from '../numbers.ts';
import type { ProviderName } from '../providers/books.ts';
import type { Town } from '../town.ts';
import type { Fields, Stored, StoredOrder } from './stored.ts';

const HOUR_MS = 3_600_000;
/** As `cloud.ts` sets the stage up. */
const WITHIN_MS = 24 * HOUR_MS;
/** By which the clock of an execution environment is off. */
const CLOCKS_MS = HOUR_MS / 6 + 1_000;

/** Every shop order that was paid at WeChat is told of there, has gone back, or somebody is told that it is not. */
export function checkShipping(town: Town, { orders }: Stored): string[] {
  return [...orders.values()].flatMap((stored) =>
    stored.order['kind'] === 'tenant' ? [] : [...checkPaid(town, stored), ...checkTold(town, stored)],
  );
}

function checkPaid(
  { wechatApp, clock }: Town,
  { order_no, order, payments, shipping, exceptions }: StoredOrder,
): string[] {
  const payment = payments.get(Number(order['paid_by']));
  if (order['status'] !== 'paid' || payment?.['provider'] !== 'wechat') return [];
  if (clock.now() < Date.parse(String(payment['paid_at'])) + WITHIN_MS + 2 * HOUR_MS) return [];
  const wrong: string[] = [];
  const isTold = wechatApp.sent().some(({ number }) => number === payment['payment_no']);
  const isAnnounced = exceptions.some(
    ({ kind, payment_no }) => kind === 'not_shipped' && payment_no === payment['payment_no'],
  );
  if (!isTold && !isAnnounced)
    wrong.push(`${order_no} is paid, WeChat is not told that it was sent, and nobody knows`);
  if (String(payment['work']).startsWith('check#')) wrong.push(`${order_no} is looked at for ever`);
  if (order['kind'] === 'meal' && shipping === null)
    wrong.push(`${order_no} is a meal, and is not told of by itself`);
  return wrong;
}

function checkTold(
  { wechatApp, clock, setup, marks }: Town,
  { order_no, payments, shipping, exceptions }: StoredOrder,
): string[] {
  if (shipping === null) return [];
  const wrong: string[] = [];
  const { state, told, requested_at, items } = shipping;
  const payment = payments.get(Number(shipping['payment'])) ?? {};
  const taken = wechatApp.sent().find(({ number }) => number === payment['payment_no'])?.taken ?? [];
  const isLong = clock.now() > Date.parse(String(requested_at)) + 12 * HOUR_MS;
  if (state === 'open' && isLong && setup.isKnown('wechat', String(payment['merchant'])))
    wrong.push(`${order_no} was sent, and WeChat is not told for ever`);
  // What was taken and not heard of is not counted.
  const isHeard = !unheard.some((name) => marks.counts.has(name));
  const least = isHeard ? taken.length : state === 'told' ? 1 : 0;
  if (Number(told) > 2 || Number(told) < least)
    wrong.push(`WeChat took ${taken.length} words of ${order_no}, and ${told} are stored`);
  if (state === 'told' && taken.at(-1)?.content.includes(JSON.stringify(items)) !== true)
    wrong.push(`${order_no} is told of as ${items}, and WeChat knows ${taken.at(-1)?.content}`);
  const isOpen = exceptions.some(({ kind, state: of }) => kind === 'not_shipped' && of === 'open');
  if (state === 'told' && isOpen) wrong.push(`${order_no} is told of, and not_shipped is open`);
  return wrong;
}

/** What keeps an answer from being heard, or from being written. */
const unheard: readonly FaultName[] = [
  'provider_reply_lost',
  'provider_hangs',
  'provider_server_error',
  'provider_slow',
  'function_dies',
  'db_request_lost',
  'db_hang',
  'db_server_error',
  'db_throttled',
];

/** Time was over, or WeChat did not take it, or nobody can tell it. */
export function isNotShipped(
  { wechatApp, books, setup }: Town,
  { payments }: StoredOrder,
  { payment_no, recorded_at, reason, merchant, provider }: Fields,
): boolean {
  const paid = books.transactions.find(({ number, origin }) => number === payment_no && origin === 'ours');
  if (!paid || provider !== 'wechat') return false;
  // What was paid is written to the second, and without a time of its provider's by a clock that may be off.
  if (Date.parse(String(recorded_at)) >= paid.taken_at + WITHIN_MS - CLOCKS_MS) return true;
  const appid = String(payments.get(parseNumber(String(payment_no))?.n ?? 0)?.['appid']);
  if (reason === 'unsupported')
    return (
      setup.wasMissing(provider as ProviderName, String(merchant)) ||
      !appSecrets.has(appid) ||
      merchant === '1900007291'
    );
  return wechatApp.refused().has(Number(reason));
}

/** Nobody's number stands anywhere but for its last digits. */
export function checkContacts({ notes }: Town, items: readonly Fields[]): string[] {
  const text = items.filter(({ sk }) => sk === 'SHIPPING').map((item) => JSON.stringify(item));
  return notes.contacts
    .filter((contact) => text.some((each) => each.includes(contact)))
    .map((contact) => `${contact.slice(0, 3)}… is stored whole`);
}
