import type { Provider } from './kinds.ts';

/** A provider's message or answer, verified, normalised and stamped with the merchant that it names. */
export type ProviderEvent = PaymentEvent | RefundEvent;

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
}

/** What became of a refund. */
export interface RefundEvent {
  /** `refund_abnormal`: it is not decided, and will not be until a person acts at the provider. */
  readonly type: 'refund_succeeded' | 'refund_failed' | 'refund_abnormal';
  /** Of the payment that is returned. */
  readonly payment_no: string;
  readonly provider: Provider;
  readonly merchant: string;
  /** The number that we gave the refund; null when the message names none, and the refunds must be asked about. */
  readonly refund_no: string | null;
  /** As the message says; a field that it does not carry is absent and is not compared. */
  readonly amount?: number;
  readonly currency?: string;
  /** The provider's own number for the refund. */
  readonly refund_id: string | null;
}
