import { availableParallelism } from 'node:os';
import type { ViteUserConfig } from 'vitest/config';

/** Where every test is. */
export const tests = ['test/**/*.test.ts'];

/** What holds for every run of tests, of all of them and of a part. */
export const settings = {
  // Bounds that only a hang reaches: machines are noisy.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 60_000 } },
  restoreMocks: true,
  // By default one core is left out, which is half of a small machine; a fifth of the time a test waits.
  maxWorkers: availableParallelism() + 1,
} satisfies ViteUserConfig['test'];
