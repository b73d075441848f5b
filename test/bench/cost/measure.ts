import { synthesizeStage } from '../../../infra/stacks/template.ts';
import { readStage } from '../../../infra/stages.ts';
import { storedBytes } from '../../support/capacity.ts';
import type { MeteredRequest } from '../../support/dynamodb-meter.ts';
import type { Findings, Table } from '../figure.ts';
import {
  type Lifetime,
  measureLifetimes,
  type PaymentKind,
  paymentKinds,
  requestsOf,
  sumUp,
} from '../requests/lifetime.ts';
import { startMeteredSystem } from '../requests/metered-system.ts';
import {
  costOfIdleMonth,
  costOfMillion,
  type PaymentUsage,
  type StageUsage,
  timesAMonth,
  totalCost,
} from './cost-model.ts';
import { listPrices } from './prices.ts';

/**
 * Billed time of an invocation in milliseconds, at 1 GB. Measured here is only what a function does itself; the rest
 * is what AWS and providers usually take to answer: 10 ms a write, 150 ms for a prepay or a session.
 */
const billed_ms = {
  'put-shop-order': 20,
  'pay-mall-order': 190,
  'get-shop-order': 12,
  checkout: 190,
  callback: 20,
  'notify-wecom': 300,
  sweep: 150,
} as const;

/** One invocation in a hundred is a cold start, billed since August 2025. */
const COLD_START_MS = 0.01 * 300;

/** Lines that Lambda writes about each invocation, and API Gateway about each request. */
const PLATFORM_LOG_BYTES = 600;
const ACCESS_LOG_BYTES = 400;
const ANSWER_BYTES = 1_200;

/** X-Ray takes one trace a second and, of what is more, one in twenty. */
const TRACED = 0.05;

/** Of a stage whose three providers are used and where little goes wrong. */
const METRIC_SERIES = 40;

/** A quiet shop's payments come one by one, so that each is announced by an invocation of its own. */
const invocationsOf = (kind: PaymentKind): (keyof typeof billed_ms)[] =>
  kind === 'shop'
    ? ['put-shop-order', 'pay-mall-order', 'callback', 'get-shop-order', 'notify-wecom']
    : ['checkout', 'callback', 'notify-wecom'];

/** Dollars for a million payments, from what one of each kind was counted to use. */
export async function measure(): Promise<Findings> {
  await using started = new AsyncDisposableStack();
  const metered = started.adopt(await startMeteredSystem(), (part) => part.stop());
  const costs = [];
  for (const [index, kind] of paymentKinds.entries()) {
    const before = metered.system.logs.length;
    const [lifetime] = await measureLifetimes(metered, [kind], index + 1);
    if (!lifetime) throw new Error(`${kind} was not paid`);
    const lines = metered.system.logs.slice(before);
    const loggedBytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    costs.push({ kind, parts: costOfMillion(usageOf(lifetime, loggedBytes), listPrices) });
  }
  const seen = metered.meter.requests.length;
  await metered.system.sweep();
  const sweep = metered.meter.requests.slice(seen).filter(({ caller }) => caller === 'sweep');
  return {
    figures: costs.map(({ kind, parts }) => ({
      part: 'cost',
      subject: `a million payments: ${kind === 'shop' ? 'mini-program orders' : `checkouts, ${kind}`}`,
      against: null,
      value: totalCost(parts),
      spread: null,
      unit: 'USD',
      goal: null,
    })),
    tables: [costTable(costs), idleTable(idleUsage(sweep))],
  };
}

function usageOf(lifetime: Lifetime, loggedBytes: number): PaymentUsage {
  const requests = requestsOf(lifetime);
  const { writeUnits, readUnits } = sumUp(requests);
  const invocations = invocationsOf(lifetime.kind);
  const httpRequests = invocations.filter((name) => name !== 'notify-wecom').length;
  const total_ms = invocations.reduce((sum, name) => sum + billed_ms[name] + COLD_START_MS, 0);
  return {
    writeUnits,
    // A mini-program asks once whether it is paid.
    readUnits: readUnits + (lifetime.kind === 'shop' ? 1 : 0),
    storedBytes: bytesLeftBy(requests),
    httpRequests,
    invocations: invocations.length,
    gbSeconds: total_ms / 1_000,
    loggedBytes: loggedBytes + invocations.length * PLATFORM_LOG_BYTES + httpRequests * ACCESS_LOG_BYTES,
    traces: httpRequests * TRACED,
    transferredBytes: httpRequests * ANSWER_BYTES,
  };
}

/** Without what its time to live removes. */
function bytesLeftBy(requests: readonly MeteredRequest[]): number {
  const left = new Map(
    requests.flatMap(({ writes }) => writes).map((write) => [JSON.stringify(write.key), write] as const),
  );
  return [...left.values()]
    .filter(({ after }) => after && !after['ttl'])
    .reduce((sum, { layout, after }) => sum + storedBytes(layout, after), 0);
}

/** A function that is called now and then reads each of its documents every five minutes. */
function idleUsage(sweep: readonly MeteredRequest[]): StageUsage {
  const runs = timesAMonth(60);
  const { writeUnits, readUnits } = sumUp(sweep);
  return {
    writeUnits: runs * writeUnits,
    readUnits: runs * readUnits,
    invocations: runs,
    gbSeconds: (runs * billed_ms.sweep) / 1_000,
    secrets: 5,
    secretReads: timesAMonth(300) * 5,
    metrics: METRIC_SERIES,
    alarms: countResources('AWS::CloudWatch::Alarm'),
    dashboards: countResources('AWS::CloudWatch::Dashboard'),
  };
}

function countResources(type: string): number {
  const { service } = synthesizeStage(readStage('prod'));
  return Object.values(service.Resources).filter((resource) => resource.Type === type).length;
}

const dollars = (amount: number): string => amount.toFixed(2);

function costTable(
  costs: readonly { readonly kind: PaymentKind; readonly parts: Readonly<Record<string, number>> }[],
): Table {
  const names = Object.keys(costs[0]?.parts ?? {});
  return {
    title: 'US dollars for a million payments',
    note: 'List prices of us-east-1 without free tiers. Write and read units, stored bytes and log lines of the functions are counted; what the functions are billed for is reckoned with 10 ms for a write to DynamoDB and 150 ms for a call of a provider, at 1 GB.',
    columns: ['part', ...costs.map(({ kind }) => (kind === 'shop' ? 'mini-program' : kind))],
    rows: [
      ...names.map((name) => [name, ...costs.map(({ parts }) => dollars(parts[name] ?? 0))]),
      ['in all', ...costs.map(({ parts }) => dollars(totalCost(parts)))],
    ],
  };
}

function idleTable(usage: StageUsage): Table {
  const parts = costOfIdleMonth(usage, listPrices);
  return {
    title: 'US dollars for a month in which nobody pays',
    note: `The sweep’s requests are counted; the functions of a quiet stage read each of five documents every five minutes; ${usage.metrics} series of metrics, and ${usage.alarms} alarms as \`prod\` has them.`,
    columns: ['part', 'USD'],
    rows: [
      ...Object.entries(parts).map(([name, cost]) => [name, dollars(cost)]),
      ['in all', dollars(totalCost(parts))],
    ],
  };
}
