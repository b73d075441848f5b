import { merchantsOf, type TenantRegister } from '../merchants/tenant-register.ts';
import type { ExceptionRecord } from '../orders/exception.ts';
import type { Account, MerchantName } from '../orders/ledger.ts';
import type { Order } from '../orders/order.ts';
import type { Snapshot } from '../orders/snapshot.ts';
import { ApiError, forbidden, orderNotFound } from './api-error.ts';
import type { Claims } from './token.ts';

/** Who asks, as it is kept: a `sub` may hold half of a surrogate pair, which no database takes. */
export const askedBy = ({ sub }: Claims): string => sub.toWellFormed();

/**
 * A token that names a tenant reaches that tenant and nothing else. It may not make anything for another, and what is
 * another's looks to it like what is not there.
 */
const reaches = ({ tenant_id }: Claims, tenant: number): boolean =>
  tenant_id === undefined || tenant_id === tenant;

/** Whether a token reaches what is a tenant's, or with null the stage's own. */
export const reachesTenant = (claims: Claims, tenant: number | null): boolean =>
  tenant === null ? claims.tenant_id === undefined : reaches(claims, tenant);

/** To make something for a tenant. @throws ApiError */
export function requireTenant(claims: Claims, tenant: number): void {
  if (!reaches(claims, tenant)) throw forbidden();
}

/**
 * The tenant that a request is about: the one that it names, else the token's; undefined of none, and null where the
 * token of a tenant names another, of which it sees nothing.
 */
export const reachedTenant = (claims: Claims, named: number | undefined): number | undefined | null =>
  named !== undefined && !reaches(claims, named) ? null : (named ?? claims.tenant_id);

/** To make a shop order, or to look at what belongs to no tenant. @throws ApiError */
export function requireNoTenant({ tenant_id }: Claims): void {
  if (tenant_id !== undefined) throw forbidden();
}

/** Another tenant's order, and to a tenant a shop's, look like one that is not there. */
export const reachesOrder = (claims: Claims, order: Order): boolean =>
  order.kind === 'tenant' ? reaches(claims, order.tenant_id) : isShopper(claims);

/** @throws ApiError */
export function requireOrderAccess(claims: Claims, order: Order): void {
  if (!reachesOrder(claims, order)) throw orderNotFound();
}

/** Users of shops belong to no tenant: the `sub` of a tenant's token may be a shop user's by chance. */
const isShopper = ({ tenant_id }: Claims): boolean => tenant_id === undefined;

/** To somebody of a tenant no order of a shop is there, whoever they say they are. @throws ApiError */
export function requireShopper(claims: Claims): void {
  if (!isShopper(claims)) throw orderNotFound();
}

export const isOwnShopOrder = (claims: Claims, order: Order): boolean =>
  isShopper(claims) && order.kind !== 'tenant' && order.user_id === claims.sub;

/** Somebody else's order looks like one that is not there. @throws ApiError */
export function requireOwnShopOrder(claims: Claims, order: Order): void {
  if (!isOwnShopOrder(claims, order)) throw orderNotFound();
}

/** The merchants that a token reaches: those that are or were its tenant's own; null where it reaches all. */
export async function reachedMerchants(
  { tenant_id }: Pick<Claims, 'tenant_id'>,
  register: Pick<TenantRegister, 'find'>,
): Promise<readonly MerchantName[] | null> {
  if (tenant_id === undefined) return null;
  const registration = await register.find(tenant_id);
  return registration ? merchantsOf(registration) : [];
}

/** Whether a merchant is among those that a token reaches. */
export const reachesMerchant = (
  reached: readonly MerchantName[] | null,
  { provider, merchant }: MerchantName,
): boolean =>
  reached === null || reached.some((one) => one.provider === provider && one.merchant === merchant);

/**
 * Whether a token may give back the money of an exception, or what such money became, or say whose it is: what disagrees
 * with its payment can be another merchant's, whose account has it.
 */
export async function reachesMoney(
  claims: Claims,
  register: Pick<TenantRegister, 'find'>,
  { payment_no, provider, merchant }: Pick<ExceptionRecord, 'payment_no' | 'provider' | 'merchant'>,
  { payments }: Snapshot,
): Promise<boolean> {
  if (provider === null || merchant === null) return true;
  const isItsPayments = payments.some(
    (one) => one.payment_no === payment_no && one.provider === provider && one.merchant === merchant,
  );
  return isItsPayments || reachesMerchant(await reachedMerchants(claims, register), { provider, merchant });
}

/** @throws ApiError */
export function requireAccountAccess(
  claims: Claims,
  { tenant_id, merchant }: Account,
  reached: readonly MerchantName[] | null,
): void {
  if (merchant && reachesMerchant(reached, merchant)) return;
  if (tenant_id === null) requireNoTenant(claims);
  else if (!reaches(claims, tenant_id)) {
    throw new ApiError(404, 'account_not_found', { zh: '账户不存在', en: 'There is no such account' });
  }
}
