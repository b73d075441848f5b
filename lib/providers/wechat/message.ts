import { parseWechatDocument, type WechatConfig } from '../../config/wechat.ts';
import { isJsonObject, parseJsonObject } from '../../json.ts';
import type { PaymentEvent, RefundEvent } from '../../orders/event.ts';
import type { RefundAnswer } from '../../orders/provider-gateway.ts';
import { flatStatusesOf, receiveFlatCallback } from '../flat-callback.ts';
import {
  MalformedMessageError,
  type ReceiveMessage,
  type Receivers,
  readJson,
  readPaymentNumber,
  readText,
  readTransactionId,
  wordings,
} from '../message.ts';
import type { FromDocument } from '../provider.ts';
import { withPlatformCertificates } from './certificates.ts';
import { decryptResource } from './decrypt.ts';
import { readDiscount } from './discount.ts';
import { wechatFacts } from './facts.ts';
import { verifyWechatMessage } from './verify.ts';

/**
 * What a `trade_state` that is final means for a payment (docs: "支付通知", "商户订单号查询订单"). REVOKED is a
 * bar-code payment that was taken back; REFUND is one that was paid, and of which something was returned.
 */
const tradeStates: ReadonlyMap<unknown, PaymentEvent['type']> = new Map([
  ['SUCCESS', 'succeeded'],
  ['REFUND', 'succeeded'],
  ['PAYERROR', 'failed'],
  ['CLOSED', 'closed'],
  ['REVOKED', 'closed'],
]);

/** The states of a payment that can still be made. */
export const openTradeStates: ReadonlySet<unknown> = new Set(['NOTPAY', 'USERPAYING', 'ACCEPT']);

/**
 * What the `status` of a refund means (docs: "退款 开发指引"). ABNORMAL is not final: the bank refused the money,
 * which has left the merchant's account and waits at WeChat Pay until the merchant says by hand where it shall go.
 * Taken for a failure, it would be free to be returned a second time.
 */
export const refundStates: ReadonlyMap<unknown, Exclude<RefundAnswer['state'], 'absent'>> = new Map([
  ['SUCCESS', 'succeeded'],
  ['PROCESSING', 'open'],
  ['ABNORMAL', 'abnormal'],
  ['CLOSED', 'failed'],
]);

/** An identifier that WeChat or somebody else gave: of an app, or of a refund. */
const identifierForm = /^[!-~]{1,64}$/;

/** The number of a merchant, which is its name. */
const merchantForm = /^[0-9A-Za-z_-]{1,64}$/;

/**
 * What a transaction whose state is final says, in a message or an answer; only a payment that was made has
 * to carry all fields.
 * @throws MalformedMessageError
 */
export function readTransactionEvent(transaction: Readonly<Record<string, unknown>>): PaymentEvent {
  const type = tradeStates.get(transaction.trade_state);
  if (type === undefined)
    throw new MalformedMessageError('trade_state', {
      zh: '不是已知的交易状态',
      en: 'is not a known state of a transaction',
    });
  const { amount, transaction_id, success_time, trade_state } = transaction;
  const isPaid = type === 'succeeded';
  const discount = isPaid ? readDiscount(transaction) : null;
  const hasTime = trade_state === 'SUCCESS' || (isPaid && success_time !== undefined);
  return {
    type,
    payment_no: readPaymentNumber(transaction.out_trade_no, 'out_trade_no'),
    provider: 'wechat',
    merchant: readText(transaction.mchid, 'mchid', merchantForm),
    appid: readText(transaction.appid, 'appid', identifierForm),
    transaction_id: isPaid || transaction_id ? readTransactionId(transaction_id, 'transaction_id') : null,
    ...((isPaid || amount !== undefined) && readTotal(amount)),
    ...(discount && { discount }),
    ...(hasTime && { paid_at: readTime(success_time, 'success_time') }),
    // How much of it, it does not say.
    ...(trade_state === 'REFUND' && { returned: 'unknown' as const }),
  };
}

function readTotal(value: unknown): { readonly amount: number; readonly currency: string } {
  if (!isJsonObject(value)) throw new MalformedMessageError('amount', wordings.notObject);
  const { total, currency = 'CNY' } = value;
  return {
    amount: readFen(total, 'amount.total'),
    currency: readText(currency, 'amount.currency', /^[A-Z]{3}$/),
  };
}

/** @throws MalformedMessageError */
function readFen(value: unknown, field: string): number {
  // Stryker disable next-line ConditionalExpression: only a number is an integer, which its type does not say
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw new MalformedMessageError(field, { zh: '须为正整数', en: 'must be a positive integer' });
  }
  return value;
}

/** RFC 3339 with its offset, as ISO 8601 in UTC. */
function readTime(value: unknown, field: string): string {
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
  const time_ms = Date.parse(readText(value, field, form));
  if (Number.isNaN(time_ms))
    throw new MalformedMessageError(field, { zh: '不是有效的时间', en: 'is not a valid time' });
  return new Date(time_ms).toISOString();
}

/** The states that WeChat Pay sends notices of (docs: "退款结果通知"); `refundStates` says what they mean. */
const refundNotices: ReadonlyMap<string, Pick<RefundEvent, 'type'> & { readonly status: string }> = new Map([
  ['REFUND.SUCCESS', { type: 'refund_succeeded', status: 'SUCCESS' }],
  ['REFUND.CLOSED', { type: 'refund_failed', status: 'CLOSED' }],
  ['REFUND.ABNORMAL', { type: 'refund_abnormal', status: 'ABNORMAL' }],
]);

/**
 * What the resource of a refund notice says, ours or one that was made in the merchant's console. It names no app and no
 * currency.
 * @throws MalformedMessageError
 */
function readRefundNotice(
  { type, status }: Pick<RefundEvent, 'type'> & { readonly status: string },
  resource: Readonly<Record<string, unknown>>,
): RefundEvent {
  const { amount, transaction_id } = resource;
  if (resource.refund_status !== status) {
    throw new MalformedMessageError('refund_status', {
      zh: '与 event_type 不一致',
      en: 'does not agree with event_type',
    });
  }
  if (!isJsonObject(amount)) throw new MalformedMessageError('amount', wordings.notObject);
  return {
    type,
    payment_no: readPaymentNumber(resource.out_trade_no, 'out_trade_no'),
    provider: 'wechat',
    refund_no: readText(resource.out_refund_no, 'out_refund_no', identifierForm),
    merchant: readText(resource.mchid, 'mchid', merchantForm),
    ...(transaction_id !== undefined && {
      transaction_id: readTransactionId(transaction_id, 'transaction_id'),
    }),
    amount: readFen(amount.refund, 'amount.refund'),
    paid: readFen(amount.total, 'amount.total'),
    refund_id: readTransactionId(resource.refund_id, 'refund_id'),
  };
}

/** Receives WeChat Pay's own messages; `now` gives milliseconds. */
export function receiveWechatMessage(
  { publicKeys, apiv3Keys }: Pick<WechatConfig, 'publicKeys' | 'apiv3Keys'>,
  now: () => number,
): ReceiveMessage {
  return async (message) => {
    await verifyWechatMessage(publicKeys, message, now());
    const { event_type, resource } = readJson(null, () => parseJsonObject(message.body));
    const type = readText(event_type, 'event_type', /^[!-~]{1,64}$/);
    const refund = refundNotices.get(type);
    if (type !== 'TRANSACTION.SUCCESS' && !refund) return null;
    const plaintext = decryptResource(resource, apiv3Keys);
    const fields = readJson('resource.ciphertext', () => parseJsonObject(plaintext));
    return refund ? readRefundNotice(refund, fields) : readTransactionEvent(fields);
  };
}

/** How what is sent to a merchant at WeChat Pay is received. */
export const receiveWechat: FromDocument<Receivers> =
  ({ io }) =>
  (document) => {
    const config = withPlatformCertificates(parseWechatDocument(document), io);
    const { merchant, former, callbackKeys: keys } = config;
    return {
      name: merchant,
      former,
      native: receiveWechatMessage(config, io.now),
      flat: receiveFlatCallback({
        provider: 'wechat',
        merchant,
        keys,
        statuses: flatStatusesOf(wechatFacts),
        currencies: wechatFacts.currencies,
      }),
    };
  };
