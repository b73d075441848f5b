import { describe, expect, it } from 'vitest';
import { summarise } from './latency.ts';
import { runLoad } from './load.ts';

describe('a load of callbacks', () => {
  it('is answered as it should be, and the books are right', { timeout: 90_000 }, async () => {
    const { sent, errors, wrong, latency } = await runLoad({ seed: 1, rate: 50, seconds: 3 });
    expect({ errors, wrong }).toEqual({ errors: {}, wrong: [] });
    expect(sent.genuine).toBeGreaterThan(0);
    expect(latency.genuine.max).toBeGreaterThanOrEqual(latency.genuine.p50);
  });
});

describe('the latencies', () => {
  it('are those of the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(summarise(hundred)).toEqual({ p50: 50, p90: 90, p99: 99, max: 100 });
    expect(summarise([7])).toEqual({ p50: 7, p90: 7, p99: 7, max: 7 });
    expect(summarise([])).toEqual({ p50: 0, p90: 0, p99: 0, max: 0 });
  });
});
