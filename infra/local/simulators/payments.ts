import type { Provider } from '../../../lib/orders/kinds.ts';
import type { KeptMap } from '../kept-state.ts';

/** What of a payment its payer did not pay, in smallest units, by who bears it. */
export interface Discount {
  readonly merchant: number;
  readonly provider: number;
}

export const NO_DISCOUNT: Discount = { merchant: 0, provider: 0 };

export type PaymentState = 'open' | 'paid' | 'failed' | 'closed';

/** A payment as the provider knows it; each simulator adds what its own messages carry. */
export interface Payment {
  readonly provider: Provider;
  readonly merchant: string;
  /** The provider's own name of it: a Checkout Session's id, else the payment's number. */
  readonly id: string;
  /** The merchant's number for it. */
  readonly payment_no: string;
  /** The `id` of the payment under whose number it was paid as well, where it is a further transaction. */
  readonly further_of?: string;
  /** In the provider's smallest unit. */
  readonly amount: number;
  readonly currency: string;
  readonly description: string;
  readonly state: PaymentState;
  readonly notify_url: string;
  /** What the payer opens; null for a payment inside the mini-program. */
  readonly pay_url: string | null;
  readonly prepay_id: string | null;
  readonly transaction_id: string | null;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly paid_at: string | null;
  readonly discount: Discount;
}

export interface Payments<T extends Payment = Payment> {
  /** The newest under the merchant's number; never a further transaction. */
  find(payment_no: string): T | undefined;
  get(id: string): T | undefined;
  /** Oldest first. */
  list(): T[];
  put(payment: T): T;
}

/** Whoever keeps what becomes of a payment. */
export interface PaymentRecorder {
  record(happening: { readonly type: 'payment'; readonly payment: Payment }): void;
}

/** The payments of one merchant. One that is still open when its time is over reads as closed. */
export function createPayments<T extends Payment>(
  byId: KeptMap<T>,
  now: () => number,
  recorder: PaymentRecorder,
): Payments<T> {
  const newest = new Map<string, string>();
  const name = ({ payment_no, id, further_of }: T) => {
    if (further_of === undefined) newest.set(payment_no, id);
  };
  for (const payment of byId.values()) name(payment);
  const asOfNow = (payment: T): T =>
    payment.state === 'open' && payment.expires_at && Date.parse(payment.expires_at) <= now()
      ? { ...payment, state: 'closed' }
      : payment;
  const get = (id: string): T | undefined => {
    const payment = byId.get(id);
    return payment && asOfNow(payment);
  };
  return {
    get,
    find: (payment_no) => get(newest.get(payment_no) ?? ''),
    list: () => [...byId.values()].map(asOfNow),
    put(payment) {
      if (!byId.has(payment.id)) name(payment);
      byId.set(payment.id, payment);
      recorder.record({ type: 'payment', payment });
      return payment;
    },
  };
}
