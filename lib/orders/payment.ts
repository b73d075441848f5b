import type { PaymentState, Provider, Scene } from './kinds.ts';
import { type Booking, isSuspenseAccount } from './ledger.ts';
import type { Refundable } from './refund.ts';

/** What a provider gave for a payer. */
export interface HandedOut {
  /** A prepay_id or the address of a page, where it is short enough to be kept. */
  readonly page: string | null;
  /** The provider's own name for what it made, by which it is found again: of a Checkout Session. */
  readonly id: string | null;
  /** Until when a payer can use it. */
  readonly good_until: string;
}

/** One way of paying an order: at one provider, to one merchant, over one amount. */
export interface Payment extends Refundable, Attributable {
  readonly order_no: string;
  /** Counts the order's payments. */
  readonly n: number;
  /** The number under which the provider knows it. */
  readonly payment_no: string;
  readonly provider: Provider;
  readonly merchant: string;
  /** The app in which it is paid, at a provider that tells apps of one merchant apart. */
  readonly appid: string | null;
  readonly scene: Scene;
  /** Where the provider's page leads back to; null where that is left to its document. */
  readonly return_url: string | null;
  readonly amount: number;
  readonly currency: string;
  /** What people are told with it. */
  readonly description: string;
  readonly points: number;
  readonly state: PaymentState;
  readonly version: number;
  /** The order has given it up for another. */
  readonly superseded: boolean;
  readonly begun_at: string;
  /** When its provider stops taking it. */
  readonly expires_at: string;
  readonly handed_out: HandedOut | null;
  /** Counts the creations that the provider is known to have failed. */
  readonly attempt: number;
  /** The account of its order's owner. */
  readonly payee: string;
  /** Null until it is paid, and while no message has named the transaction. */
  readonly transaction_id: string | null;
  readonly paid_at: string | null;
  readonly booking: Booking | null;
  /** Null while nobody has said how it was paid. */
  readonly discount: Discount | null;
}

/** What a payer did not pay of a payment's amount, in its smallest unit, by who bears it. */
export interface Discount {
  /** The merchant: its own coupons, which the provider does not make good. */
  readonly merchant: number;
  /** The provider or others, who make it good. */
  readonly provider: number;
}

/** Money of a further transaction under a payment: one that is paid already, or that people gave back before it was. */
export interface Suspense extends Refundable, Attributable {
  readonly order_no: string;
  /** Of the payment. */
  readonly n: number;
  readonly payment_no: string;
  readonly transaction_id: string;
  readonly provider: Provider;
  readonly merchant: string;
  readonly amount: number;
  readonly currency: string;
  readonly version: number;
  readonly paid_at: string;
  readonly booking: Booking;
}

/** What is known of it besides what we ask for. */
interface Attributable {
  /** The largest sum that its provider said went back in all while a refund of ours was open, which it may have been. */
  readonly reported: number;
  /** Since when it is its order's owner's after all; null of what never was in suspense, or is. */
  readonly attributed_at: string | null;
}

/** Money that came in: a payment, or a further transaction under one. */
export type Holding = Payment | Suspense;

/** Whether nobody is known to be owed it. */
export const isSuspended = ({ booking, attributed_at }: Holding): boolean =>
  booking !== null && isSuspenseAccount(booking.credit) && attributed_at === null;
