import type { Provider } from './order.ts';

/** What became of a refund: a provider's message or answer, verified and normalised. */
export interface RefundEvent {
  /** `refund_abnormal`: it is not decided, and will not be until a person acts at the provider. */
  readonly type: 'refund_succeeded' | 'refund_failed' | 'refund_abnormal';
  readonly order_no: string;
  readonly provider: Provider;
  /** The number that we gave the refund; null when the message names none, and the refunds must be asked about. */
  readonly refund_no: string | null;
  /** As the message says; a field it does not carry is absent and is not compared. */
  readonly merchant?: string;
  readonly amount?: number;
  readonly currency?: string;
  /** The provider's own number for the refund. */
  readonly refund_id: string | null;
}
