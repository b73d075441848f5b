import type { OrderStatus, ShopKind } from './kinds.ts';

/** Records that are stored carry the field names of the API documents; amounts are in smallest units, times ISO 8601. */

interface OrderBase {
  readonly order_no: string;
  readonly amount: number;
  readonly currency: string;
  /** What the payer reads at the provider. */
  readonly description: string;
  readonly status: OrderStatus;
  /** Raised by each change of the order. */
  readonly version: number;
  /** Its current payment; null while none was begun, and after one was given up. */
  readonly payment: number | null;
  /** How many payments were begun. */
  readonly payments: number;
  /** The payment that paid it. */
  readonly paid_by: number | null;
  /** Money of its went into suspense while it could still be paid: what a success names may be that. */
  readonly has_suspense: boolean;
  /** How many refunds were asked for. */
  readonly refunds: number;
  /** When it is given up unless it is paid; null when it is not. */
  readonly expires_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly paid_at: string | null;
  /** The `sub` of who asked for it to be closed; null where nobody did, and once that user was erased. */
  readonly closed_by: string | null;
}

export interface ShopOrder extends OrderBase {
  readonly kind: ShopKind;
  readonly id: number;
  /** Null once the user was erased. */
  readonly user_id: string | null;
  /** The payer's; null once nothing can be paid any more, and for an order that costs nothing. */
  readonly openid: string | null;
  /** Tells whether an openid is the payer's when that is gone. */
  readonly openid_digest: string | null;
  /** In which of its merchant's apps it is paid; null for the usual one. */
  readonly appid: string | null;
  readonly points: number;
}

export interface TenantOrder extends OrderBase {
  readonly kind: 'tenant';
  readonly tenant_id: number;
  readonly expires_at: string;
}

/** What is owed. */
export type Order = ShopOrder | TenantOrder;
