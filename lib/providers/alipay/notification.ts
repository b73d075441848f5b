import { type AlipayConfig, alipayMerchant } from '../../config/alipay.ts';
import { AmountError, parseAmount } from '../../money.ts';
import type { PaymentEvent } from '../../orders/payment-event.ts';
import { MalformedMessageError } from '../errors.ts';
import { type FlatStatuses, flatStatuses } from '../flat-callback.ts';
import { readOrderNumber, readText, readTransactionId } from '../message-fields.ts';
import type { ReceiveMessage } from '../provider.ts';
import { parseBeijingTime } from './beijing-time.ts';
import { CNY } from './currencies.ts';
import { verifyNotification } from './verify.ts';

const ACCOUNT = /^[0-9A-Za-z_-]{1,64}$/;

/** What each `trade_status` means that calls for action. TRADE_FINISHED is paid as well, and past its refund period. */
const tradeStatuses: FlatStatuses = {
  TRADE_SUCCESS: 'succeeded',
  TRADE_FINISHED: 'succeeded',
  TRADE_CLOSED: 'closed',
};

/** What a flat body on Alipay's address may say. */
export const alipayFlatStatuses: FlatStatuses = { ...flatStatuses, ...tradeStatuses };

type Fields = ReadonlyMap<string, string>;

/**
 * Receives Alipay's own notifications of a trade (opendocs.alipay.com, "异步通知说明"). The notice of a refund
 * repeats the trade's status and asks for nothing here.
 */
export function receiveAlipayNotification({ publicKey }: Pick<AlipayConfig, 'publicKey'>): ReceiveMessage {
  return ({ body }) => toEvent(verifyNotification(body, publicKey));
}

function toEvent(fields: Fields): PaymentEvent | null {
  const type = eventType(fields.get('trade_status') ?? '');
  if (type === null || isRefund(fields)) return null;
  const sellerId = readText(fields.get('seller_id'), 'seller_id', ACCOUNT);
  const appId = readText(fields.get('app_id'), 'app_id', ACCOUNT);
  return {
    type,
    order_no: readOrderNumber(fields.get('out_trade_no'), 'out_trade_no'),
    provider: 'alipay',
    merchant: alipayMerchant(sellerId, appId),
    amount: readAmount(fields, 'total_amount'),
    currency: 'CNY',
    transaction_id: readTransactionId(fields.get('trade_no'), 'trade_no'),
    ...(isGiven(fields, 'gmt_payment') && { paid_at: readTime(fields, 'gmt_payment') }),
  };
}

/** Null for a status that calls for no action. */
function eventType(status: string): PaymentEvent['type'] | null {
  if (status === 'WAIT_BUYER_PAY') return null;
  const type = Object.hasOwn(tradeStatuses, status) ? tradeStatuses[status] : undefined;
  if (type === undefined) throw new MalformedMessageError('trade_status', '不受支持');
  return type;
}

function isRefund(fields: Fields): boolean {
  return (
    isGiven(fields, 'gmt_refund') || (isGiven(fields, 'refund_fee') && readAmount(fields, 'refund_fee') > 0)
  );
}

const isGiven = (fields: Fields, name: string): boolean => (fields.get(name) ?? '') !== '';

/** In fen. */
function readAmount(fields: Fields, name: string): number {
  try {
    return parseAmount(fields.get(name) ?? '', CNY);
  } catch (error) {
    throw error instanceof AmountError ? new MalformedMessageError(name, error.message) : error;
  }
}

/** ISO 8601. */
function readTime(fields: Fields, name: string): string {
  const ms = parseBeijingTime(fields.get(name) ?? '');
  if (ms === null) throw new MalformedMessageError(name, '须为 yyyy-MM-dd HH:mm:ss');
  return new Date(ms).toISOString();
}
