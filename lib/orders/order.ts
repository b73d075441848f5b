/** Records that are stored carry the field names of the API documents; amounts are in smallest units, times ISO 8601. */

export type Provider = 'wechat' | 'alipay' | 'stripe';
export type ShopKind = 'mall' | 'meal';
export type OrderStatus = 'pending' | 'paid' | 'failed' | 'closed' | 'refunding' | 'refunded';

/** The transaction that paid the order. `transaction_id` is null while no message has named one. */
export interface Settlement {
  readonly provider: Provider | null;
  readonly transaction_id: string | null;
}

interface OrderBase {
  readonly order_no: string;
  /** Null for an order that costs nothing. */
  readonly provider: Provider | null;
  /** The merchant account that is to be paid, as the provider's own messages name it. */
  readonly merchant: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly status: OrderStatus;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
  /** When the provider stops taking payment; null while it has not been asked for one. */
  readonly expires_at: string | null;
  readonly paid_at: string | null;
  readonly settlement: Settlement | null;
  /** What is being returned and what has been, in smallest units. */
  readonly reserved: number;
  readonly refunded: number;
  /** How many refunds were ever asked for; the next one's number. */
  readonly refunds: number;
}

/** Payment parameters a provider gave out, good until `expires_at`. */
export interface Prepay {
  readonly prepay_id: string;
  readonly expires_at: string;
}

export interface ShopOrder extends OrderBase {
  readonly kind: ShopKind;
  readonly id: number;
  /** Null once the user was erased. */
  readonly user_id: string | null;
  /** The payer's; null once nothing can be paid any more, and for an order that costs nothing. */
  readonly openid: string | null;
  /** Tells whether an openid is the payer's when that is gone. Orders of before have none. */
  readonly openid_digest?: string | null;
  readonly points: number;
  readonly description: string;
  readonly prepay: Prepay | null;
  /** Counts the numbers that it was put under at the provider, which holds what it was once told. */
  readonly attempt: number;
}

/** A payment page a provider gave out, good until `expires_at`. */
export interface Checkout {
  readonly pay_url: string;
  readonly expires_at: string;
}

export interface TenantOrder extends OrderBase {
  readonly kind: 'tenant';
  readonly tenant_id: number;
  readonly provider: Provider;
  readonly expires_at: string;
  readonly checkout: Checkout | null;
  /** Counts the creations that the provider is known to have failed; part of its idempotency key. */
  readonly attempt: number;
}

export type Order = ShopOrder | TenantOrder;

/** @throws Error when there is none, or a tenant's */
export function requireShopOrder(order: Order | undefined): ShopOrder {
  if (!order || order.kind === 'tenant') throw new Error('the stored item is no shop order');
  return order;
}
