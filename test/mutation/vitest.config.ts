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
      'test/lib/store/{deadline,exceptions,get-item,heartbeat,idempotency-store,item-sizes}.test.ts',
      'test/lib/store/{items,keys,ledger,look-claim,merchant-store,open-exceptions,order-history}.test.ts',
      'test/lib/store/{order-listing,order-store,partition,reconciliation,retry,schema}.test.ts',
      'test/lib/store/{sharded-read,sweep-store,table-scan,tenant-store,work-store}.test.ts',
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
