import type { DisputeState, Provider } from './kinds.ts';
import type { Discount } from './payment.ts';

/** A provider's message or answer, verified, normalised and stamped with the merchant that it names. */
export type ProviderEvent = (PaymentEvent | RefundEvent | DisputeEvent) & {
  /** Other merchants whose keys verify it too, where it names none itself: it is of its payment's. */
  readonly others?: readonly string[];
};

/** What became of a payment. */
export interface PaymentEvent {
  readonly type: 'succeeded' | 'failed' | 'closed';
  readonly payment_no: string;
  readonly provider: Provider;
  /** Who was or was to be paid, as `Payment` names it. Always compared. */
  readonly merchant: string;
  /** The fields below are what the message says; a field that it does not carry is absent and is not compared. */
  readonly appid?: string;
  /** In the provider's smallest unit. */
  readonly amount?: number;
  readonly currency?: string;
  /** Null when the message names none. */
  readonly transaction_id: string | null;
  /** ISO 8601, by the provider's clock. */
  readonly paid_at?: string;
  /** What of the amount the payer did not pay, and who bears it; absent where it does not say. */
  readonly discount?: Discount;
  /** What of it has gone back by now, in all; `unknown` where it says only that some has. Absent where it says nothing. */
  readonly returned?: number | 'unknown';
}

/** What became of a refund. */
export interface RefundEvent {
  /** `refund_abnormal`: it is not decided, and will not be until a person acts at the provider. */
  readonly type: 'refund_succeeded' | 'refund_failed' | 'refund_abnormal';
  /** Of the payment that is returned. */
  readonly payment_no: string;
  readonly provider: Provider;
  readonly merchant: string;
  /** The number under which the refund was asked for, ours or another's; null when the message names none. */
  readonly refund_no: string | null;
  /** The transaction that is returned, where the message names it. */
  readonly transaction_id?: string;
  /** As the message says; a field that it does not carry is absent and is not compared. */
  readonly amount?: number;
  /** What of the payment has gone back by now, in all. */
  readonly total?: number;
  /** What was paid, and is returned as a whole or in part. */
  readonly paid?: number;
  readonly currency?: string;
  /** The provider's own number for the refund. */
  readonly refund_id: string | null;
}

/** What a dispute of a payment has come to. */
export interface DisputeEvent {
  readonly type: 'dispute';
  readonly payment_no: string;
  readonly provider: Provider;
  readonly merchant: string;
  /** The provider's own number for the dispute. */
  readonly dispute_id: string;
  readonly transaction_id: string | null;
  /** What is disputed, in the smallest unit. */
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
  readonly state: DisputeState;
  /** Its provider still lets the money be returned, by which it ends: of what is only an inquiry. */
  readonly refundable: boolean;
  /** ISO 8601; until when evidence can be given. */
  readonly due_by: string | null;
  /** What the dispute has moved by now, each movement under a number of its own. */
  readonly movements: readonly DisputeMovement[];
}

export interface DisputeMovement {
  readonly id: string;
  /** In the dispute's currency; below zero what was withdrawn, above what was given back. */
  readonly amount: number;
  /** What the provider keeps for it; below zero what it gives back of that. In a currency of its own. */
  readonly fee: number;
  readonly fee_currency: string;
}
