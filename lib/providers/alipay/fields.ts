import { AmountError, parseAmount } from '../../money.ts';
import type { PaymentEvent } from '../../orders/event.ts';
import type { Discount } from '../../orders/payment.ts';
import { parseBeijingTime } from '../beijing-time.ts';
import { MalformedMessageError, readText, wordings } from '../message.ts';
import { CNY, tradeStatuses } from './facts.ts';

/** Null for a trade that waits to be paid. @throws MalformedMessageError */
export function readTradeStatus(value: unknown): PaymentEvent['type'] | null {
  if (value === 'WAIT_BUYER_PAY') return null;
  const type = Object.hasOwn(tradeStatuses, String(value)) ? tradeStatuses[String(value)] : undefined;
  if (type === undefined) throw new MalformedMessageError('trade_status', wordings.unsupported);
  return type;
}

/** In fen. @throws MalformedMessageError */
export function readYuan(value: unknown, field: string): number {
  try {
    return parseAmount(readText(value, field, /./), CNY);
  } catch (error) {
    throw error instanceof AmountError ? new MalformedMessageError(field, error.wording) : error;
  }
}

/** As ISO 8601. @throws MalformedMessageError */
export function readTime(value: unknown, field: string): string {
  const ms = parseBeijingTime(readText(value, field, /./));
  if (ms === null)
    throw new MalformedMessageError(field, {
      zh: '须为 yyyy-MM-dd HH:mm:ss',
      en: 'must be yyyy-MM-dd HH:mm:ss',
    });
  return new Date(ms).toISOString();
}

/**
 * A text of ours without what Alipay does not take in a `subject`. It comes back in what Alipay signs as `name=value`
 * joined with `&`, and so it cannot pass for a parameter there.
 */
export const plainText = (text: string): string => text.replace(/[/=&]/g, ' ');

/** Alipay leaves out a field that says nothing, or leaves it empty. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** What of a trade was returned in all, in fen; zero where that is not said. @throws MalformedMessageError */
export const readReturned = (refundFee: unknown): number =>
  isGiven(refundFee) ? readYuan(refundFee, 'refund_fee') : 0;

/**
 * What of a trade's amount its payer did not pay, in fen (opendocs.alipay.com, "异步通知参数说明"): what the merchant does
 * not receive either is its own discount; the rest of it Alipay and others make good. Null where the trade does not say, or
 * nothing that adds up: it is for people to read, and decides nothing. Asked about what was paid on a page, Alipay answers
 * that nothing was paid and nothing received, whoever paid what.
 */
export function readDiscount(field: (name: string) => unknown): Discount | null {
  const total = fenOrNull(field('total_amount')) ?? 0;
  const received = fenOrNull(field('receipt_amount')) ?? 0;
  const paid = fenOrNull(field('buyer_pay_amount'));
  if (paid === null || received === 0 || received > total || paid > received) return null;
  return { merchant: total - received, provider: received - paid };
}

function fenOrNull(value: unknown): number | null {
  try {
    return typeof value === 'string' ? parseAmount(value, CNY) : null;
  } catch {
    return null;
  }
}
