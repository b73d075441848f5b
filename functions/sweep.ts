import type { Context } from 'aws-lambda';
import { createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { systemIo } from '../lib/io.ts';
import { createAnnounceContext } from '../lib/notifications/announce.ts';
import { sweepAnnouncements } from '../lib/notifications/sweep.ts';
import { settle } from '../lib/orders/settle.ts';
import { settleRefund } from '../lib/orders/settle-refund.ts';
import { sweepChecks } from '../lib/orders/sweep.ts';
import { currencyFormat } from '../lib/providers/currencies.ts';
import { createGatewayLoader } from '../lib/providers/gateways.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createEventStore } from '../lib/store/event-store.ts';
import { writeHeartbeat } from '../lib/store/heartbeat.ts';
import { createSweepStore } from '../lib/store/sweep-store.ts';
import { createWorkStore } from '../lib/store/work-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { reported } from '../lib/telemetry/settlement-report.ts';
import { reportChecks, reportSweep } from '../lib/telemetry/sweep-report.ts';
import { createTelemetry, withFields } from '../lib/telemetry/telemetry.ts';

const { stage, tableName, publicUrl } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'sweep' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const store = createStoreContext(tableName, systemIo);
const events = createEventStore(store);
const work = createWorkStore(store);
const context = createAnnounceContext({ documents, io: systemIo, store: work, currencyFormat, telemetry });
const gateway = createGatewayLoader(documents, systemIo, `${publicUrl}/v2/payments/notify`);
const { now } = systemIo;

/** Runs every minute: finds the payments and refunds that no callback told of, and tells what the stream could not. */
export const handler = async (_event: unknown, { awsRequestId }: Context): Promise<void> => {
  const started = now();
  const log = withFields(telemetry, { request_id: awsRequestId });
  // Neither is cut off when the other fails.
  const [checks, announcements] = await Promise.allSettled([
    sweepChecks({
      store: createSweepStore(store),
      gateway,
      settle: reported((event) => settle(events, event, now), log, now),
      settleRefund: reported((event) => settleRefund(events, event, now), log, now),
      now,
      ...reportChecks(log),
    }),
    sweepAnnouncements({ context: { ...context, telemetry: log }, work, now }),
  ]);
  reportSweep(log, { checks, announcements, latency_ms: now() - started });
  for (const part of [checks, announcements]) if (part.status === 'rejected') throw part.reason;
  await writeHeartbeat(store);
};
