import type { Provider } from './order.ts';

/**
 * `mismatch`: it disagrees with the order; `paid_after_close`, `paid_twice`: money for an order that takes none;
 * `paid_superseded`: money for a payment that the order has given up; `unknown_refund`: a refund that we did not make.
 */
export type ExceptionKind =
  | 'mismatch'
  | 'paid_after_close'
  | 'paid_twice'
  | 'paid_superseded'
  | 'unknown_refund';

/** A genuine message that could not be applied to its order. Written once, however often the message comes. */
export interface ExceptionRecord {
  readonly order_no: string;
  /** The number that the payment was made under. */
  readonly payment_no: string;
  readonly kind: ExceptionKind;
  readonly provider: Provider | null;
  readonly transaction_id: string | null;
  /** The fields in which the message and the order disagree; only a mismatch has any. */
  readonly fields: readonly MismatchField[];
  /** As the message says, in the provider's smallest unit. */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly recorded_at: string;
  /** Of money in suspense: what is being returned and what has been, in smallest units. */
  readonly reserved: number;
  readonly refunded: number;
}

export type MismatchField = 'provider' | 'merchant' | 'amount' | 'currency';
