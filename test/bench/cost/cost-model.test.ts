import { describe, expect, it } from 'vitest';
import { costOfIdleMonth, costOfMillion, type PaymentUsage, timesAMonth, totalCost } from './cost-model.ts';
import { listPrices } from './prices.ts';

const nothing: PaymentUsage = {
  writeUnits: 0,
  readUnits: 0,
  storedBytes: 0,
  httpRequests: 0,
  invocations: 0,
  gbSeconds: 0,
  loggedBytes: 0,
  traces: 0,
  transferredBytes: 0,
};
const total = (usage: Partial<PaymentUsage>) =>
  totalCost(costOfMillion({ ...nothing, ...usage }, listPrices));

describe('a million payments cost', () => {
  it.each([
    ['nothing, where nothing is used', {}, 0],
    ['0.625 dollars for a write unit each', { writeUnits: 1 }, 0.625],
    ['0.125 dollars for a read unit each', { readUnits: 1 }, 0.125],
    ['1 dollar for an HTTP request each', { httpRequests: 1 }, 1],
    ['0.20 dollars for an invocation each', { invocations: 1 }, 0.2],
    ['13.33 dollars for a second at 1 GB each', { gbSeconds: 1 }, 13.3334],
    ['0.45 dollars for a KB each that is kept for a month', { storedBytes: 1_073.741_824 }, 0.45],
    ['0.50 dollars for a KB each that is logged', { loggedBytes: 1_073.741_824 }, 0.5],
    ['0.25 dollars for a trace of every twentieth', { traces: 0.05 }, 0.25],
    ['0.09 dollars for a KB each that is sent', { transferredBytes: 1_073.741_824 }, 0.09],
    ['the sum of these', { writeUnits: 10, httpRequests: 2 }, 8.25],
  ])('%s', (_name, usage, dollars) => {
    expect(total(usage)).toBeCloseTo(dollars, 9);
  });
});

describe('an idle month costs', () => {
  const idle = {
    writeUnits: 0,
    readUnits: 0,
    invocations: 0,
    gbSeconds: 0,
    secrets: 0,
    secretReads: 0,
    metrics: 0,
    alarms: 0,
    dashboards: 0,
  };

  it.each([
    ['secrets', { secrets: 5, secretReads: 10_000 }, 2.05],
    ['a sweep', { writeUnits: 1e6, readUnits: 1e6, invocations: 1e6, gbSeconds: 1e6 }, 14.2834],
    ['what is watched', { metrics: 10, alarms: 10, dashboards: 1 }, 7],
  ])('%s', (_name, usage, dollars) => {
    expect(totalCost(costOfIdleMonth({ ...idle, ...usage }, listPrices))).toBeCloseTo(dollars, 9);
  });

  it('has so many minutes', () => {
    expect(timesAMonth(60)).toBe(43_800);
  });
});
