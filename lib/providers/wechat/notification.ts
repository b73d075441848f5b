import { type WechatConfig, wechatMerchant } from '../../config/wechat.ts';
import { isJsonObject, parseJsonObject } from '../../json.ts';
import type { PaymentEvent } from '../../orders/payment-event.ts';
import { MalformedMessageError } from '../errors.ts';
import { readJson, readOrderNumber, readText, readTransactionId } from '../message-fields.ts';
import type { ReceiveMessage } from '../provider.ts';
import { decryptResource } from './decrypt.ts';
import { tradeStates } from './statuses.ts';
import { verifyWechatMessage } from './verify.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Receives WeChat Pay's notifications; `now` gives milliseconds. */
export function receiveWechatNotification(
  { publicKeys, apiv3Key }: Pick<WechatConfig, 'publicKeys' | 'apiv3Key'>,
  now: () => number,
): ReceiveMessage {
  return (message) => {
    verifyWechatMessage(publicKeys, message, now());
    const { event_type, resource } = readJson(null, () => parseJsonObject(message.body));
    if (readText(event_type, 'event_type', /^[!-~]{1,64}$/) !== 'TRANSACTION.SUCCESS') return null;
    const plaintext = decryptResource(resource, apiv3Key);
    return readTransaction(readJson('resource.ciphertext', () => parseJsonObject(plaintext)));
  };
}

/** What a transaction says; only a payment that was made has to carry them all. @throws MalformedMessageError */
function readTransaction(transaction: Fields): PaymentEvent {
  const type = tradeStates.get(transaction.trade_state);
  if (type === undefined) throw new MalformedMessageError('trade_state', '不是已知的交易状态');
  const { amount, transaction_id, success_time } = transaction;
  const isPaid = type === 'succeeded';
  return {
    type,
    order_no: readOrderNumber(transaction.out_trade_no, 'out_trade_no'),
    provider: 'wechat',
    merchant: wechatMerchant(
      readText(transaction.mchid, 'mchid', /^[!-~]{1,64}$/),
      readText(transaction.appid, 'appid', /^[!-~]{1,64}$/),
    ),
    transaction_id: isPaid || transaction_id ? readTransactionId(transaction_id, 'transaction_id') : null,
    ...((isPaid || amount !== undefined) && readAmount(amount)),
    ...(isPaid && { paid_at: readTime(success_time, 'success_time') }),
  };
}

function readAmount(value: unknown): { readonly amount: number; readonly currency: string } {
  if (!isJsonObject(value)) throw new MalformedMessageError('amount', '须为 JSON 对象');
  const { total, currency = 'CNY' } = value;
  if (typeof total !== 'number' || !Number.isSafeInteger(total) || total < 1) {
    throw new MalformedMessageError('amount.total', '须为正整数');
  }
  return { amount: total, currency: readText(currency, 'amount.currency', /^[A-Z]{3}$/) };
}

/** RFC 3339 with its offset, as ISO 8601 in UTC. */
function readTime(value: unknown, field: string): string {
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
  const time_ms = Date.parse(readText(value, field, form));
  if (Number.isNaN(time_ms)) throw new MalformedMessageError(field, '不是有效的时间');
  return new Date(time_ms).toISOString();
}
