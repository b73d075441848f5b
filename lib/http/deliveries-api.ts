import { isoTime } from '../io.ts';
import { eventTypes } from '../orders/kinds.ts';
import { isOrderNumber } from '../orders/order-number.ts';
import type { Page } from '../orders/page.ts';
import type { Period } from '../orders/read-ledger.ts';
import {
  type Delivery,
  deliveryStates,
  encodeDeliveryId,
  type Receiver,
  receiverOf,
  tenantOf,
} from '../webhooks/delivery.ts';
import type { DeliveryQuery } from '../webhooks/delivery-store.ts';
import { reachedTenant } from './access.ts';
import { invalidField } from './api-error.ts';
import { csvTable } from './csv.ts';
import { type ListedPeriod, readListedPeriod } from './period.ts';
import { encodeCursor, readLimit, readOneOf, readTenantId, readTogether } from './query-parameters.ts';
import type { DeliveriesPage, DeliveryView } from './responses/webhooks.ts';
import type { Claims } from './token.ts';

const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

export interface DeliveriesRequest {
  readonly query: DeliveryQuery;
  /** As the cursor of its next page carries it. */
  readonly period: Period;
}

/**
 * Which deliveries are asked for: the stage's own unless a tenant is named, or the token is one's. Null where a tenant
 * asks for another's: to it there are none. @throws ApiError
 */
export function readDeliveriesRequest(
  query: Readonly<Record<string, string | undefined>>,
  claims: Claims,
  now: number,
): DeliveriesRequest | null {
  const { tenant_id, listed, ...filters } = readTogether({
    tenant_id: () => readTenantId(query['tenant_id']),
    state: () => readOneOf('state', deliveryStates, query['state']),
    type: () => readOneOf('type', eventTypes, query['type']),
    order_no: () => readOrderNumber(query['order_no']),
    listed: () => readDeliveriesPeriod(query, now),
    limit: () => readLimit(query['limit']),
  });
  const tenant = reachedTenant(claims, tenant_id);
  if (tenant === null) return null;
  const { period } = listed;
  return { query: { receiver: receiverOfTenant(tenant), ...placesOf(listed), ...filters }, period };
}

/** @throws ApiError */
function readOrderNumber(text: string | undefined): string | undefined {
  if (text === undefined || isOrderNumber(text)) return text;
  throw invalidField('order_no', { zh: '须为订单号', en: "must be an order's number" });
}

/** Without a tenant, the stage's own. */
export const receiverOfTenant = (tenant_id: number | undefined): Receiver => receiverOf(tenant_id ?? null);

/** The period in which the events of deliveries were recorded that a list has. @throws ApiError */
export const readDeliveriesPeriod = (
  bounds: Parameters<typeof readListedPeriod>[0],
  now: number,
): ListedPeriod => readListedPeriod(bounds, now, KEPT_DAYS);

/** Where they are, with both ends included. */
export const placesOf = ({
  period: { from, to },
  after,
}: ListedPeriod): Pick<DeliveryQuery, 'from' | 'to' | 'after'> => ({
  ...{ from, to: isoTime(Date.parse(to) - 1), after },
});

/** The period up to this instant in which the events of all deliveries were recorded that are kept. */
export const keptPeriod = (to: string): Pick<DeliveryQuery, 'from' | 'to'> => ({
  from: isoTime(Date.parse(to) - KEPT_DAYS * DAY_MS),
  to,
});

/** What a client is told of deliveries. */
export const deliveriesReply = (
  { period }: Pick<DeliveriesRequest, 'period'>,
  { items, next }: Page<Delivery>,
): DeliveriesPage => ({
  deliveries: items.map(deliveryView),
  cursor: next && encodeCursor(next, period.from, period.to),
});

/** To who may not see them there are none. */
export const noDeliveries: DeliveriesPage = { deliveries: [], cursor: null };

export const deliveriesCsv = csvTable(
  [
    ...(['id', 'tenant_id', 'event_id', 'type', 'timestamp', 'order_no', 'state', 'due_at'] as const),
    ...(['attempts', 'last_attempt_at', 'last_status', 'last_error', 'ended_at', 'reason'] as const),
    ...(['redelivered_by', 'redelivered_at'] as const),
  ],
  ({ deliveries }: DeliveriesPage) =>
    deliveries.map(({ attempts, redelivered, ...known }) => {
      const last = attempts.at(-1);
      return {
        ...known,
        attempts: attempts.length,
        last_attempt_at: last?.at ?? null,
        last_status: last?.status ?? null,
        last_error: last?.error ?? null,
        redelivered_by: redelivered?.by ?? null,
        redelivered_at: redelivered?.at ?? null,
      };
    }),
);

/** What a client is told of a delivery: not what was sent, which the event's own list has. */
export function deliveryView(delivery: Delivery): DeliveryView {
  const { receiver, event_id, timestamp, type, order_no, state, waits, due_at } = delivery;
  const { attempts, ended_at, reason, redelivered } = delivery;
  return {
    id: encodeDeliveryId(delivery),
    tenant_id: tenantOf(receiver),
    ...{ event_id, type, timestamp, order_no, state },
    due_at: waits ? null : due_at,
    attempts: attempts.map(({ at, status, error, duration_ms }) => ({ at, status, error, duration_ms })),
    ...{ ended_at, reason },
    redelivered: redelivered && { by: redelivered.by, at: redelivered.at },
  };
}
