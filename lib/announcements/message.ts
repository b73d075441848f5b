import { type CurrencyFormat, formatAmount } from '../money.ts';
import type { ComparedField, ExceptionKind, OrderKind, Provider } from '../orders/kinds.ts';
import { currencyFormat, providerFacts } from '../providers/facts.ts';
import type { Announcement, ExceptionAnnouncement, PaymentAnnouncement } from './announcement.ts';
import { plainText } from './markdown.ts';

/** The longest content of a group robot's markdown message, in bytes of UTF-8 (WeCom, group robot). */
export const MAX_CONTENT_BYTES = 4096;

export const exceptionLabels: Readonly<Record<ExceptionKind, string>> = {
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
  missing_here: '账单有账本无',
  missing_there: '账本有账单无',
  other_amount: '与账单金额不符',
  unknown_row: '账单行无法识别',
  not_shipped: '未告知发货',
};

const fieldLabels: Readonly<Record<ComparedField, string>> = {
  provider: '渠道',
  merchant: '商户',
  appid: '应用',
  amount: '金额',
  currency: '货币',
  transaction_id: '交易号',
};

const kindLabels: Readonly<Record<OrderKind, string>> = { mall: '商城', meal: '订餐', tenant: '租户' };

/** Cuts a list, in its order, into as few messages as the size of what announces its items allows. */
export function* splitIntoMessages<T>(
  items: readonly T[],
  announcementOf: (item: T) => Announcement,
): Generator<T[]> {
  let message: T[] = [];
  for (const item of items) {
    const longer = [...message, item];
    if (Buffer.byteLength(renderMessage(longer.map(announcementOf))) <= MAX_CONTENT_BYTES) {
      message = longer;
    } else {
      yield message;
      message = [item];
    }
  }
  if (message.length > 0) yield message;
}

/** The markdown that announces these, alerts first. */
export function renderMessage(announcements: readonly Announcement[]): string {
  const exceptions = announcements.filter((announcement) => announcement.type === 'exception');
  const payments = announcements.filter((announcement) => announcement.type === 'payment');
  return [renderExceptions(exceptions), renderPayments(payments)]
    .filter((section) => section !== '')
    .join('\n\n');
}

function renderExceptions(exceptions: ExceptionAnnouncement[]): string {
  if (exceptions.length === 0) return '';
  const title = `**<font color="warning">收款异常</font>** ${exceptions.length} 笔，请人工核对`;
  return [title, ...exceptions.map((exception) => exceptionLine(exception))].join('\n');
}

function renderPayments(payments: PaymentAnnouncement[]): string {
  if (payments.length === 0) return '';
  const title = `**收款通知** ${payments.length} 笔 合计 ${totals(payments).join('、')}`;
  return [title, ...payments.map((payment) => paymentLine(payment))].join('\n');
}

function exceptionLine(exception: ExceptionAnnouncement): string {
  const { kind, fields, order_no, payment_no, provider, amount, currency, recorded_at, due_by } = exception;
  const differing = fields.map((field) => fieldLabels[field]).join('、');
  return line([
    `${exceptionLabels[kind]}${differing && `（${differing}）`}`,
    order_no !== null && code(order_no),
    payment_no !== null && payment_no !== order_no && `付款单号 ${code(payment_no)}`,
    amount !== null && money(amount, provider, currency),
    provider && providerFacts[provider].label,
    due_by !== null && `须在 ${beijingTime(due_by)} 前处理`,
    beijingTime(recorded_at),
  ]);
}

function paymentLine(payment: PaymentAnnouncement): string {
  const { order_no, provider, amount, currency, points, description, paid_at } = payment;
  return line([
    ownerLabel(payment),
    code(order_no),
    money(amount, provider, currency),
    points && `${points} 积分`,
    provider && providerFacts[provider].label,
    beijingTime(paid_at),
    description && plainText(description),
  ]);
}

const ownerLabel = ({ kind, tenant_id }: PaymentAnnouncement): string =>
  tenant_id === null ? kindLabels[kind] : `${kindLabels[kind]} ${tenant_id}`;

/** The sum in each currency. */
function totals(payments: PaymentAnnouncement[]): string[] {
  const sums = new Map<string, { sum: bigint; first: PaymentAnnouncement }>();
  for (const payment of payments) {
    const unit = `${payment.currency} ${formatOf(payment.provider, payment.currency)?.digits}`;
    const { sum, first } = sums.get(unit) ?? { sum: 0n, first: payment };
    sums.set(unit, { sum: sum + BigInt(payment.amount), first });
  }
  return [...sums.values()].map(({ sum, first }) => money(sum, first.provider, first.currency));
}

function money(amount: number | bigint, provider: Provider | null, currency: string | null): string {
  const format = currency === null ? undefined : formatOf(provider, currency);
  const name = plainText(currency ?? '货币不详');
  return format ? `${name} ${formatAmount(amount, format)}` : `${name} ${amount}（最小单位）`;
}

/** An order that costs nothing has no provider; it is in CNY, as every shop order is. */
const formatOf = (provider: Provider | null, currency: string): CurrencyFormat | undefined =>
  currencyFormat(provider ?? 'wechat', currency);

const BEIJING_OFFSET_MS = 8 * 60 * 60_000;

export function beijingTime(time: string): string {
  const shifted = new Date(Date.parse(time) + BEIJING_OFFSET_MS).toISOString();
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)}（北京时间）`;
}

export const code = (identifier: string) => `\`${identifier}\``;

export const line = (parts: (string | number | false | null | undefined)[]) =>
  `> ${parts.filter(Boolean).join(' ')}`;
