import type { WebhooksConfig } from '../config/webhooks.ts';
import { isoTime } from '../io.ts';
import { afterAttempt, isFinal, isTimeOver, leaseUntil, notWanted, timeOver } from './attempt-schedule.ts';
import { type Attempt, type Delivery, type DeliveryKey, type Receiver, receiverOf } from './delivery.ts';
import type { DeliveryStore } from './delivery-store.ts';
import type { EndpointStates } from './endpoint-states.ts';
import { type FindEndpoint, wants } from './endpoints.ts';
import type { PublishedEvent, QueueMessage } from './queue-message.ts';
import type { SendWebhook } from './send.ts';

/** What became of a delivery with one message. */
export type DeliveryOutcome =
  | 'delivered'
  /** It is due again. */
  | 'failed'
  | 'given_up'
  | 'not_wanted'
  /** Its endpoint fails: it waits. */
  | 'waiting'
  /** The message has come before, or the delivery is over: nothing was done. */
  | 'repeated';

export interface DeliverPorts {
  readonly store: Pick<DeliveryStore, 'add' | 'find' | 'write' | 'listWaiting' | 'postpone'>;
  readonly states: EndpointStates;
  readonly findEndpoint: FindEndpoint;
  readonly send: SendWebhook;
  readonly now: () => number;
  /** Hears of each delivery that a message was about; `attempt` is null where nothing was sent. */
  readonly report: (delivery: Delivery, outcome: DeliveryOutcome, attempt: Attempt | null) => void;
  /** An endpoint's document cannot be read, or is refused. */
  readonly onUnread: (receiver: Receiver, error: unknown) => void;
}

/**
 * Takes a message of the queue. Each receiver's delivery is stored before anything is sent, with a due time a few minutes
 * ahead: whatever dies from then on leaves it due. A message that comes again makes no second delivery.
 * @throws the store's error after retries, once every receiver was seen to: the message is to come again
 */
export async function deliver(message: QueueMessage, ports: DeliverPorts): Promise<void> {
  if ('delivery' in message) return deliverAgain(message, ports);
  const { event } = message;
  const receivers = new Set([receiverOf(null), receiverOf(event.tenant_id)]);
  // None waits for another, nor fails with it.
  const results = await Promise.allSettled(
    Array.from(receivers, (receiver) => deliverTo(receiver, event, ports)),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function deliverTo(receiver: Receiver, event: PublishedEvent, ports: DeliverPorts): Promise<void> {
  const { store, states, now } = ports;
  const endpoint = await endpointOrUnread(receiver, ports);
  if (endpoint === null || (endpoint !== 'unread' && !wants(endpoint, receiver, event))) return;
  const waits = endpoint !== 'unread' && (await states.isPaused(receiver));
  const delivery = newDelivery(receiver, event, now(), waits);
  if (!(await store.add(delivery))) ports.report(delivery, 'repeated', null);
  else if (waits) ports.report(delivery, 'waiting', null);
  else await attempt(delivery, endpoint, ports);
}

/** One that was due, or that somebody wants to be sent again: whatever its endpoint did before, it is tried. */
async function deliverAgain(
  { delivery: key, sent }: Extract<QueueMessage, { delivery: unknown }>,
  ports: DeliverPorts,
): Promise<void> {
  const outcome = await attemptAgain(key, sent, ports);
  if (outcome === 'not_wanted') await probeNext(key.receiver, ports);
}

/** Of what waits, so much is looked at in one go: what is left is for the next run of the release. */
const MOST_PROBES = 100;

/**
 * Nothing was sent, by which an endpoint whose pause is over would be seen to work or not. What waits for it is taken in
 * its turn until something is: else each that is not wanted would hold up all others until the next run.
 */
async function probeNext(receiver: Receiver, ports: DeliverPorts): Promise<void> {
  const { store, states, now } = ports;
  if (!(await states.isPauseOver(receiver))) return;
  for (const waiting of await store.listWaiting(receiver, MOST_PROBES)) {
    if (!(await store.postpone(waiting, leaseUntil(now())))) return;
    if ((await attemptAgain(waiting, isoTime(now()), ports)) !== 'not_wanted') return;
  }
}

/** @returns what became of it; null where there is none */
async function attemptAgain(
  key: DeliveryKey,
  sent: string,
  ports: DeliverPorts,
): Promise<DeliveryOutcome | null> {
  const { store, now } = ports;
  const delivery = await store.find(key);
  if (!delivery) return null;
  const last = delivery.attempts.at(-1);
  // Tried since the message was sent, it is due at another time by now.
  if (delivery.state !== 'due' || (last && last.at > sent)) {
    ports.report(delivery, 'repeated', null);
    return 'repeated';
  }
  if (isTimeOver(delivery.since, now())) return end(timeOver(delivery, now()), 'given_up', ports);
  const endpoint = await endpointOrUnread(delivery.receiver, ports);
  if (endpoint !== 'unread' && !(endpoint && isWanted(delivery, endpoint)))
    return end(notWanted(delivery, now()), 'not_wanted', ports);
  return attempt(delivery, endpoint, ports);
}

/** Of one that ends without being sent. */
async function end(
  ended: Delivery,
  outcome: 'given_up' | 'not_wanted',
  { store, report }: DeliverPorts,
): Promise<DeliveryOutcome> {
  const became = (await store.write(ended)) ? outcome : 'repeated';
  report(ended, became, null);
  return became;
}

/** A document that cannot be read is no reason to lose what it may want, nor to keep another's from being sent. */
async function endpointOrUnread(
  receiver: Receiver,
  { findEndpoint, onUnread }: DeliverPorts,
): Promise<WebhooksConfig | 'unread' | null> {
  try {
    return await findEndpoint(receiver);
  } catch (error) {
    onUnread(receiver, error);
    return 'unread';
  }
}

const isWanted = ({ receiver, type, body }: Delivery, endpoint: WebhooksConfig): boolean => {
  const { data } = JSON.parse(body) as { readonly data: { readonly tenant_id: number | null } };
  return wants(endpoint, receiver, { type, tenant_id: data.tenant_id });
};

function newDelivery(receiver: Receiver, event: PublishedEvent, now: number, waits: boolean): Delivery {
  const { id: event_id, timestamp, type, order_no, body } = event;
  const since = isoTime(now);
  return {
    ...{ receiver, timestamp, event_id, type, order_no, body },
    ...{ state: 'due', version: 1, waits, since, tries: 0, attempts: [] },
    ...{ due_at: waits ? since : leaseUntil(now), ended_at: null, reason: null, redelivered: null },
  };
}

async function attempt(
  delivery: Delivery,
  endpoint: WebhooksConfig | 'unread',
  { store, states, send, now, report }: DeliverPorts,
): Promise<DeliveryOutcome> {
  const { receiver, event_id: id, body } = delivery;
  const result: Attempt =
    endpoint === 'unread'
      ? { at: isoTime(now()), status: null, error: 'document_unread', duration_ms: 0 }
      : await send(endpoint, { id, body });
  const next = afterAttempt(delivery, result, now());
  const outcome = next.state === 'due' ? 'failed' : next.state;
  report(next, outcome, result);
  // An attempt of another, or who wants it sent again, may have come first: then theirs stands.
  const writes = [store.write(next)];
  const seen = endpoint === 'unread' ? Promise.resolve() : told(states, receiver, delivery, result);
  await Promise.all([...writes, seen]);
  return outcome;
}

/** A first attempt is one of many; a later one is rare, and what its endpoint's state is now decides for all others. */
const told = (
  states: EndpointStates,
  receiver: Receiver,
  { version }: Delivery,
  result: Attempt,
): Promise<void> => (isFinal(result) ? states.answered(receiver, version > 1) : states.failed(receiver));
