import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announcedIn, mallPayment, type OwedItem, owedItem, owingNothing } from './items.ts';
import { createWorld, MINUTE_MS, noFaults, type RobotState } from './world.ts';

type World = ReturnType<typeof createWorld>;

const START = Date.parse('2026-11-22T00:00:00Z');
const HOUR = 60;
const DELAY_MS = 5 * MINUTE_MS;

/** The item comes to owe its announcement, as by a settlement. */
function settle({ table, now }: World, item: OwedItem): void {
  table.put(owingNothing(item));
  table.put({ ...item, work_due: new Date(now() + DELAY_MS).toISOString() });
}

async function sweepEveryMinute(world: World, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    world.wait(MINUTE_MS);
    await world.sweep();
  }
}

const announcedBy = ({ robot }: World) => announcedIn(robot.messages());
const owing = ({ table }: World) =>
  table.items().flatMap(({ work, order_no }) => (work === undefined ? [] : [`${order_no} ${work}`]));

describe('stream and sweep together', () => {
  const fault = fc.record({
    robot: fc.constantFrom<RobotState[]>('works', 'refuses', 'fails', 'unreachable', 'loses'),
    sweeps: fc.nat(3),
    batch: fc.integer({ min: 1, max: 40 }),
    isGivenUp: fc.boolean(),
  });
  const story = fc.record({
    items: fc.uniqueArray(fc.tuple(owedItem, fc.nat(59), fc.nat(9)), {
      maxLength: 60,
      selector: ([item]) => item.order_no,
    }),
    faults: fc.array(fault, { minLength: 2 * HOUR, maxLength: 2 * HOUR }),
    dice: fc.infiniteStream(fc.nat(99)),
  });

  it('announce every item at least once and park what cannot be read, whatever fails on the way', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ items, faults, dice }) => {
        const world = createWorld(START);
        const roll = () => dice.next().value ?? 0;
        Object.assign(world.faults, { dies: () => roll() < 3, storeFails: () => roll() < 5 });
        const isPoison = (chance: number) => chance === 0;
        for (const [minute, { robot, sweeps, batch, isGivenUp }] of faults.entries()) {
          world.faults.robot = () => robot;
          for (const [item, at, chance] of items) {
            if (at === minute) settle(world, isPoison(chance) ? { ...item, amount: -1 } : item);
          }
          const records = world.table.takeRecords();
          const shuffled = [...records, ...records.filter(() => roll() < 20)]
            .map((record) => ({ record, place: roll() }))
            .sort((one, other) => one.place - other.place)
            .map(({ record }) => record);
          for (let start = 0; start < shuffled.length && !isGivenUp; start += batch) {
            await world.deliver(shuffled.slice(start, start + batch));
          }
          await Promise.all(Array.from({ length: sweeps }, world.sweep));
          world.wait(MINUTE_MS);
        }
        Object.assign(world.faults, noFaults);
        await sweepEveryMinute(world, 3 * HOUR);

        const [poison, readable] = [true, false].map((wanted) =>
          items.filter(([, , chance]) => isPoison(chance) === wanted).map(([item]) => item),
        );
        expect([...new Set(announcedBy(world))].sort()).toEqual(
          readable?.map(({ order_no }) => order_no).sort(),
        );
        expect(owing(world).sort()).toEqual(
          poison?.map(({ order_no, work }) => `${order_no} ${work.replace(/^[a-z]+/, 'parked')}`).sort(),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('announce all that was paid while WeCom was down for 25 hours, and try it less and less often', async () => {
    const world = createWorld(START);
    const states: RobotState[] = ['unreachable', 'refuses', 'fails'];
    world.faults.robot = () => states[Math.floor((world.now() - START) / MINUTE_MS) % 3] ?? 'fails';
    const paid = 25 * HOUR;
    for (let minute = 0; minute < paid; minute++) {
      settle(world, mallPayment(minute, world.now()));
      await world.deliver(world.table.takeRecords());
      await world.sweep();
      world.wait(MINUTE_MS);
    }
    expect(world.robot.messages()).toEqual([]);
    const triesOfFirst = world.robot.attempts.filter(({ content }) => content.includes('`mall-0`'));
    expect(triesOfFirst.length).toBeGreaterThan(20);
    expect(triesOfFirst.length).toBeLessThan(40);
    expect(world.robot.attempts.length).toBeLessThanOrEqual(2 * paid);

    world.faults.robot = () => 'works';
    await sweepEveryMinute(world, 3 * HOUR);
    expect(world.robot.wasShut()).toBe(false);
    expect(announcedBy(world).sort()).toEqual(Array.from({ length: paid }, (_, id) => `mall-${id}`).sort());
    expect(owing(world)).toEqual([]);
  });

  it('announce once each what is paid faster than a robot takes messages, though it shuts for a while', async () => {
    const world = createWorld(START);
    const paid = 3_000;
    for (let id = 0; id < paid; id++) settle(world, mallPayment(id, world.now()));
    const records = world.table.takeRecords();
    for (let start = 0; start < paid; start += 100) {
      await world.deliver(records.slice(start, start + 100));
      world.wait(500);
    }
    expect(world.robot.wasShut()).toBe(true);
    await sweepEveryMinute(world, 3 * HOUR);
    expect(announcedBy(world).sort()).toEqual(Array.from({ length: paid }, (_, id) => `mall-${id}`).sort());
    expect(owing(world)).toEqual([]);
  });

  it('announce again what was sent when the consumer died before it could say so', async () => {
    const world = createWorld(START);
    settle(world, mallPayment(1, world.now()));
    world.faults.dies = () => world.robot.attempts.length > 0;
    await world.deliver(world.table.takeRecords().slice(0, 1));
    expect(announcedBy(world)).toEqual(['mall-1']);
    expect(owing(world)).toHaveLength(1);
    world.faults.dies = () => false;
    await sweepEveryMinute(world, 6);
    expect(announcedBy(world)).toEqual(['mall-1', 'mall-1']);
    expect(owing(world)).toEqual([]);
  });

  it('announce once what comes in a batch with an item that can be neither read nor parked', async () => {
    const world = createWorld(START);
    const { parkWork } = world.table.store;
    world.table.store.parkWork = async () => {
      throw new Error('no store');
    };
    for (const id of [1, 2, 3]) settle(world, mallPayment(id, world.now(), id === 2 ? { amount: -1 } : {}));
    await world.deliver(world.table.takeRecords());
    expect(announcedBy(world)).toEqual(['mall-1', 'mall-3']);
    world.table.store.parkWork = parkWork;
    await sweepEveryMinute(world, 6);
    expect(announcedBy(world)).toEqual(['mall-1', 'mall-3']);
    expect(owing(world)).toEqual([expect.stringMatching(/^mall-2 parked#/)]);
  });
});
