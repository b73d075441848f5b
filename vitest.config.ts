import { configDefaults, defineConfig } from 'vitest/config';
import { settings, tests } from './vitest.settings.ts';
import { beyondUnit } from './vitest.unit.config.ts';

/** Tests that synthesise CDK's templates, and do nothing else that another could see. */
export const templates = [
  'test/infra/monitoring/{alarms,dashboard}.test.ts',
  'test/infra/stack/{golden,gradual-deployment,partitions,payment-api,permissions}.test.ts',
  'test/infra/stack/{service-stack,stage-stacks,table-and-stream,template-checks}.test.ts',
];

/** Thousands of requests at once, each of which is to be answered in its time: nothing else runs beside them. */
const crowded = ['test/security/bulk.test.ts', 'test/load/load.test.ts'];

// Files of the first two projects take turns in a few processes, which load CDK and the code under test once: in a
// process for each file, that is most of what they take. What speaks to a database, a system or a browser gets its own.
export default defineConfig({
  test: {
    ...settings,
    reporters: process.env.VITEST_JSON
      ? [['default'], ['json', { outputFile: process.env.VITEST_JSON }]]
      : ['default'],
    coverage: { include: ['lib/**/*.ts'], reporter: ['text', 'html'], reportOnFailure: true },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: tests,
          exclude: [...configDefaults.exclude, ...beyondUnit],
          setupFiles: ['test/support/each-file.ts'],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'templates', include: templates, isolate: false } },
      {
        extends: true,
        test: {
          name: 'system',
          include: beyondUnit,
          exclude: [...templates, ...crowded],
          globalSetup: 'test/support/run-directory.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'crowded',
          include: crowded,
          globalSetup: 'test/support/run-directory.ts',
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
