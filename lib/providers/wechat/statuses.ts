import type { PaymentEvent } from '../../orders/event.ts';
import type { RefundAnswer } from '../../orders/provider-gateway.ts';
import { type FlatStatuses, flatStatuses } from '../flat-callback.ts';

/**
 * What a `trade_state` that is final means for a payment (docs: "支付通知", "商户订单号查询订单"). REVOKED is a
 * bar-code payment that was taken back; REFUND is one that was paid, and of which something was returned.
 */
export const tradeStates: ReadonlyMap<unknown, PaymentEvent['type']> = new Map([
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

/** The statuses of WeChat's flat callback. */
export const wechatFlatStatuses = {
  ...flatStatuses,
  SUCCESS: 'succeeded',
  PAYERROR: 'failed',
  CLOSED: 'closed',
} as const satisfies FlatStatuses;
