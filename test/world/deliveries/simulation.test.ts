import { describe, expect, it } from 'vitest';
import { type DeliveryBug, type SimulatedDeliveries, simulateDeliveries } from './simulation.ts';

const RUNS = 40;

/** What any set of runs must have met. */
const rare = [
  ...['came_again', 'delivery_failed', 'delivery_repeated', 'delivery_waiting', 'document_unread'],
  ...['function_died', 'message_repeated', 'queue_failed', 'receiver_answer_lost', 'receiver_down'],
  ...['receiver_refused', 'table_failed'],
];

const bugs: readonly DeliveryBug[] = [
  {
    name: 'a delivery is nobody’s while it is attempted',
    ports: (ports) => ({
      ...ports,
      store: { ...ports.store, add: (delivery) => ports.store.add({ ...delivery, due_at: null }) },
    }),
  },
  {
    name: 'whatever is answered is taken for a success',
    ports: (ports) => ({
      ...ports,
      send: async (endpoint, message) => ({
        ...(await ports.send(endpoint, message)),
        ...{ status: 200, error: null },
      }),
    }),
  },
  {
    name: 'an endpoint whose document is not read is taken for none',
    ports: (ports) => ({
      ...ports,
      findEndpoint: (receiver) => ports.findEndpoint(receiver).catch(() => null),
    }),
  },
  { name: 'what waits is never released', store: () => ({ listWaiting: async () => [] }) },
  {
    name: 'what is put into the queue is due no more',
    store: (store) => ({
      postpone: async (seen, due_at) => {
        const isDue = await store.postpone(seen, due_at);
        const delivery = await store.find(seen);
        if (delivery) await store.write({ ...delivery, due_at: null, version: delivery.version + 1 });
        return isDue;
      },
    }),
  },
];

async function findBug(bug: DeliveryBug): Promise<SimulatedDeliveries | null> {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const run = await simulateDeliveries(seed, bug);
    if (run.wrong.length > 0) return run;
  }
  return null;
}

describe('webhooks through every trouble', () => {
  it('arrive once or more, and let their receivers end with the truth', async () => {
    const taken = new Set<string>();
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const { wrong, marks } = await simulateDeliveries(seed);
      expect({ seed, wrong }).toEqual({ seed, wrong: [] });
      for (const name of marks.keys()) taken.add(name);
    }
    expect(rare.filter((name) => !taken.has(name))).toEqual([]);
  });

  it.each(bugs)('shows that $name', async (bug) => {
    expect(await findBug(bug)).not.toBeNull();
  });
});
