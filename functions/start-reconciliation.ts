import type { Context } from 'aws-lambda';
import { listMerchants } from '../lib/merchants/merchants.ts';
import { allProviders } from '../lib/providers/all.ts';
import { billFacts } from '../lib/providers/facts.ts';
import { createQueue } from '../lib/queue.ts';
import { isFinished } from '../lib/reconciliation/day-result.ts';
import { startDays } from '../lib/reconciliation/start-days.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { readDays, readRecentDays } from '../lib/store/merchant-store.ts';
import { reportStart } from '../lib/telemetry/reconciliation-report.ts';
import { withFields } from '../lib/telemetry/telemetry.ts';

/** Runs every hour: asks for the days whose bill should be there and that are not reconciled. */
export function create(runtime: Runtime, send = createQueue()) {
  const merchants = runtime.merchants(allProviders);
  return async (_event: unknown, { awsRequestId: request_id }: Context): Promise<void> => {
    const report = reportStart(withFields(runtime.telemetry, { request_id }), runtime.io.now);
    const listRecent = async () => (await readRecentDays(runtime.store, runtime.io.now())).filter(isFinished);
    const started = await startDays(
      {
        listMerchants: (provider) => listMerchants(merchants, runtime.register, listRecent, provider),
        readDays: (days) => readDays(runtime.store, days),
        send,
        onFailure: report.failed,
        now: runtime.io.now,
      },
      billFacts,
    );
    report.ended(started);
  };
}

export const handler = start('start-reconciliation', create);
