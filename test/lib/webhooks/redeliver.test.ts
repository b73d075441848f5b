import { describe, expect, it } from 'vitest';
import { BusyDeliveryError, redeliver, redeliverPeriod } from '../../../lib/webhooks/redeliver.ts';
import { deliveryOf, START } from '../../support/deliveries.ts';
import { createMemoryDeliveries } from './memory-deliveries.ts';

const at = new Date(START).toISOString();
const now = () => START;
const attempt = { at, status: 503, error: null, duration_ms: 40 };
const givenUp = (changes = {}) =>
  deliveryOf({
    ...{ state: 'given_up', reason: 'time_over', version: 13, tries: 12, attempts: [attempt], due_at: null },
    ...{ since: '2026-11-20T08:00:00.000Z', ended_at: '2026-11-23T08:00:00.000Z' },
    ...changes,
  });

describe('redeliver', () => {
  it.each(['given_up', 'delivered', 'due'] as const)(
    'makes one that is %s due, from the first attempt on',
    async (state) => {
      const delivery = givenUp({ state });
      const { store, find } = createMemoryDeliveries(delivery);
      const next = await redeliver({ store, now }, delivery, 'admin-1');
      expect(next).toEqual({
        ...delivery,
        ...{ state: 'due', version: 14, tries: 0, since: at, waits: false, ended_at: null, reason: null },
        // The message of it is under way; without it, it is due by itself.
        due_at: '2026-11-26T08:05:00.000Z',
        redelivered: { by: 'admin-1', at },
      });
      expect(find(delivery)).toEqual(next);
    },
  );

  it('finds none that is not there', async () => {
    const { store } = createMemoryDeliveries();
    expect(await redeliver({ store, now }, deliveryOf(), 'admin-1')).toBeNull();
  });

  it('keeps what was attempted meanwhile', async () => {
    const delivery = givenUp();
    const world = createMemoryDeliveries(delivery);
    world.interfere = (seen) => ({ ...seen, version: 14, attempts: [attempt, attempt] });
    await redeliver({ store: world.store, now }, delivery, 'admin-1');
    expect(world.find(delivery)).toMatchObject({ version: 15, attempts: [attempt, attempt], state: 'due' });
  });

  it('gives up on one that changes each time', async () => {
    const delivery = givenUp();
    const { store, find } = createMemoryDeliveries(delivery);
    const busy = { ...store, write: async () => false };
    await expect(redeliver({ store: busy, now }, delivery, 'admin-1')).rejects.toThrow(BusyDeliveryError);
    expect(find(delivery)).toEqual(delivery);
  });
});

describe('redeliverPeriod', () => {
  const period = { from: '2026-11-26T00:00:00.000Z', to: '2026-11-26T23:59:59.999Z' };
  const query = { receiver: 'stage', ...period, after: null } as const;
  const ofMinute = (minute: number, changes = {}) =>
    givenUp({ timestamp: new Date(Date.parse(period.from) + minute * 60_000).toISOString(), ...changes });

  it('lets what is asked for wait its turn, and nothing else', async () => {
    const wanted = ofMinute(1);
    const others = [
      ofMinute(1, { receiver: 'tenant:7' }),
      ofMinute(1, { state: 'delivered' }),
      ofMinute(-1),
      ofMinute(24 * 60),
    ];
    const { store, find, endpoints } = createMemoryDeliveries(wanted, ...others);
    const result = await redeliverPeriod({ store, now }, { ...query, state: 'given_up' }, 'admin-1');
    expect(result).toEqual({ redelivered: 1, next: null });
    expect(find(wanted)).toMatchObject({
      ...{ state: 'due', version: 14, tries: 0, waits: true, due_at: at },
      redelivered: { by: 'admin-1', at },
    });
    expect(others.map(find)).toEqual(others);
    // Else nobody would look for what waits.
    expect([...endpoints.keys()]).toEqual(['stage']);
  });

  it('takes as many as one request may, and the rest from where it ended', async () => {
    const all = Array.from({ length: 1_201 }, (_, minute) => ofMinute(minute));
    const { store, find } = createMemoryDeliveries(...all);
    const counts: number[] = [];
    let after: Parameters<typeof redeliverPeriod>[1]['after'] = null;
    do {
      const { redelivered, next } = await redeliverPeriod({ store, now }, { ...query, after }, 'admin-1');
      counts.push(redelivered);
      after = next;
    } while (after);
    expect(counts).toEqual([500, 500, 201]);
    expect(all.filter((delivery) => find(delivery)?.version !== 14)).toEqual([]);
  });

  const iso = (ms: number) => new Date(START + ms).toISOString();
  const due = (changes: object) => ofMinute(1, { state: 'due', reason: null, ended_at: null, ...changes });

  it('leaves one alone that may be under way: its attempt may begin now, or end in minutes', async () => {
    const underWay = [due({ due_at: iso(1) }), due({ due_at: iso(300_000) })];
    const { store, find } = createMemoryDeliveries(...underWay);
    expect(await redeliverPeriod({ store, now }, query, 'admin-1')).toMatchObject({ redelivered: 0 });
    expect(underWay.map(find)).toEqual(underWay);
  });

  it.each([
    ['is due already', { due_at: iso(0) }],
    ['is due later than any attempt lasts', { due_at: iso(300_001) }],
    ['waits', { waits: true, due_at: iso(0) }],
  ])('takes one that %s', async (_, changes) => {
    const { store } = createMemoryDeliveries(due(changes));
    expect(await redeliverPeriod({ store, now }, query, 'admin-1')).toMatchObject({ redelivered: 1 });
  });

  it('leaves one alone that changes as it is taken', async () => {
    const [busy, other] = [ofMinute(2), ofMinute(1)];
    const world = createMemoryDeliveries(busy, other);
    world.interfere = (seen) => ({ ...seen, version: 14 });
    expect(await redeliverPeriod({ store: world.store, now }, query, 'admin-1')).toMatchObject({
      redelivered: 1,
    });
    expect(world.find(busy)).toMatchObject({ version: 14, state: 'given_up' });
  });
});
