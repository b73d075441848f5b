import * as z from 'zod/mini';
import { isoTime } from '../io.ts';
import { type EventType, eventTypes } from '../orders/kinds.ts';
import { type DeliveryKey, decodeDeliveryId, encodeDeliveryId } from './delivery.ts';

/** An event as it comes from the bus, with the body that receivers are sent. */
export interface PublishedEvent {
  readonly id: string;
  readonly type: EventType;
  /** When it was recorded here, which is when it was first sent, whenever it happened; ISO 8601. */
  readonly timestamp: string;
  /** Null of what is no tenant's. */
  readonly tenant_id: number | null;
  /** Null of what is no order's. */
  readonly order_no: string | null;
  readonly body: string;
}

/** What the queue of deliveries holds: a new event, or a delivery that is due again, and when that was put there. */
export type QueueMessage =
  | { readonly event: PublishedEvent }
  | { readonly delivery: DeliveryKey; readonly sent: string };

const time = z.iso.datetime({ precision: 3 });

/** As EventBridge hands it on (EventBridge user guide, "Event structure"). */
const busEvent = z.object({
  detail: z.object({
    // What is signed is `id.timestamp.body`: without a dot, it can be split in one way alone.
    id: z.string().check(z.regex(/^[0-9A-Za-z_-]{1,64}$/)),
    type: z.enum(eventTypes),
    timestamp: time,
    recorded_at: time,
    data: z.looseObject({ order_no: z.nullable(z.string()), tenant_id: z.nullable(z.int()) }),
  }),
});

const dueAgain = z.strictObject({ delivery: z.string(), sent: time });

/** Null for what is neither. */
export function parseQueueMessage(text: string): QueueMessage | null {
  const message = parseJson(text);
  const again = dueAgain.safeParse(message).data;
  const delivery = again ? decodeDeliveryId(again.delivery) : null;
  if (again && delivery) return { delivery, sent: again.sent };
  const event = busEvent.safeParse(message).data?.detail;
  if (!event) return null;
  const { id, type, timestamp, recorded_at, data } = event;
  const { order_no, tenant_id } = data;
  const body = JSON.stringify({ type, timestamp, data });
  return { event: { id, type, timestamp: recorded_at, tenant_id, order_no, body } };
}

/** The message by which a delivery is attempted again. */
export const dueAgainMessage = (delivery: DeliveryKey, now: number): object => ({
  delivery: encodeDeliveryId(delivery),
  sent: isoTime(now),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
