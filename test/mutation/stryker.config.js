/** Mutation testing of the code that decides about money: `npm run mutate`, or `npm run mutate -- --mutate lib/money.ts`. */
export default {
  mutate: [
    'lib/money.ts',
    'lib/json.ts',
    'lib/domain-events/*.ts',
    'lib/merchants/*.ts',
    'lib/orders/**/*.ts',
    'lib/providers/**/*.ts',
    'lib/store/*.ts',
  ],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner', './test/mutation/ignore-wording.js'],
  ignorers: ['wording'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // TypeScript 7 has no programming interface, by which Stryker would move the paths in tsconfig.json.
  ignorePatterns: ['/tsconfig.json', '/cdk.out', '/.local', '/reports'],
  tempDirName: 'reports/stryker',
  reporters: ['progress', 'clear-text', 'html'],
  clearTextReporter: { allowColor: false, logTests: false, reportScoreTable: true },
  htmlReporter: { fileName: 'reports/mutation.html' },
  thresholds: { high: 100, low: 100, break: 100 },
  warnings: { slow: false },
};
