import type { PaymentEvent } from '../../orders/payment-event.ts';
import { type FlatStatuses, flatStatuses } from '../flat-callback.ts';

/** What a `trade_state` means for a payment (docs: "支付通知"). REVOKED is a bar-code payment that was taken back. */
export const tradeStates: ReadonlyMap<unknown, PaymentEvent['type']> = new Map([
  ['SUCCESS', 'succeeded'],
  ['PAYERROR', 'failed'],
  ['CLOSED', 'closed'],
  ['REVOKED', 'closed'],
]);

/** The statuses of WeChat's flat callback. */
export const wechatFlatStatuses = {
  ...flatStatuses,
  SUCCESS: 'succeeded',
  PAYERROR: 'failed',
  CLOSED: 'closed',
} as const satisfies FlatStatuses;
