import { configDefaults, defineConfig } from 'vitest/config';
import { settings, tests } from './vitest.settings.ts';

/** What `npm run unit` leaves to `npm test`. */
export const beyondUnit = [
  // The whole system: an embedded DynamoDB, functions bundled into threads, CDK's templates.
  'test/{integration,load,security}/**/*.test.ts',
  'test/infra/client/**/*.test.ts',
  'test/infra/local/{demo,start,system,trigger}.test.ts',
  'test/infra/local/console/{accessibility,console}.test.ts',
  'test/lib/console/docs.test.ts',
  'test/infra/openapi/answers.test.ts',
  'test/lib/console/{books,order,orders,sign-in,stage}.test.ts',
  'test/infra/operate/doctor/doctor.test.ts',
  'test/infra/operate/erase/**/*.test.ts',
  'test/infra/operate/reconcile/{local,run}.test.ts',
  'test/infra/operate/{smoke,webhooks}/run.test.ts',
  // The embedded DynamoDB alone.
  'test/functions/{deliver-webhook,list-exceptions,notify-wecom,reconciliation}.test.ts',
  'test/infra/local/dynamodb/**/*.test.ts',
  'test/infra/operate/doctor/former-merchants.test.ts',
  'test/infra/operate/webhooks/publish.test.ts',
  'test/infra/operate/stage.test.ts',
  'test/infra/local/{close-day,stripe-alone}.test.ts',
  'test/lib/announcements/sweep.test.ts',
  'test/lib/domain-events/read-events.test.ts',
  'test/lib/reconciler.test.ts',
  'test/lib/store/**/*.test.ts',
  'test/lib/webhooks/{deliver,release}.test.ts',
  'test/world/table/memory-table.test.ts',
  // CDK, or bundles.
  'test/infra/{app,bundles}.test.ts',
  'test/infra/bundling/**/*.test.ts',
  'test/infra/monitoring/{alarms,dashboard,occasions,webhook-occasions}.test.ts',
  'test/infra/stack/**/*.test.ts',
  'test/lib/aws-client/after-a-freeze.test.ts',
  // Processes (curl, git, node) and threads.
  'test/infra/command/run-as-process.test.ts',
  'test/infra/local/console/curl.test.ts',
  'test/infra/local/lambda/{bundle,function,reload}.test.ts',
  'test/infra/openapi/{client-types,generated-types}.test.ts',
  'test/lib/telemetry/source-lines.test.ts',
  'test/provider-names.test.ts',
  // What stands in for providers and AWS, and the commands that talk to it.
  'test/infra/local/simulators/**/*.test.ts',
  'test/infra/local/stream/event-source-mapping.test.ts',
  'test/infra/operate/setup/{merchants,setup,webhooks}.test.ts',
  // Simulations, searches and properties that take seconds each; one measures memory and needs a process of its own.
  'test/exhaustive/**/*.test.ts',
  'test/rotation/**/*.test.ts',
  'test/lib/orders/books-model.test.ts',
  'test/lib/providers/wechat/base64.test.ts',
  'test/world/{reconciliation,world}.test.ts',
  'test/world/deliveries/{rush,simulation}.test.ts',
  'test/lib/announcements/{delivery,message}.test.ts',
  'test/lib/reconciliation/key-set.test.ts',
];

/** The tests that take neither a database nor a process nor seconds: run them while you write. */
export default defineConfig({
  test: {
    ...settings,
    include: tests,
    exclude: [...configDefaults.exclude, ...beyondUnit],
    globalSetup: 'test/support/run-directory.ts',
    setupFiles: ['test/support/few-runs.ts', 'test/support/each-file.ts'],
    // Two thirds of the time would go into loading the same modules for each file.
    isolate: false,
  },
});
