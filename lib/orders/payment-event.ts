import type { Provider } from './order.ts';

/** What became of a payment: a provider's message, verified and normalised, or an order that costs nothing. */
export interface PaymentEvent {
  readonly type: 'succeeded' | 'failed' | 'closed';
  readonly order_no: string;
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
