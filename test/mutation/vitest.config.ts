import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The tests that a mutation run repeats: quick ones, without the embedded database or a port. */
export default defineConfig({
  test: {
    include: [
      'test/infra/openapi/document.test.ts',
      'test/lib/{json,money}.test.ts',
      'test/lib/announcements/digest.test.ts',
      'test/lib/domain-events/{publish,stored-events}.test.ts',
      'test/lib/merchants/*.test.ts',
      'test/lib/orders/*.test.ts',
      'test/lib/providers/**/*.test.ts',
      'test/lib/reconciliation/day.test.ts',
      'test/lib/store/{changed-collections,client,deadline,delivery-store,erasure,exceptions}.test.ts',
      'test/lib/store/{get-item,heartbeat,idempotency-store,item-sizes,items,keys,ledger}.test.ts',
      'test/lib/store/{look-claim,merchant-store,open-exceptions,order-history,order-listing}.test.ts',
      'test/lib/store/{order-store,partition,reconciliation,retry,schema,sharded-read,sweep-store}.test.ts',
      'test/lib/store/{table,table-scan,tenant-store,work-store}.test.ts',
    ],
    setupFiles: ['test/mutation/setup.ts'],
    alias: [
      {
        find: /^.*\/support\/store\.ts$/,
        replacement: fileURLToPath(new URL('memory-store.ts', import.meta.url)),
      },
    ],
    testTimeout: 30_000,
    restoreMocks: true,
  },
});
