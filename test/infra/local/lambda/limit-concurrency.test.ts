import { describe, expect, it } from 'vitest';
import { limitConcurrency } from '../../../../infra/local/lambda/limit-concurrency.ts';

describe('limitConcurrency', () => {
  it('runs no more than the limit at a time, in order, and goes on after a failure', async () => {
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const limited = limitConcurrency(2, async (input: number) => {
      started.push(input);
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      if (input === 1) throw new Error('one');
      return input;
    });
    const results = await Promise.allSettled([0, 1, 2, 3, 4].map(limited));
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
      0,
      'failed',
      2,
      3,
      4,
    ]);
    expect({ started, most, running }).toEqual({ started: [0, 1, 2, 3, 4], most: 2, running: 0 });
  });
});
