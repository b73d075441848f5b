import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { allProviders } from '../lib/providers/all.ts';
import { allBills } from '../lib/providers/all-bills.ts';
import { BillNotReadyError } from '../lib/providers/bill.ts';
import { createQueue } from '../lib/queue.ts';
import { createReconciler } from '../lib/reconciler.ts';
import type { MerchantDay } from '../lib/reconciliation/day-result.ts';
import { parseDayMessage } from '../lib/reconciliation/start-days.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { reportDay } from '../lib/telemetry/reconciliation-report.ts';
import { type Telemetry, withFields } from '../lib/telemetry/telemetry.ts';

/** What is left of a run's time when it stops: for what is under way, and to say where it stopped. */
const RESERVE_MS = 60_000;

/** Takes the queue's messages: reconciles a merchant's day each, and sends itself what there was no time for. */
export function create(runtime: Runtime, send = createQueue()) {
  const { io } = runtime;
  const merchants = runtime.merchants(allProviders);
  const findBills = runtime.bills(allBills);

  async function reconcile(day: MerchantDay, telemetry: Telemetry, shouldStop: () => boolean) {
    const report = reportDay(telemetry, day, io.now);
    try {
      const bills = await findBills(day.provider, day.merchant);
      const reconciler = createReconciler({ ...runtime, merchants, telemetry });
      const openRows = () => {
        // Nobody can be asked for it: it waits as for one that is not there yet, and is told of if that goes on.
        if (!bills) throw new BillNotReadyError(day.provider);
        return bills.rows({ date: day.day, file: null });
      };
      const watch = { onDifference: report.differs, onProgress: () => {}, shouldStop };
      const result = await reconciler.reconcile(day, openRows, watch);
      if (result.outcome === 'stopped') await send(day);
      report.ended(bills ? result : { outcome: 'merchant_missing' });
    } catch (error) {
      report.failed(error);
      throw error;
    }
  }

  async function take({ body, messageId }: SQSRecord, telemetry: Telemetry, shouldStop: () => boolean) {
    const day = parseDayMessage(body);
    try {
      if (!day) throw new Error('the message names no day');
      await reconcile(day, telemetry, shouldStop);
      return [];
    } catch (error) {
      if (!day) telemetry.log('error', 'reconciliation', { outcome: 'failed' }, { error });
      return [{ itemIdentifier: messageId }];
    }
  }

  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const telemetry = withFields(runtime.telemetry, { request_id: context.awsRequestId });
    const shouldStop = () => context.getRemainingTimeInMillis() < RESERVE_MS;
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const record of Records) batchItemFailures.push(...(await take(record, telemetry, shouldStop)));
    return { batchItemFailures };
  };
}

export const handler = start('reconcile', create);
