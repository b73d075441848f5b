import type { Delivery, DeliveryKey, EndpointState, Receiver } from '../../../lib/webhooks/delivery.ts';
import type { DeliveryStore, DueDelivery } from '../../../lib/webhooks/delivery-store.ts';

/** Deliveries with the meaning that their store's words have, and nothing of DynamoDB. */
export interface MemoryStore extends DeliveryStore {
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** When there is something to release next; null when there is nothing. */
  nextDue(): number | null;
}

const nameOf = ({ receiver, timestamp, event_id }: DeliveryKey) => `${receiver} ${timestamp} ${event_id}`;
const untroubled = { failing_since: null, failures: 0, paused_until: null, pauses: 0 } as const;

/** @param passage what each request goes through on its way there, and back */
export function createMemoryStore(passage: () => Promise<void>): MemoryStore {
  const deliveries = new Map<string, Delivery>();
  const endpoints = new Map<Receiver, EndpointState>();
  const through = async <T>(act: () => T): Promise<T> => {
    await passage();
    const result = act();
    await passage();
    return result;
  };
  const listed = (accept: (delivery: Delivery) => boolean): DueDelivery[] =>
    [...deliveries.values()]
      .filter((delivery) => delivery.due_at !== null && accept(delivery))
      .map(({ receiver, timestamp, event_id, due_at }) => ({
        ...{ receiver, timestamp, event_id, due_at: String(due_at) },
      }))
      .sort((one, other) => (one.due_at < other.due_at ? -1 : 1));
  /** What is due is named by when it is: one that was attempted meanwhile is due at another time. */
  const changeSeen = (seen: DueDelivery, change: Partial<Delivery>) =>
    through(() => {
      const known = deliveries.get(nameOf(seen));
      if (!known || known.due_at !== seen.due_at) return false;
      deliveries.set(nameOf(seen), { ...known, version: known.version + 1, ...change });
      return true;
    });
  return {
    deliveries,
    nextDue() {
      const paused = [...endpoints.values()].flatMap(({ paused_until }) => paused_until ?? []);
      const due = [...deliveries.values()].flatMap(({ due_at }) => due_at ?? []);
      const times = due.length > 0 ? [...paused, ...due].map(Date.parse) : [];
      return times.length > 0 ? Math.min(...times) : null;
    },
    add: (delivery) =>
      through(() => {
        if (deliveries.has(nameOf(delivery))) return false;
        deliveries.set(nameOf(delivery), delivery);
        return true;
      }),
    find: (key) => through(() => deliveries.get(nameOf(key)) ?? null),
    list: async () => ({ items: [], next: null }),
    write: (next) =>
      through(() => {
        if (deliveries.get(nameOf(next))?.version !== next.version - 1) return false;
        deliveries.set(nameOf(next), next);
        return true;
      }),
    listDue: (now, limit) =>
      through(() => listed(({ due_at, waits }) => !waits && String(due_at) <= now).slice(0, limit)),
    listWaiting: (receiver, limit) =>
      through(() => listed((delivery) => delivery.waits && delivery.receiver === receiver).slice(0, limit)),
    postpone: (seen, due_at) => changeSeen(seen, { due_at, waits: false }),
    setWaiting: (seen) => {
      const since = deliveries.get(nameOf(seen))?.since ?? seen.due_at;
      return changeSeen(seen, { due_at: since, waits: true });
    },
    giveUp: (seen, at) =>
      changeSeen(seen, { state: 'given_up', reason: 'time_over', due_at: null, waits: false, ended_at: at }),
    countWaiting: async () => 0,
    findEndpoint: (receiver) => through(() => endpoints.get(receiver) ?? null),
    listEndpoints: () => through(() => [...endpoints.values()]),
    keepEndpoint: (receiver) =>
      through(() => {
        endpoints.set(receiver, endpoints.get(receiver) ?? { receiver, ...untroubled });
      }),
    countFailure: (receiver, at) =>
      through(() => {
        const known = endpoints.get(receiver) ?? { receiver, ...untroubled };
        const failing_since = known.failing_since ?? at;
        const state = { ...known, failing_since, failures: known.failures + 1 };
        endpoints.set(receiver, state);
        return state;
      }),
    pause: (seen, paused_until) =>
      through(() => {
        const known = endpoints.get(seen.receiver);
        if (known?.paused_until !== seen.paused_until || known.failing_since === null) return false;
        endpoints.set(seen.receiver, { ...known, paused_until, pauses: known.pauses + 1 });
        return true;
      }),
    recover: (receiver) =>
      through(() => {
        endpoints.set(receiver, { receiver, ...untroubled });
      }),
  };
}
