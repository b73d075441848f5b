import { isJsonObject } from '../../json.ts';
import type { PaymentEvent } from '../../orders/event.ts';
import { MalformedMessageError } from '../errors.ts';
import { readPaymentNumber, readText, readTransactionId } from '../message-fields.ts';
import { tradeStates } from './statuses.ts';

/** An identifier that WeChat or somebody else gave: of an app, or of a refund. */
export const identifierForm = /^[!-~]{1,64}$/;

/** The number of a merchant, which is its name. */
export const merchantForm = /^[0-9A-Za-z_-]{1,64}$/;

/**
 * What a transaction whose state is final says, in a notification or an answer; only a payment that was made has
 * to carry all fields.
 * @throws MalformedMessageError
 */
export function readTransactionEvent(transaction: Readonly<Record<string, unknown>>): PaymentEvent {
  const type = tradeStates.get(transaction.trade_state);
  if (type === undefined) throw new MalformedMessageError('trade_state', '不是已知的交易状态');
  const { amount, transaction_id, success_time, trade_state } = transaction;
  const isPaid = type === 'succeeded';
  const hasTime = trade_state === 'SUCCESS' || (isPaid && success_time !== undefined);
  return {
    type,
    payment_no: readPaymentNumber(transaction.out_trade_no, 'out_trade_no'),
    provider: 'wechat',
    merchant: readText(transaction.mchid, 'mchid', merchantForm),
    appid: readText(transaction.appid, 'appid', identifierForm),
    transaction_id: isPaid || transaction_id ? readTransactionId(transaction_id, 'transaction_id') : null,
    ...((isPaid || amount !== undefined) && readTotal(amount)),
    ...(hasTime && { paid_at: readTime(success_time, 'success_time') }),
  };
}

function readTotal(value: unknown): { readonly amount: number; readonly currency: string } {
  if (!isJsonObject(value)) throw new MalformedMessageError('amount', '须为 JSON 对象');
  const { total, currency = 'CNY' } = value;
  return {
    amount: readFen(total, 'amount.total'),
    currency: readText(currency, 'amount.currency', /^[A-Z]{3}$/),
  };
}

/** @throws MalformedMessageError */
export function readFen(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw new MalformedMessageError(field, '须为正整数');
  }
  return value;
}

/** RFC 3339 with its offset, as ISO 8601 in UTC. */
function readTime(value: unknown, field: string): string {
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
  const time_ms = Date.parse(readText(value, field, form));
  if (Number.isNaN(time_ms)) throw new MalformedMessageError(field, '不是有效的时间');
  return new Date(time_ms).toISOString();
}
