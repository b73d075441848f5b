import type { PaymentEvent } from './payment-event.ts';
import type { RefundEvent } from './refund-event.ts';
import { type SettlementResult, type SettlementStore, settle } from './settle.ts';
import { type RefundResult, type RefundSettlementStore, settleRefund } from './settle-refund.ts';

export type EventStore = SettlementStore & RefundSettlementStore;
export type EventResult = SettlementResult | RefundResult;

/** Applies what a provider says of a payment or a refund, whichever way it came. @throws as `settle` and `settleRefund` */
export function applyEvent(
  store: EventStore,
  event: PaymentEvent | RefundEvent,
  now: () => number,
): Promise<EventResult> {
  return 'refund_no' in event ? settleRefund(store, event, now) : settle(store, event, now);
}
