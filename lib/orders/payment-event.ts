import type { Provider } from './order.ts';

/** What became of a payment: a provider's message, verified and normalised, or an order that costs nothing. */
export interface PaymentEvent {
  readonly type: 'succeeded' | 'failed' | 'closed';
  /** The number that the payment was made under. */
  readonly order_no: string;
  /** Which of the order's payments it is about; the first is 1. */
  readonly attempt?: number;
  readonly provider: Provider | null;
  /** The fields below are what the message says; a field it does not carry is absent and is not compared. */
  readonly merchant?: string;
  /** In the provider's smallest unit. */
  readonly amount?: number;
  readonly currency?: string;
  readonly transaction_id: string | null;
  /** ISO 8601, by the provider's clock. */
  readonly paid_at?: string;
}
