import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Bounds that only a hang reaches: machines are noisy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    reporters: process.env.VITEST_JSON
      ? [['default'], ['json', { outputFile: process.env.VITEST_JSON }]]
      : ['default'],
  },
});
