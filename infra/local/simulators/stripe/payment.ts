import type { Payment } from '../payments.ts';

export type Metadata = Readonly<Record<string, string>>;

export interface StripePayment extends Payment {
  readonly expires_at: string;
  readonly metadata: Metadata;
  readonly payment_metadata: Metadata;
  readonly success_url: string;
  readonly cancel_url: string | null;
  /** The API version that the creation asked for; events are written in it. */
  readonly api_version: string | null;
}

const STATUS = { open: 'open', paid: 'complete', failed: 'complete', closed: 'expired' } as const;
/** Since 1970. */
export const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);

/** The Checkout Session object, as the API and the events show it. */
export function session(payment: StripePayment, livemode: boolean) {
  return {
    id: payment.further_of ?? payment.id,
    object: 'checkout.session',
    amount_subtotal: payment.amount,
    amount_total: payment.amount,
    cancel_url: payment.cancel_url,
    client_reference_id: payment.payment_no,
    created: seconds(payment.created_at),
    currency: payment.currency.toLowerCase(),
    expires_at: seconds(payment.expires_at),
    livemode,
    metadata: payment.metadata,
    mode: 'payment',
    payment_intent: payment.transaction_id,
    payment_status: payment.state === 'paid' ? 'paid' : 'unpaid',
    status: STATUS[payment.state],
    success_url: payment.success_url,
    url: payment.state === 'open' ? payment.pay_url : null,
  };
}

/** A payment intent has one charge here, and their identifiers differ in the prefix only. */
export const chargeId = (paymentIntent: string): string => paymentIntent.replace(/^pi_/, 'ch_');

/** The PaymentIntent object; one that failed waits for another payment method. The charge is expanded, or its id. */
export const paymentIntent = <T>(payment: StripePayment, livemode: boolean, latest_charge: T) => ({
  id: payment.transaction_id,
  object: 'payment_intent',
  amount: payment.amount,
  created: seconds(payment.created_at),
  currency: payment.currency.toLowerCase(),
  latest_charge,
  livemode,
  metadata: payment.payment_metadata,
  status: payment.state === 'paid' ? 'succeeded' : 'requires_payment_method',
});
