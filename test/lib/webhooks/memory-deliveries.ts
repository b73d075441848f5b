import type { Delivery, DeliveryKey, EndpointState, Receiver } from '../../../lib/webhooks/delivery.ts';
import type { DeliveryStore } from '../../../lib/webhooks/delivery-store.ts';

type MemoryStore = Pick<
  DeliveryStore,
  'find' | 'write' | 'list' | 'keepEndpoint' | 'findEndpoint' | 'listEndpoints' | 'countWaiting'
>;

export interface MemoryDeliveries {
  readonly store: MemoryStore;
  readonly endpoints: Map<Receiver, EndpointState>;
  find(delivery: DeliveryKey): Delivery | undefined;
  /** What others do to a delivery, once, before it is written next. */
  interfere: ((seen: Delivery) => Delivery) | null;
}

const nameOf = ({ receiver, timestamp, event_id }: DeliveryKey): string =>
  `${timestamp} ${event_id} ${receiver}`;

/** Deliveries in memory, as far as endpoints of the API ask of them. */
export function createMemoryDeliveries(...deliveries: readonly Delivery[]): MemoryDeliveries {
  const stored = new Map(deliveries.map((delivery) => [nameOf(delivery), delivery]));
  const endpoints = new Map<Receiver, EndpointState>();
  const world: MemoryDeliveries = {
    endpoints,
    find: (key) => stored.get(nameOf(key)),
    interfere: null,
    store: {
      find: async (key) => world.find(key) ?? null,
      async write(next) {
        const { interfere } = world;
        const seen = world.find(next);
        if (interfere && seen) {
          world.interfere = null;
          stored.set(nameOf(next), interfere(seen));
        }
        if (world.find(next)?.version !== next.version - 1) return false;
        stored.set(nameOf(next), next);
        return true;
      },
      async list({ receiver, from, to, after, limit, state, type, order_no }) {
        const before = after && `${after.at} ${after.key}`;
        const found = [...stored.values()]
          .filter((one) => one.receiver === receiver && one.timestamp >= from && one.timestamp <= to)
          .filter((one) => before === null || `${one.timestamp} ${one.event_id}` < before)
          .filter((one) => (state ?? one.state) === one.state && (type ?? one.type) === one.type)
          .filter((one) => (order_no ?? one.order_no) === one.order_no)
          .sort((one, other) => (nameOf(one) < nameOf(other) ? 1 : -1));
        const items = found.slice(0, limit);
        const last = found.length > limit ? items.at(-1) : undefined;
        return { items, next: last ? { at: last.timestamp, key: last.event_id } : null };
      },
      async keepEndpoint(receiver) {
        const known = endpoints.get(receiver);
        endpoints.set(receiver, known ?? { receiver, ...untroubled });
      },
      findEndpoint: async (receiver) => endpoints.get(receiver) ?? null,
      listEndpoints: async () => [...endpoints.values()],
      countWaiting: async (receiver) =>
        [...stored.values()].filter((one) => one.receiver === receiver && one.waits).length,
    },
  };
  return world;
}

const untroubled = { failing_since: null, failures: 0, paused_until: null, pauses: 0 };
