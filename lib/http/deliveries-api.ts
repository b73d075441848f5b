import { isoTime } from '../io.ts';
import { eventTypes } from '../orders/kinds.ts';
import { isOrderNumber } from '../orders/order-number.ts';
import type { Page } from '../orders/page.ts';
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
import { readPeriod } from './period.ts';
import {
  decodeCursor,
  encodeCursor,
  readLimit,
  readOneOf,
  readTenantId,
  readTogether,
} from './query-parameters.ts';
import type { DeliveriesPage, DeliveryView } from './responses/webhooks.ts';
import type { Claims } from './token.ts';

const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Which deliveries are asked for: the stage's own unless a tenant is named, or the token is one's. Null where a tenant
 * asks for another's: to it there are none. @throws ApiError
 */
export function readDeliveriesRequest(
  query: Readonly<Record<string, string | undefined>>,
  claims: Claims,
  now: number,
): DeliveryQuery | null {
  const { cursor } = query;
  const { tenant_id, period, ...filters } = readTogether({
    tenant_id: () => readTenantId(query['tenant_id']),
    state: () => readOneOf('state', deliveryStates, query['state']),
    type: () => readOneOf('type', eventTypes, query['type']),
    order_no: () => readOrderNumber(query['order_no']),
    period: () => listedPeriod(query, now),
    after: () => (cursor === undefined ? null : decodeCursor(cursor, 0).after),
    limit: () => readLimit(query['limit']),
  });
  const tenant = reachedTenant(claims, tenant_id);
  return tenant === null ? null : { receiver: receiverOfTenant(tenant), ...period, ...filters };
}

/** @throws ApiError */
function readOrderNumber(text: string | undefined): string | undefined {
  if (text === undefined || isOrderNumber(text)) return text;
  throw invalidField('order_no', { zh: '须为订单号', en: "must be an order's number" });
}

/** Without a tenant, the stage's own. */
export const receiverOfTenant = (tenant_id: number | undefined): Receiver => receiverOf(tenant_id ?? null);

/** The period in which the events of deliveries were recorded that a list has, both ends included. @throws ApiError */
export function listedPeriod(
  bounds: Readonly<Partial<Record<'from' | 'to', string | undefined>>>,
  now: number,
): Pick<DeliveryQuery, 'from' | 'to'> {
  const { from, to } = readPeriod(bounds, now, KEPT_DAYS);
  return { from, to: isoTime(Date.parse(to) - 1) };
}

/** The period up to this instant in which the events of all deliveries were recorded that are kept. */
export const keptPeriod = (to: string): Pick<DeliveryQuery, 'from' | 'to'> => ({
  from: isoTime(Date.parse(to) - KEPT_DAYS * DAY_MS),
  to,
});

/** What a client is told of deliveries. */
export const deliveriesReply = ({ items, next }: Page<Delivery>): DeliveriesPage => ({
  deliveries: items.map(deliveryView),
  cursor: next && encodeCursor(next),
});

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
