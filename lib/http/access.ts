import type { Account } from '../orders/accounts.ts';
import type { Order } from '../orders/order.ts';
import { ApiError, messages } from './api-error.ts';
import type { Claims } from './token.ts';

/** A token that names a tenant reaches that tenant and nothing else. @throws ApiError */
export function requireTenant({ tenant_id }: Claims, tenant: number): void {
  if (tenant_id !== undefined && tenant_id !== tenant) throw new ApiError(403, messages.forbidden);
}

/** Shop orders, and whatever belongs to no tenant, need a token that names none. @throws ApiError */
export function requireNoTenant({ tenant_id }: Claims): void {
  if (tenant_id !== undefined) throw new ApiError(403, messages.forbidden);
}

/** @throws ApiError */
export function requireOrderAccess(claims: Claims, order: Order): void {
  if (order.kind === 'tenant') requireTenant(claims, order.tenant_id);
  else requireNoTenant(claims);
}

/** Somebody else's order looks like one that is not there. @throws ApiError */
export function requireOwnShopOrder({ sub }: Claims, order: Order): void {
  if (order.kind === 'tenant' || order.user_id !== sub) throw new ApiError(404, messages.orderNotFound);
}

/** @throws ApiError */
export function requireAccountAccess(claims: Claims, { tenant_id }: Account): void {
  if (tenant_id === null) requireNoTenant(claims);
  else requireTenant(claims, tenant_id);
}
