import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Bounds that only a hang reaches: machines are noisy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    restoreMocks: true,
    // By default one core is left out, which is half of a small machine; much of the time a test waits.
    maxWorkers: '100%',
    reporters: process.env.VITEST_JSON
      ? [['default'], ['json', { outputFile: process.env.VITEST_JSON }]]
      : ['default'],
    coverage: { include: ['lib/**/*.ts'], reporter: ['text', 'html'], reportOnFailure: true },
  },
});
