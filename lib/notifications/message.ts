import { type CurrencyFormat, formatAmount } from '../money.ts';
import type { ExceptionKind, MismatchField } from '../orders/exception.ts';
import type { Provider } from '../orders/order.ts';
import type { Announcement, ExceptionAnnouncement, PaymentAnnouncement } from './announcement.ts';
import { plainText } from './markdown.ts';

/** The longest content of a group robot's markdown message, in bytes of UTF-8 (WeCom, group robot). */
export const MAX_CONTENT_BYTES = 4096;

/** How a provider counts a currency; undefined for one that it does not take. */
export type FindCurrencyFormat = (provider: Provider | null, currency: string) => CurrencyFormat | undefined;

const exceptionLabels = {
  mismatch: '信息不符',
  paid_after_close: '关闭后收款',
  paid_twice: '重复收款',
  paid_superseded: '作废单收款',
  unknown_refund: '未知退款',
} as const satisfies Record<ExceptionKind, string>;

const fieldLabels = {
  provider: '渠道',
  merchant: '商户',
  amount: '金额',
  currency: '货币',
} as const satisfies Record<MismatchField, string>;

const providerLabels = {
  wechat: '微信支付',
  alipay: '支付宝',
  stripe: 'Stripe',
} as const satisfies Record<Provider, string>;

/** Cuts a list, in its order, into as few messages as the size of what announces its items allows. */
export function* splitIntoMessages<T>(
  items: readonly T[],
  announcementOf: (item: T) => Announcement,
  findFormat: FindCurrencyFormat,
): Generator<T[]> {
  let message: T[] = [];
  for (const item of items) {
    const longer = [...message, item];
    if (Buffer.byteLength(renderMessage(longer.map(announcementOf), findFormat)) <= MAX_CONTENT_BYTES) {
      message = longer;
    } else {
      yield message;
      message = [item];
    }
  }
  if (message.length > 0) yield message;
}

/** The markdown that announces these, alerts first. */
export function renderMessage(
  announcements: readonly Announcement[],
  findFormat: FindCurrencyFormat,
): string {
  const exceptions = announcements.filter((announcement) => announcement.type === 'exception');
  const payments = announcements.filter((announcement) => announcement.type === 'payment');
  return [renderExceptions(exceptions, findFormat), renderPayments(payments, findFormat)]
    .filter((section) => section !== '')
    .join('\n\n');
}

function renderExceptions(exceptions: ExceptionAnnouncement[], findFormat: FindCurrencyFormat): string {
  if (exceptions.length === 0) return '';
  const title = `**<font color="warning">收款异常</font>** ${exceptions.length} 笔，请人工核对`;
  return [title, ...exceptions.map((exception) => exceptionLine(exception, findFormat))].join('\n');
}

function renderPayments(payments: PaymentAnnouncement[], findFormat: FindCurrencyFormat): string {
  if (payments.length === 0) return '';
  const title = `**收款通知** ${payments.length} 笔 合计 ${totals(payments, findFormat).join('、')}`;
  return [title, ...payments.map((payment) => paymentLine(payment, findFormat))].join('\n');
}

function exceptionLine(exception: ExceptionAnnouncement, findFormat: FindCurrencyFormat): string {
  const { kind, fields, order_no, provider, amount, currency, recorded_at } = exception;
  const differing = fields.map((field) => fieldLabels[field]).join('、');
  return line([
    `${exceptionLabels[kind]}${differing && `（${differing}）`}`,
    code(order_no),
    amount !== null && money(amount, provider, currency, findFormat),
    provider && providerLabels[provider],
    beijingTime(recorded_at),
  ]);
}

function paymentLine(payment: PaymentAnnouncement, findFormat: FindCurrencyFormat): string {
  const { order_no, provider, amount, currency, points, description, paid_at } = payment;
  return line([
    ownerLabel(payment),
    code(order_no),
    money(amount, provider, currency, findFormat),
    points && `${points} 积分`,
    provider && providerLabels[provider],
    beijingTime(paid_at),
    description && plainText(description),
  ]);
}

function ownerLabel({ kind, tenant_id }: PaymentAnnouncement): string {
  if (kind === 'tenant') return `租户 ${tenant_id ?? ''}`.trim();
  return kind === 'mall' ? '商城' : '订餐';
}

/** The sum in each currency. */
function totals(payments: PaymentAnnouncement[], findFormat: FindCurrencyFormat): string[] {
  const sums = new Map<string, { sum: bigint; first: PaymentAnnouncement }>();
  for (const payment of payments) {
    const unit = `${payment.currency} ${findFormat(payment.provider, payment.currency)?.digits}`;
    const { sum, first } = sums.get(unit) ?? { sum: 0n, first: payment };
    sums.set(unit, { sum: sum + BigInt(payment.amount), first });
  }
  return [...sums.values()].map(({ sum, first }) => money(sum, first.provider, first.currency, findFormat));
}

function money(
  amount: number | bigint,
  provider: Provider | null,
  currency: string | null,
  findFormat: FindCurrencyFormat,
): string {
  const format = currency === null ? undefined : findFormat(provider, currency);
  const name = plainText(currency ?? '货币不详');
  return format ? `${name} ${formatAmount(amount, format)}` : `${name} ${amount}（最小单位）`;
}

const BEIJING_OFFSET_MS = 8 * 60 * 60_000;

function beijingTime(time: string): string {
  const shifted = new Date(Date.parse(time) + BEIJING_OFFSET_MS).toISOString();
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)}（北京时间）`;
}

const code = (identifier: string) => `\`${identifier}\``;

const line = (parts: (string | number | false | null | undefined)[]) =>
  `> ${parts.filter(Boolean).join(' ')}`;
