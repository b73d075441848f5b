import type { ComparedField, ExceptionKind, ExceptionState, Provider } from './kinds.ts';

/** Something genuine that did not fit. Written once, however often it comes; open until somebody resolves it. */
export interface ExceptionRecord {
  readonly order_no: string;
  /** The account of its order's owner. */
  readonly owner: string;
  /** Of the payment that it is about; null for one about the order. */
  readonly payment_no: string | null;
  readonly kind: ExceptionKind;
  readonly state: ExceptionState;
  readonly version: number;
  readonly provider: Provider | null;
  readonly merchant: string | null;
  readonly transaction_id: string | null;
  readonly refund_no: string | null;
  /** The fields in which the message and the payment disagree; only a mismatch has any. */
  readonly fields: readonly ComparedField[];
  /** As the message says, in the provider's smallest unit. */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly recorded_at: string;
}
