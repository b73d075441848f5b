import type { Context } from 'aws-lambda';
import { createQueue } from '../lib/queue.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createDeliveryStore } from '../lib/store/delivery-store.ts';
import { deliveriesTable } from '../lib/store/delivery-table.ts';
import { withFields } from '../lib/telemetry/telemetry.ts';
import { reportRelease } from '../lib/telemetry/webhook-report.ts';
import { release } from '../lib/webhooks/release.ts';

/** What is left of a run's time when it takes nothing more: what is under way may wait for the queue so long. */
const RESERVE_MS = 12_000;

/** Runs every minute: puts into the queue what is to be delivered, and is due. */
export function create(
  runtime: Runtime,
  send = createQueue('WEBHOOK_QUEUE_URL'),
  tableName = deliveriesTable(),
) {
  const { now } = runtime.io;
  const store = createDeliveryStore({ ...runtime.store, tableName });
  return async (_event: unknown, context: Context): Promise<void> => {
    const report = reportRelease(withFields(runtime.telemetry, { request_id: context.awsRequestId }), now);
    const shouldStop = () => context.getRemainingTimeInMillis() < RESERVE_MS;
    try {
      report.ended(await release({ store, send, now, shouldStop, ...report }));
    } catch (error) {
      report.failed(error);
      throw error;
    }
  };
}

export const handler = start('release-deliveries', create);
