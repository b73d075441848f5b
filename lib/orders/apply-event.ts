import type { CommitPorts } from './commit.ts';
import type { ProviderEvent } from './event.ts';
import type { SettlementResult } from './payment-event.ts';
import { settle } from './settle.ts';
import { type RefundResult, settleRefund } from './settle-refund.ts';

export type EventResult = SettlementResult | RefundResult;

/** Applies what a provider says of a payment or a refund, whichever way it came. @throws as `settle` and `settleRefund` */
export const applyEvent = (ports: CommitPorts, event: ProviderEvent): Promise<EventResult> =>
  'refund_no' in event ? settleRefund(ports, event) : settle(ports, event);
