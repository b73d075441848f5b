import { parseNumber } from '../numbers.ts';
import type { MemoryTable } from '../table/memory-table.ts';
import type { Town } from '../town.ts';
import { type Fields, isHeldUp, readStored, type Stored } from './stored.ts';

const DAY_MS = 86_400_000;

/** Point 7: nothing that can still be paid at a provider has left `work`. At all times. */
export function checkWatched({ wechat, alipay, stripe, notes }: Town, table: MemoryTable): string[] {
  const payable = [
    ...wechat
      .trades()
      .filter((trade) => trade.transactions.length === 0 && wechat.isPayable(trade))
      .map(({ number }) => number),
    ...alipay
      .trades()
      .filter(alipay.isPayable)
      .map(({ number }) => number),
    ...stripe
      .sessions()
      .filter(stripe.isPayable)
      .map(({ number }) => number),
    ...notes.checkouts
      .filter(({ provider }) => provider === 'alipay')
      .flatMap(({ pages }) => pages)
      .filter(({ url }) => alipay.opens(url))
      .map(
        ({ url }) =>
          (JSON.parse(new URL(url).searchParams.get('biz_content') ?? '{}') as { out_trade_no: string })
            .out_trade_no,
      ),
  ];
  return payable.flatMap((number) => {
    const parsed = parseNumber(number);
    const payment = parsed && table.get(`ORDER#${parsed.order_no}`, `PAYMENT#${parsed.n}`);
    if (!payment) return [`${number} can be paid at its provider, and is not stored`];
    const isWatched = String(payment['work']).startsWith('check#');
    return isWatched || payment['state'] === 'paid'
      ? []
      : [`${number} can be paid at its provider, and has left work`];
  });
}

/** What was to be over long ago is over, once nothing goes wrong by itself any more. */
export function checkDeadlines({ clock, stripe, notes }: Town, table: MemoryTable): string[] {
  const { orders } = readStored(table, notes.poison);
  return [...orders.values()].flatMap((stored) => {
    const { order_no, order } = stored;
    const isPending = order['status'] === 'pending' || order['status'] === 'failed';
    const isOver = Date.parse(String(order['expires_at'])) + LONGEST_CLOSING_MS < clock.now();
    const isBeingPaid = stripe
      .sessions()
      .some(
        ({ number, intent }) => parseNumber(number)?.order_no === order_no && intent?.status === 'processing',
      );
    return isPending && isOver && !isBeingPaid && !isHeldUp(stored)
      ? [`${order_no} was to be over by ${order['expires_at']}, and is ${order['status']}`]
      : [];
  });
}

/** With as long as a check can be put off before faults stopped. */
const LONGEST_CLOSING_MS = 8 * 3_600_000;

/** Point 7, at rest: every order can be paid (which a payer has tried by now), is over, or waits on an open exception. */
export function checkOver({ clock }: Town, { orders }: Stored): string[] {
  const wrong: string[] = [];
  for (const stored of orders.values()) {
    const { order_no, order, payments } = stored;
    const isOpen = order['status'] === 'pending' || order['status'] === 'failed';
    if (isOpen && !isHeldUp(stored)) wrong.push(`${order_no} is ${order['status']} for ever`);
    for (const payment of payments.values()) {
      const isUndecided = payment['state'] === 'open' || payment['state'] === 'failed';
      // What may still arrive at its provider is looked after until it cannot.
      const mayArrive = Date.parse(String(payment['expires_at'])) + DAY_MS > clock.now();
      const isWatched = String(payment['work']).startsWith('check#');
      if (isHeldUp(stored) || payment['state'] === 'paid' || (mayArrive && isUndecided && isWatched))
        continue;
      if (isUndecided) wrong.push(`${payment['payment_no']} is ${payment['state']} for ever`);
      else if (isWatched) wrong.push(`${payment['payment_no']} is closed, and asked about for ever`);
    }
  }
  return wrong;
}

/** Announcements: of every paid order and every exception, at least once; and nothing is owed any more. */
export function checkAnnounced({ wecom }: Town, table: MemoryTable, { orders }: Stored): string[] {
  const wrong: string[] = [];
  const lines = wecom.messages.flatMap(({ content }) => content.split('\n'));
  const isToldOf = (...texts: readonly string[]) =>
    lines.some((line) => texts.every((text) => line.includes(text)));
  for (const { order_no, order, payments, exceptions, disputes } of orders.values()) {
    const isPaid = ['paid', 'refunding', 'refunded'].includes(String(order['status']));
    if (isPaid && !lines.some((line) => line.includes(`\`${order_no}\``) && !isAlert(line)))
      wrong.push(`nobody was told that ${order_no} is paid`);
    for (const exception of exceptions) {
      const { payment_no, kind } = exception;
      const number = payment_no === null ? order_no : String(payment_no);
      // Whoever has repaired it knows.
      const isRepaired = (exception['resolved'] as Fields | null)?.['resolution'] === 'repaired';
      if (
        !isRepaired &&
        !wasEndedFirst(table, exception) &&
        !isToldOf(`\`${order_no}\``, `\`${number}\``, alertWord(kind))
      )
        wrong.push(`nobody was told of ${kind} of ${number}`);
    }
    for (const item of [order, ...payments.values(), ...exceptions, ...disputes])
      if (owesAnnouncement(item)) wrong.push(`${item['pk']}/${item['sk']} still owes an announcement`);
  }
  return wrong;
}

/** Whoever has ended it before anybody could be told knows, too. */
const wasEndedFirst = (table: MemoryTable, { pk, sk }: Fields): boolean =>
  table.changes.some(
    ({ key, before, after }) =>
      key === `${pk}\n${sk}` &&
      before?.['state'] === 'open' &&
      after?.['state'] === 'resolved' &&
      owesAnnouncement(before),
  );

/** What cannot be read does not hold up the rest, and waits where a person finds it. */
export function checkPoison({ notes }: Town, table: MemoryTable): string[] {
  const item = notes.poison && table.get(notes.poison.pk, notes.poison.sk);
  return item && !String(item['work']).startsWith('parked#')
    ? ['an item that cannot be read is not set aside']
    : [];
}

const owesAnnouncement = ({ work }: Fields) => /^(alert|notify)#/.test(String(work));

/** How people read the kinds of exceptions in the group. */
const words: Readonly<Record<string, string>> = {
  mismatch: '信息不符',
  paid_after_close: '关闭后收款',
  paid_twice: '重复收款',
  paid_superseded: '作废单收款',
  number_spent: '单号早已收款',
  numbers_exhausted: '付款单号用尽',
  merchant_missing: '商户未配置',
  unknown_refund: '未经本系统的退款',
  refund_abnormal: '退款异常',
  refund_failed: '退款失败',
  disputed: '付款争议',
  not_shipped: '未告知发货',
};

const alertWord = (kind: unknown): string => words[String(kind)] ?? `no word for ${String(kind)}`;

const isAlert = (line: string) => Object.values(words).some((word) => line.includes(word));
