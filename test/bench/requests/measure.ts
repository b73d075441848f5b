import type { Provider } from '../../../lib/orders/kinds.ts';
import { writeUnits } from '../../support/capacity.ts';
import { type MeteredRequest, writeUnitsOf } from '../../support/dynamodb-meter.ts';
import { createParties } from '../../support/parties.ts';
import type { Figure, Findings, Goal, Table } from '../figure.ts';
import { type CallbackPath, callbackPaths, createPathMeasurement } from './callback-paths.ts';
import {
  type Lifetime,
  lifetimeSteps,
  measureLifetimes,
  paymentKinds,
  requestsOf,
  sumUp,
} from './lifetime.ts';
import { startMeteredSystem } from './metered-system.ts';
import { measurePowertools } from './powertools.ts';
import { itemsOfSeveralOrders } from './shared-items.ts';

const providers = ['wechat', 'alipay', 'stripe'] as const satisfies readonly Provider[];

const exactly = (limit: number): Goal => ({ bound: 'exactly', limit });

/** Tried without a read, then read, and decided about what is stored. */
const exception: Goal = { bound: 'at most', limit: 3 };

const goals: Readonly<Record<CallbackPath, Goal>> = {
  settlement: exactly(1),
  duplicate: exactly(1),
  'unknown order': exactly(1),
  mismatch: exception,
  'paid twice': exception,
  'paid after close': exception,
  'no order named': exactly(0),
  forgery: exactly(0),
};

/** Requests and units of callbacks and of whole payments, counted between the functions and the table. */
export async function measure(): Promise<Findings> {
  const { ofPath, groups } = await measureCallbacks();
  const lifetimes = await measurePayments();
  const peer = await measurePowertools();
  // Each in a table of its own.
  const shared = [groups, lifetimes.map(requestsOf)].flatMap(itemsOfSeveralOrders);
  return {
    figures: [
      ...callbackPaths.flatMap((path) => pathFigures(path, ofPath[path])),
      {
        part: 'requests',
        subject: 'items that two different orders both write',
        against: null,
        value: shared.length,
        spread: null,
        unit: 'items',
        goal: exactly(0),
      },
    ],
    tables: [
      pathTable(ofPath, peer),
      lifetimeTable(lifetimes),
      engineTable([...groups, ...lifetimes.map(requestsOf)].flat()),
    ],
  };
}

type OfPath = Record<CallbackPath, readonly MeteredRequest[]>;

/** Of each path the provider that asks for most, and all that was asked for each order. */
async function measureCallbacks() {
  const parties = createParties();
  await using started = new AsyncDisposableStack();
  const metered = started.adopt(await startMeteredSystem(parties), (part) => part.stop());
  const measurePath = createPathMeasurement({ url: metered.system.url, parties, ...metered });
  const ofPath: Partial<OfPath> = {};
  const groups: MeteredRequest[][] = [];
  for (const path of callbackPaths) {
    const measured = [];
    for (const provider of providers) measured.push(await measurePath(provider, path));
    ofPath[path] = dearest(measured.map(({ requests }) => requests));
    groups.push(...measured.map(({ earlier, requests }) => [...earlier, ...requests]));
  }
  return { ofPath: ofPath as OfPath, groups };
}

async function measurePayments(): Promise<Lifetime[]> {
  await using started = new AsyncDisposableStack();
  const metered = started.adopt(await startMeteredSystem(), (part) => part.stop());
  // Awaited here: the system stops as this returns.
  return await measureLifetimes(metered, paymentKinds);
}

const dearest = (all: readonly (readonly MeteredRequest[])[]): readonly MeteredRequest[] =>
  all.toSorted((one, other) => sumUp(other).writeUnits - sumUp(one).writeUnits)[0] ?? [];

function pathFigures(path: CallbackPath, requests: readonly MeteredRequest[]): Figure[] {
  const figure = { part: 'requests', subject: `callback: ${path}`, against: null, spread: null } as const;
  const sums = sumUp(requests);
  return [
    { ...figure, value: sums.requests, unit: 'requests', goal: goals[path] },
    { ...figure, value: sums.writeUnits, unit: 'write units', goal: null },
  ];
}

/** Write units of the table itself and of its indexes. */
function unitsText(requests: readonly MeteredRequest[]): string {
  const all = sumUp(requests).writeUnits;
  const table = requests
    .flatMap(({ writes }) => writes)
    .reduce((sum, write) => sum + writeUnits(write.layout, write).table, 0);
  return all === table ? String(all) : `${all} (${table} + ${all - table})`;
}

function pathTable(ofPath: OfPath, peer: Awaited<ReturnType<typeof measurePowertools>>): Table {
  return {
    title: 'Requests to DynamoDB and write units of a callback',
    note: 'Settle against Powertools idempotency around one update. In brackets what the table and what its indexes take of the units. The other keeps no books, no record of what did not fit and no list of what is owed. A refused transaction is reckoned like one that was made, which is the most that it can cost.',
    columns: ['callback', 'requests', 'write units', 'Powertools: requests', 'Powertools: write units'],
    rows: callbackPaths.map((path) => [
      path,
      ...[ofPath[path], peer[path]].flatMap((requests) => [requests.length, unitsText(requests)]),
    ]),
  };
}

function lifetimeTable(lifetimes: readonly Lifetime[]): Table {
  return {
    title: 'A payment from its order to the message in the group',
    note: 'Requests / write units / read units of each step. A checkout has an Idempotency-Key. The stream and Lambda’s reading of it cost no units.',
    columns: ['payment', ...lifetimeSteps, 'in all'],
    rows: lifetimes.map((lifetime) => [
      lifetime.kind === 'shop' ? 'mini-program order' : `checkout, ${lifetime.kind}`,
      ...lifetimeSteps.map((step) => sumsText(lifetime.steps[step])),
      sumsText(requestsOf(lifetime)),
    ]),
  };
}

function sumsText(requests: readonly MeteredRequest[]): string {
  const sums = sumUp(requests);
  return `${sums.requests} / ${sums.writeUnits} / ${sums.readUnits}`;
}

function engineTable(requests: readonly MeteredRequest[]): Table {
  const counted = requests.filter(({ engineUnits }) => engineUnits !== null);
  const different = counted.filter(
    (request) => writeUnitsOf(request) + request.readUnits !== request.engineUnits,
  );
  return {
    title: 'The units by AWS’s rules and by the embedded engine',
    note: 'The figures follow AWS’s rules. For refused writes the engine, like DynamoDB, says nothing.',
    columns: ['requests', 'counted by both', 'counted differently'],
    rows: [[requests.length, counted.length, different.length]],
  };
}
