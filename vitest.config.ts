import { defineConfig } from 'vitest/config';

/**
 * What `npm run unit` leaves to `npm test`. A test that reaches a database, a process or CDK belongs here, which
 * test/unit.test.ts checks; the rest of it is what takes seconds by itself.
 */
const beyondUnit = [
  // The whole system: an embedded DynamoDB, functions bundled into threads, CDK's templates.
  'test/{integration,load,security}/**/*.test.ts',
  'test/infra/client/**/*.test.ts',
  'test/infra/local/{demo,start,system}.test.ts',
  'test/infra/local/console/console.test.ts',
  'test/infra/openapi/answers.test.ts',
  'test/infra/operate/doctor/doctor.test.ts',
  'test/infra/operate/erase/**/*.test.ts',
  'test/infra/operate/reconcile/{local,run}.test.ts',
  // The embedded DynamoDB alone.
  'test/functions/notify-wecom.test.ts',
  'test/infra/local/dynamodb/**/*.test.ts',
  'test/infra/operate/command/find-table-name.test.ts',
  'test/lib/announcements/sweep.test.ts',
  'test/lib/store/**/*.test.ts',
  'test/world/table/memory-table.test.ts',
  // CDK, or bundles of every function.
  'test/infra/bundles.test.ts',
  'test/infra/monitoring/{alarms,dashboard,occasions}.test.ts',
  'test/infra/stack/**/*.test.ts',
  'test/lib/aws-client/after-a-freeze.test.ts',
  // Processes: curl, git, node.
  'test/infra/local/console/curl.test.ts',
  'test/lib/telemetry/source-lines.test.ts',
  'test/provider-names.test.ts',
  // Simulations and searches, which go through thousands of cases.
  'test/exhaustive/**/*.test.ts',
  'test/rotation/**/*.test.ts',
  'test/world/world.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: beyondUnit } },
      { extends: true, test: { name: 'system', include: beyondUnit } },
    ],
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
    coverage: { include: ['lib/**/*.ts'], reporter: ['text', 'html'] },
  },
});
