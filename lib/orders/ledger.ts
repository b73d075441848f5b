import { type Provider, providers, shopKinds } from './kinds.ts';
import type { Order } from './order.ts';

/** A merchant at a provider. */
export interface MerchantName {
  readonly provider: Provider;
  readonly merchant: string;
}

/** Whether a payment can have been made to a merchant of this name. */
export const isMerchantName = (name: string): boolean => /^[0-9A-Za-z_-][0-9A-Za-z_.-]{0,129}$/.test(name);

/**
 * In place of the merchant of a message that names another than the one whose key verified it. No payment has such a
 * merchant, so that whatever compares refuses it.
 */
export const strangerMerchant = (verified: string, named: string): string => `${verified}/${named}`;

/** Money that the provider holds for the merchant. */
export const providerAccount = ({ provider, merchant }: MerchantName): string =>
  `provider:${provider}.${merchant}`;

/** Money that the provider took for the merchant and that no order accounts for. */
export const suspenseAccount = ({ provider, merchant }: MerchantName): string =>
  `suspense:${provider}.${merchant}`;

/** What the provider kept for its service. */
export const feesAccount = ({ provider, merchant }: MerchantName): string => `fees:${provider}.${merchant}`;

/** Money that was taken for a tenant or a shop. */
export const ownerAccount = (owner: Pick<Order, 'kind'> & { readonly tenant_id?: number }): string =>
  owner.kind === 'tenant' ? `tenant:${owner.tenant_id}` : `shop:${owner.kind}`;

/** Whether an entry that is credited to this account books money that nobody is known to be owed. */
export const isSuspenseAccount = (account: string): boolean => account.startsWith('suspense:');

/** An account of the ledger, and whom it is kept for: a tenant, or a merchant; for neither, a shop. */
export interface Account {
  readonly name: string;
  readonly tenant_id: number | null;
  readonly merchant: MerchantName | null;
}

const ACCOUNT = new RegExp(
  `^(?:tenant:([1-9][0-9]{0,15})|shop:(?:${shopKinds.join('|')})|(?:provider|suspense|fees):(${providers.join('|')})\\.[0-9A-Za-z_.-]{1,130})$`,
);

/** The account of this name; null when there can be none. */
export function parseAccount(name: string): Account | null {
  const match = ACCOUNT.exec(name);
  if (!match) return null;
  const [, tenant, named] = match;
  const tenant_id = tenant === undefined ? null : Number(tenant);
  if (tenant_id !== null && !Number.isSafeInteger(tenant_id)) return null;
  const provider = providers.find((known) => known === named);
  const merchant = provider ? { provider, merchant: name.slice(name.indexOf('.') + 1) } : null;
  return { name, tenant_id, merchant };
}

/** Whose money an account of an owner holds: the kind of its orders, and which tenant's; null for other accounts. */
export function parseOwner(account: string): { kind: Order['kind']; tenant_id: number | null } | null {
  const known = parseAccount(account);
  if (!known) return null;
  if (known.tenant_id !== null) return { kind: 'tenant', tenant_id: known.tenant_id };
  const kind = shopKinds.find((shopKind) => account === ownerAccount({ kind: shopKind }));
  return kind ? { kind, tenant_id: null } : null;
}

/** One debit and one credit account; the amount is that of what carries it, so that the two sides cannot differ. */
export interface Booking {
  readonly debit: string;
  readonly credit: string;
  readonly booked_at: string;
}

/** A booking: one debit, one credit, one amount. */
export interface Entry extends Booking {
  /** Null of what belongs to no order. */
  readonly order_no: string | null;
  readonly provider: Provider;
  readonly merchant: string;
  /** In the provider's smallest unit. */
  readonly amount: number;
  readonly currency: string;
  /** Of the payment that came in or went back. */
  readonly transaction_id: string | null;
}
