import { isoTime } from '../io.ts';
import { eventTypes, isOneOf } from '../orders/kinds.ts';
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
import { readPeriod } from './period.ts';
import { decodeCursor, encodeCursor, readLimit, readTenantId } from './query-parameters.ts';
import { ApiError } from './reply.ts';
import type { DeliveriesPage, DeliveryView } from './responses.ts';
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
  const { state, type, order_no, cursor, limit } = query;
  const tenant = reachedTenant(claims, readTenantId(query['tenant_id']));
  if (state !== undefined && !isOneOf(deliveryStates, state)) {
    throw new ApiError(400, `state 须为 ${deliveryStates.join('、')} 之一`);
  }
  if (type !== undefined && !isOneOf(eventTypes, type)) {
    throw new ApiError(400, `type 须为 ${eventTypes.join('、')} 之一`);
  }
  if (order_no !== undefined && !isOrderNumber(order_no)) throw new ApiError(400, 'order_no 须为订单号');
  const period = listedPeriod(query, now);
  const after = cursor === undefined ? null : decodeCursor(cursor, 0).after;
  const bounds = { ...period, after, limit: readLimit(limit) };
  return tenant === null ? null : { receiver: receiverOfTenant(tenant), state, type, order_no, ...bounds };
}

/** Without a tenant, the stage's own. */
export const receiverOfTenant = (tenant_id: number | undefined): Receiver => receiverOf(tenant_id ?? null);

/** The period in which the events of deliveries are that a list has, both ends included. @throws ApiError */
export function listedPeriod(
  bounds: Readonly<Partial<Record<'from' | 'to', string | undefined>>>,
  now: number,
): Pick<DeliveryQuery, 'from' | 'to'> {
  const { from, to } = readPeriod(bounds, now, KEPT_DAYS);
  return { from, to: isoTime(Date.parse(to) - 1) };
}

/** The period up to this instant in which the events of all deliveries are that are kept. */
export const keptPeriod = (to: string): Pick<DeliveryQuery, 'from' | 'to'> => ({
  from: isoTime(Date.parse(to) - KEPT_DAYS * DAY_MS),
  to,
});

/** What a client is told of deliveries. */
export const deliveriesReply = ({ items, next }: Page<Delivery>): DeliveriesPage => ({
  deliveries: items.map(deliveryView),
  cursor: next && encodeCursor(next),
});

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
