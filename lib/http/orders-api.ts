import { type OrderKind, type OrderStatus, orderKinds, orderStatuses } from '../orders/kinds.ts';
import { ownerAccount } from '../orders/ledger.ts';
import type { Page, Position } from '../orders/page.ts';
import type { Period } from '../orders/read-ledger.ts';
import type { Snapshot } from '../orders/snapshot.ts';
import { reachedTenant } from './access.ts';
import { ApiError, invalidField, required } from './api-error.ts';
import { csvTable } from './csv.ts';
import { readListedPeriod } from './period.ts';
import { encodeCursor, readLimit, readOneOf, readTenantId, readTogether } from './query-parameters.ts';
import type { OrdersPage } from './responses/orders.ts';
import type { Claims } from './token.ts';
import { listedOrder } from './view-order.ts';

const DEFAULT_DAYS = 7;

export interface OrdersRequest {
  /** The account of those whose orders they are. */
  readonly owner: string;
  readonly status: OrderStatus | undefined;
  readonly period: Period;
  readonly after: Position | null;
  readonly limit: number;
}

/**
 * Which orders are asked for: of one tenant or of one kind of a shop's, by default those of the last week. Null where a
 * tenant asks for another's, or for a shop's: to it there are none. @throws ApiError
 */
export function readOrdersRequest(
  query: Readonly<Record<string, string | undefined>>,
  claims: Claims,
  now: number,
): OrdersRequest | null {
  const { kind, tenant_id, status, limit, listed } = readTogether({
    kind: () => readOneOf('kind', orderKinds, query['kind']),
    tenant_id: () => readTenantId(query['tenant_id']),
    status: () => readOneOf('status', orderStatuses, query['status']),
    limit: () => readLimit(query['limit']),
    listed: () => readListedPeriod(query, now, DEFAULT_DAYS),
  });
  const owner = readOwner(claims, kind, tenant_id);
  return owner === null ? null : { owner, status, limit, ...listed };
}

/** Whose orders they are, by their account. @throws ApiError */
function readOwner(claims: Claims, kind: OrderKind | undefined, named: number | undefined): string | null {
  const isOfShop = kind === 'mall' || kind === 'meal';
  if (isOfShop && named !== undefined) {
    throw invalidField('tenant_id', {
      zh: '只用于 kind 为 tenant 的订单',
      en: 'is for orders of the kind tenant alone',
    });
  }
  if (isOfShop) return claims.tenant_id === undefined ? ownerAccount({ kind }) : null;
  const tenant_id = reachedTenant(claims, named);
  if (tenant_id === null) return null;
  if (tenant_id !== undefined) return ownerAccount({ kind: 'tenant', tenant_id });
  throw kind === undefined ? missingOwner() : invalidField('tenant_id', required, 'missing_field');
}

/** All orders at once are no list: each is of one owner's. */
const missingOwner = () =>
  new ApiError(
    400,
    'missing_field',
    { zh: 'tenant_id 或 kind（mall、meal）必填其一', en: 'tenant_id or kind (mall, meal) is required' },
    { field: ['tenant_id', 'kind'] },
  );

/** What a client is told of orders. */
export const ordersReply = ({ period }: OrdersRequest, { items, next }: Page<Snapshot>): OrdersPage => ({
  orders: items.map(listedOrder),
  cursor: next && encodeCursor(next, period.from, period.to),
});

/** To who may not see them there are none. */
export const noOrders: OrdersPage = { orders: [], cursor: null };

export const ordersCsv = csvTable(
  [
    ...(['order_no', 'kind', 'tenant_id', 'status', 'amount', 'currency', 'provider'] as const),
    ...(['transaction_id', 'description', 'created_at', 'expires_at', 'paid_at'] as const),
    ...(['refunded_amount', 'exceptions', 'disputes', 'closed_by'] as const),
  ],
  ({ orders }: OrdersPage) => orders,
);
