import type { EventType } from '../orders/kinds.ts';

/** Whose endpoint is told: the stage's, or a tenant's. */
export type Receiver = 'stage' | `tenant:${number}`;

/** Null means the stage. */
export const receiverOf = (tenant_id: number | null): Receiver =>
  tenant_id === null ? 'stage' : `tenant:${tenant_id}`;

/** The tenant that a receiver is; null of the stage. */
export const tenantOf = (receiver: Receiver): number | null =>
  receiver === 'stage' ? null : Number(receiver.slice('tenant:'.length));

export const deliveryStates = ['due', 'delivered', 'given_up'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** Why an attempt got no answer. */
export const attemptErrors = [
  /** The endpoint's document could not be read: nothing was sent. */
  'document_unread',
  'name_unresolved',
  /** The host has an address that is not a public one: nothing was sent. */
  'address_refused',
  'connection_failed',
  'tls_failed',
  /** What came back is no HTTP. */
  'answer_malformed',
  /** Not answered within its time. */
  'timeout',
] as const;
export type AttemptError = (typeof attemptErrors)[number];

/** A request to an endpoint, and what came of it: a status, or why there is none. */
export interface Attempt {
  /** When it began; ISO 8601. */
  readonly at: string;
  readonly status: number | null;
  readonly error: AttemptError | null;
  readonly duration_ms: number;
}

/** Why a delivery was given up. */
export const givenUpReasons = [
  /** Answered 410: nobody wants it any more. */
  'gone',
  'time_over',
  /** There is no endpoint any more, or it does not want such events. */
  'not_wanted',
] as const;
export type GivenUpReason = (typeof givenUpReasons)[number];

/** What tells a delivery from all others: of an event, each receiver has one. */
export interface DeliveryKey {
  readonly receiver: Receiver;
  /** When the event was recorded here; ISO 8601. */
  readonly timestamp: string;
  readonly event_id: string;
}

/** An event on its way to a receiver's endpoint. */
export interface Delivery extends DeliveryKey {
  readonly type: EventType;
  /** Null of an event that is of no order. */
  readonly order_no: string | null;
  /** Exactly the bytes that are sent, each time the same. */
  readonly body: string;
  readonly state: DeliveryState;
  readonly version: number;
  /**
   * While it is due: when it is attempted next. During an attempt that is later, for another to try should this one
   * come to nothing. Of what waits, `since`.
   */
  readonly due_at: string | null;
  /** It is due and waits until its endpoint, which fails, takes something again. */
  readonly waits: boolean;
  /** Since when it has been due, and how often it was attempted since: anew each time that it is sent again. */
  readonly since: string;
  readonly tries: number;
  /** The latest of all, oldest first. */
  readonly attempts: readonly Attempt[];
  /** When it was delivered or given up. */
  readonly ended_at: string | null;
  readonly reason: GivenUpReason | null;
  /** Who last asked for it to be sent again, and when. */
  readonly redelivered: { readonly by: string; readonly at: string } | null;
}

/** How an endpoint does. Of one that has always answered, nothing is stored. */
export interface EndpointState {
  readonly receiver: Receiver;
  /** The first failure that no success followed; null while it answers. */
  readonly failing_since: string | null;
  /** How many attempts have failed since. */
  readonly failures: number;
  /** While it is set, new events wait; from then on one of them is tried. */
  readonly paused_until: string | null;
  /** How often it was paused without a success in between. */
  readonly pauses: number;
}

const ID = /^(stage|tenant:[1-9][0-9]{0,15}) ([2-9][0-9]{3}-[0-9-]{5}T[0-9:.]{12}Z) ([0-9A-Za-z_-]{1,64})$/;

/** By which clients name a delivery. */
export const encodeDeliveryId = ({ receiver, timestamp, event_id }: DeliveryKey): string =>
  Buffer.from(`${receiver} ${timestamp} ${event_id}`).toString('base64url');

/** What a client means; null when there can be no such delivery. */
export function decodeDeliveryId(id: string): DeliveryKey | null {
  if (id.length > 200) return null;
  const [, receiver, timestamp, event_id] = ID.exec(Buffer.from(id, 'base64url').toString()) ?? [];
  if (receiver === undefined || timestamp === undefined || event_id === undefined) return null;
  return { receiver: receiver as Receiver, timestamp, event_id };
}
