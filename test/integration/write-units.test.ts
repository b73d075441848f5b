import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Provider } from '../../lib/orders/kinds.ts';
import {
  type CallbackPath,
  callbackPaths,
  createPathMeasurement,
  type MeasurePath,
} from '../bench/requests/callback-paths.ts';
import {
  type LifetimeStep,
  lifetimeSteps,
  measureLifetimes,
  type PaymentKind,
  paymentKinds,
  requestsOf,
  sumUp,
} from '../bench/requests/lifetime.ts';
import { startMeteredSystem } from '../bench/requests/metered-system.ts';
import { itemsOfSeveralOrders, writtenItems } from '../bench/requests/shared-items.ts';
import { writeUnitsOf } from '../support/dynamodb-meter.ts';
import { createParties } from '../support/parties.ts';

type MeteredSystem = Awaited<ReturnType<typeof startMeteredSystem>>;

/**
 * What each step may cost, in requests, write units with those of the indexes, and read units. A change that raises one
 * is to be wanted.
 */
type Budget = readonly [requests: number, writeUnits: number, readUnits: number];

describe('a callback', () => {
  const budgets: Readonly<Record<CallbackPath, Budget>> = {
    settlement: [1, 8, 0],
    duplicate: [1, 4, 0],
    'unknown order': [1, 4, 0],
    mismatch: [3, 7, 1],
    'paid twice': [3, 12, 1],
    'paid after close': [3, 15, 1],
    'no order named': [0, 0, 0],
    forgery: [0, 0, 0],
  };
  const providers = ['wechat', 'alipay', 'stripe'] as const;
  let metered: MeteredSystem;
  let measure: MeasurePath;

  beforeAll(async () => {
    const parties = createParties();
    metered = await startMeteredSystem(parties);
    measure = createPathMeasurement({ url: metered.system.url, parties, ...metered });
  });
  afterAll(() => metered?.stop());

  /** On a busy machine a request can outlast its time and be made again: then another callback is measured. */
  async function costOf(provider: Provider, path: CallbackPath): Promise<Budget> {
    let cost: Budget = [0, 0, 0];
    for (let time = 0; time < 3; time += 1) {
      const { requests, writeUnits, readUnits } = sumUp((await measure(provider, path)).requests);
      cost = [requests, writeUnits, readUnits];
      if (requests <= budgets[path][0]) break;
    }
    return cost;
  }

  it.each(providers)('of %s costs no more requests and write units than it may', async (provider) => {
    const costs: Record<string, Budget> = {};
    for (const path of callbackPaths) {
      costs[path] = await costOf(provider, path);
    }
    expect(costs).toEqual(budgets);
  });

  it('writes no item that one of another order writes, whatever becomes of it', async () => {
    const groups = [];
    for (const path of [...callbackPaths, ...callbackPaths]) {
      for (const provider of providers) {
        const { requests, earlier } = await measure(provider, path);
        groups.push([...earlier, ...requests]);
      }
    }
    expect(groups.filter((group) => group.length > 0).length).toBeGreaterThan(30);
    expect(itemsOfSeveralOrders(groups)).toEqual([]);
  });
});

describe('a payment from its order to the message in the group', () => {
  const budgets: Readonly<Record<PaymentKind, Readonly<Record<LifetimeStep, Budget>>>> = {
    // What WeChat is to be told was sent owes that next: its place in the index is another, not none.
    shop: { order: [2, 2, 1], 'begin payment': [3, 10, 1], settle: [1, 8, 0], announce: [1, 3, 0] },
    wechat: { order: [3, 13, 1], 'begin payment': [0, 0, 0], settle: [1, 8, 0], announce: [1, 2, 0] },
    alipay: { order: [3, 13, 1], 'begin payment': [0, 0, 0], settle: [1, 8, 0], announce: [1, 2, 0] },
    stripe: { order: [3, 13, 1], 'begin payment': [0, 0, 0], settle: [1, 8, 0], announce: [1, 2, 0] },
  };
  let metered: MeteredSystem;

  beforeAll(async () => {
    metered = await startMeteredSystem();
  });
  afterAll(() => metered?.stop());

  it('costs no more than it may, and shares no item with another', async () => {
    const lifetimes = await measureLifetimes(metered, [...paymentKinds, ...paymentKinds]);
    for (const { kind, steps } of lifetimes) {
      const costs = lifetimeSteps.map((step) => {
        const { requests, writeUnits, readUnits } = sumUp(steps[step]);
        return [step, [requests, writeUnits, readUnits]] as const;
      });
      expect({ kind, ...Object.fromEntries(costs) }).toEqual({ kind, ...budgets[kind] });
    }
    expect(itemsOfSeveralOrders(lifetimes.map(requestsOf))).toEqual([]);

    const ofOrders = writtenItems(lifetimes.flatMap(requestsOf));
    const byThemselves = metered.meter.requests.filter(({ caller }) => caller === 'notify-wecom');
    expect([...writtenItems(byThemselves)].filter((item) => !ofOrders.has(item))).toEqual([]);
  });

  it('is counted as the engine counts it', () => {
    const applied = metered.meter.requests.filter(({ engineUnits }) => engineUnits !== null);
    expect(applied.length).toBeGreaterThan(20);
    for (const request of applied) {
      expect(writeUnitsOf(request) + request.readUnits).toBe(request.engineUnits);
    }
  });
});
