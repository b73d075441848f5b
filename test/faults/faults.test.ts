import { expect, it } from 'vitest';
import { runFaults } from './run.ts';

const seed = 20_261_122;

it(`keeps every promise through a few seconds of faults (seed ${seed})`, { timeout: 180_000 }, async () => {
  const report = await runFaults({ seed, duration_ms: 6_000 });
  expect(report.wrong).toEqual([]);
  expect(report.paid).toBeGreaterThan(0);
  expect(Object.keys(report.faults).length).toBeGreaterThan(4);
  expect(report.faults['dynamodb outage']).toBe(1);
});
