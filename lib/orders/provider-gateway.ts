import type { DisputeEvent, PaymentEvent } from './event.ts';
import type { Provider, Scene } from './kinds.ts';
import type { HandedOut } from './payment.ts';
import type { Shipping } from './shipping.ts';

/** A payment as its provider knows it, to be asked about, closed or refunded. */
export interface PaymentReference {
  readonly payment_no: string;
  readonly amount: number;
  readonly currency: string;
  /** In which it is paid, at a provider that tells apps of one merchant apart. */
  readonly appid: string | null;
  /** Where the provider's page leads back to; null where that is left to its document. */
  readonly return_url: string | null;
  /** ISO 8601; the provider holds nothing of this payment that is older. */
  readonly begun_at: string;
  /** ISO 8601; past it the provider takes no payment. It goes to the provider unchanged. */
  readonly expires_at: string;
  readonly description: string;
  /** Counts the creations that the provider is known to have failed. */
  readonly attempt: number;
  readonly handed_out: HandedOut | null;
}

/** A payment to be made at its provider. The same again gives the same payment, with what a payer needs for it. */
export interface PaymentRequest extends PaymentReference {
  readonly scene: Scene;
  /** The payer's; null where the payer is not known. */
  readonly openid: string | null;
  /** The payer's own address, where the provider asks for it. Neither stored nor logged. */
  readonly payer_client_ip: string | null;
}

export type CreatedPayment =
  /** `page`: a prepay_id, or the address where the payer pays. `handed_out`: what is kept of it. */
  | { readonly outcome: 'created'; readonly page: string; readonly handed_out: HandedOut }
  /** The provider failed and made nothing; only the raised `attempt` can make one. */
  | { readonly outcome: 'not_created'; readonly attempt: number }
  /** The number takes no payment any more; a query tells what became of it. */
  | { readonly outcome: 'over' };

/**
 * What a provider says when it is asked about a payment: `open`, it can still be paid or is being paid; `absent`, it
 * holds none under this number (yet); or what became of it, to be settled like a message.
 */
export type PaymentAnswer =
  | { readonly state: 'open' | 'absent' }
  | { readonly state: 'decided'; readonly event: PaymentEvent };

/** `not_closed`: it was paid meanwhile or is being paid; a query tells. `absent`: as in `PaymentAnswer`. */
export type CloseAnswer = 'closed' | 'absent' | 'not_closed';

/** A refund as its provider knows it, to be asked about. */
export interface RefundReference {
  readonly payment_no: string;
  /** Ours is derived, so that a repeat is the same refund: `<order_no>-r<n>`. */
  readonly refund_no: string;
  /** The payment that is returned. Null where even its provider names none. */
  readonly transaction_id: string | null;
  /** To be returned, in smallest units. */
  readonly amount: number;
  readonly currency: string;
  /** Of the payment, in smallest units; absent where it is not known. */
  readonly paid_amount?: number;
}

export interface RefundRequest extends RefundReference {
  readonly paid_amount: number;
  readonly reason: string;
}

/**
 * What became of a refund. `open`: the provider has not decided; `absent`: it holds none under this number;
 * `abnormal`: it does not decide before a person acts there.
 */
export type RefundAnswer =
  | { readonly state: 'open' | 'absent' }
  | { readonly state: 'succeeded' | 'failed' | 'abnormal'; readonly refund_id: string | null };

/**
 * What became of asking that an abnormal refund be brought to its end. `open`: it is on its way again; `refused`: the
 * provider does not do it for this refund; `unsupported`: it has no such thing. Else what the refund has come to
 * meanwhile.
 */
export type RepairAnswer = RefundAnswer | { readonly state: 'refused' | 'unsupported' };

/**
 * What a provider says of being told that goods were sent. `refused`: with its own code for why; `unsupported`: it does
 * not ask for it, or the app that was paid in has no secret here.
 */
export type ShippingAnswer =
  | { readonly state: 'told' | 'unsupported' }
  | { readonly state: 'refused'; readonly code: string };

/** Money of a payment that moved, as its provider's bill of a day has it. */
interface MovementRow {
  /** Of the payment; null when the row names none that could be ours. */
  readonly payment_no: string | null;
  readonly transaction_id: string | null;
  /** When it took place, by the provider's clock; ISO 8601, null where it does not say. */
  readonly at: string | null;
  /** In smallest units: of a payment what came in; else what went out, below zero what came back. */
  readonly amount: number;
  readonly currency: string;
  /**
   * What the provider kept of it, below zero what it gave back. In thousandths of the smallest unit, since a provider
   * may write more decimals of a fee than its currency has.
   */
  readonly fee: number;
  readonly fee_currency: string;
}

export interface PaymentRow extends MovementRow {
  readonly kind: 'payment';
  /** In which it was paid; absent where the bill does not say. */
  readonly appid?: string;
  /** What has become of it by now, where a bill lists what has not succeeded; absent of one that has. */
  readonly unpaid?: 'pending' | 'failed';
}

export interface RefundRow extends MovementRow {
  readonly kind: 'refund';
  /** The number under which it was asked for, ours or another's; null where none is named. */
  readonly refund_no: string | null;
  /** The provider's own number, where it has one. */
  readonly refund_id: string | null;
  /** Its money came back by now, or does in this very row; null where the bill was written before that was decided. */
  readonly failed: boolean | null;
  /** It takes back what a bill listed of a payment that did not succeed; absent of any other. */
  readonly ofUnpaid?: true;
}

/** What a dispute of a payment moved. */
export interface DisputeRow extends MovementRow {
  readonly kind: 'dispute';
  /** The provider's number for this movement. */
  readonly movement_id: string;
  /** What the provider says of the dispute by now; null of a payment that is none of ours. */
  readonly event: DisputeEvent | null;
}

/** What moved no money of a payment, or what nobody knows how to read. */
export interface OtherRow {
  readonly kind: 'other';
  /** The kind of the row, as the bill names it. */
  readonly name: string;
  /** Whether it is known to move no money of a payment. */
  readonly understood: boolean;
}

/** A row of a provider's bill of a day. */
export type BillRow = PaymentRow | RefundRow | DisputeRow | OtherRow;

/** When a provider's day begins, when its bill of the day is there, and whose it is. */
export interface BillFacts {
  /** Its clock is so many hours ahead of UTC, all year. */
  readonly utcOffset_h: number;
  /** So many hours after the day's end. */
  readonly ready_h: number;
  /** A payment may be listed on any day from its beginning on, before it succeeds; absent where only what succeeded is. */
  readonly listsUnpaid?: true;
  /** By which account of the provider's a merchant's money goes: merchants of one account have one bill. */
  accountOf(merchant: string): string;
}

/** What can be asked of a provider. Each call rejects with ProviderCallError when the answer is unusable. */
export interface ProviderGateway {
  /**
   * What a payer's client pays a page with: the parameters of `wx.requestPayment`, signed anew, where the page is a
   * prepay_id; `{ pay_url }` where it is an address. Asks nobody.
   */
  clientParameters(payment: PaymentReference, page: string): Readonly<Record<string, string>>;
  createPayment(request: PaymentRequest): Promise<CreatedPayment>;
  query(payment: PaymentReference): Promise<PaymentAnswer>;
  close(payment: PaymentReference): Promise<CloseAnswer>;
  /** Asks for the refund; the same `refund_no` again is the same refund. */
  refund(request: RefundRequest): Promise<RefundAnswer>;
  queryRefund(refund: RefundReference): Promise<RefundAnswer>;
  /** Says that what was paid for was sent; the same again is the same. */
  reportShipping(payment: PaymentReference, shipping: Shipping): Promise<ShippingAnswer>;
  /** Has the money of an abnormal refund sent to the merchant's own account, whose it is to pay the payer by hand. */
  repairRefund(request: RefundRequest): Promise<RepairAnswer>;
}

/** What a provider takes, and for how long. */
export interface PaymentLimits {
  /** Of a payment, from its beginning until it expires. */
  readonly longest_ms: number;
  readonly shortest_ms: number;
  /** Whether a number whose payment failed can be paid all the same. */
  readonly failedCanBePaid: boolean;
}

/** Who is paid at a provider, and how it is asked. */
export interface Merchant {
  readonly provider: Provider;
  /** As the provider's own messages name it, in one name fit for paths. */
  readonly name: string;
  /** The merchants whose place it took, and whose payments are finished under their names. */
  readonly former: readonly string[];
  /** In which it is paid, the usual one first, at a provider that tells apps of one merchant apart; else none. */
  readonly appids: readonly string[];
  readonly limits: PaymentLimits;
  readonly gateway: ProviderGateway;
}

/** The merchants that are configured. */
export interface Merchants {
  /** Who is paid from now on for a tenant's orders, or, with null, for a shop's; null where nobody is. */
  current(provider: Provider, tenant_id: number | null): Promise<Merchant | null>;
  /** The merchant of this name; null when it is not configured any more. */
  find(provider: Provider, name: string): Promise<Merchant | null>;
}

/** Whether it is the provider that failed. By name: the errors of providers are not known here. */
export const isProviderFailure = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ProviderCallError';

/** Whether a provider has no bill of the day yet. By name, as above. */
export const isBillNotReady = (error: unknown): boolean =>
  error instanceof Error && error.name === 'BillNotReadyError';
