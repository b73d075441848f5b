import type { PaymentEvent } from './payment-event.ts';

/** A payment as its provider knows it, to be asked about, closed or refunded. */
export interface PaymentReference {
  /** The number that the payment was made under. */
  readonly order_no: string;
  readonly amount: number;
  readonly currency: string;
  /** ISO 8601; the provider holds nothing of this payment that is older. */
  readonly created_at: string;
  /** ISO 8601; past it the provider takes no payment. */
  readonly expires_at: string;
}

/**
 * What a provider says when it is asked about a payment: `open`, it can still be paid; `absent`, it holds none under
 * this number (yet); or what became of it, to be settled like a message.
 */
export type PaymentAnswer =
  | { readonly state: 'open' | 'absent' }
  | { readonly state: 'decided'; readonly event: PaymentEvent };

/** `not_closed`: it was paid meanwhile or is being paid; ask again. A payment the provider does not hold is closed. */
export type CloseAnswer = 'closed' | 'not_closed';

export interface RefundRequest {
  readonly order_no: string;
  /** Ours, derived, so that a repeat is the same refund: `<order_no>-r<n>`. */
  readonly refund_no: string;
  /** The payment that is returned. */
  readonly transaction_id: string | null;
  /** Of the payment, in smallest units. */
  readonly paid_amount: number;
  /** To be returned, in smallest units. */
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
}

/**
 * What became of a refund. `open`: the provider has not decided; `absent`: it holds none under this number;
 * `abnormal`: it does not decide before a person acts there.
 */
export type RefundAnswer =
  | { readonly state: 'open' | 'absent' }
  | { readonly state: 'succeeded' | 'failed' | 'abnormal'; readonly refund_id: string | null };

/** What can be asked of a provider about payments that exist. Each call rejects with ProviderCallError when the answer is unusable. */
export interface ProviderGateway {
  query(payment: PaymentReference): Promise<PaymentAnswer>;
  close(payment: PaymentReference): Promise<CloseAnswer>;
  /** Asks for the refund; the same `refund_no` again is the same refund. */
  refund(request: RefundRequest): Promise<RefundAnswer>;
  queryRefund(request: RefundRequest): Promise<RefundAnswer>;
}
