import { isJsonObject } from '../../json.ts';
import type { RefundEvent } from '../../orders/event.ts';
import { MalformedMessageError } from '../errors.ts';
import { readPaymentNumber, readText, readTransactionId } from '../message-fields.ts';
import { identifierForm, merchantForm, readFen } from './transaction-event.ts';

/** The states that WeChat Pay sends notices of (docs: "退款结果通知"); `refundStates` says what they mean. */
export const refundNotices: ReadonlyMap<string, Pick<RefundEvent, 'type'> & { readonly status: string }> =
  new Map([
    ['REFUND.SUCCESS', { type: 'refund_succeeded', status: 'SUCCESS' }],
    ['REFUND.CLOSED', { type: 'refund_failed', status: 'CLOSED' }],
    ['REFUND.ABNORMAL', { type: 'refund_abnormal', status: 'ABNORMAL' }],
  ]);

/**
 * What the resource of a refund notice says. It names no app and no currency.
 * @throws MalformedMessageError
 */
export function readRefundNotice(
  { type, status }: Pick<RefundEvent, 'type'> & { readonly status: string },
  resource: Readonly<Record<string, unknown>>,
): RefundEvent {
  const { amount } = resource;
  if (resource.refund_status !== status) {
    throw new MalformedMessageError('refund_status', '与 event_type 不一致');
  }
  if (!isJsonObject(amount)) throw new MalformedMessageError('amount', '须为 JSON 对象');
  return {
    type,
    payment_no: readPaymentNumber(resource.out_trade_no, 'out_trade_no'),
    provider: 'wechat',
    refund_no: readText(resource.out_refund_no, 'out_refund_no', identifierForm),
    merchant: readText(resource.mchid, 'mchid', merchantForm),
    amount: readFen(amount.refund, 'amount.refund'),
    refund_id: readTransactionId(resource.refund_id, 'refund_id'),
  };
}
