import type { Context } from 'aws-lambda';
import { createAnnounceContext } from '../lib/announcements/announce.ts';
import { sweepAnnouncements } from '../lib/announcements/sweep.ts';
import { sweepChecks } from '../lib/orders/sweep.ts';
import { allProviders } from '../lib/providers/all.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { writeHeartbeat } from '../lib/store/heartbeat.ts';
import { createOrderStore } from '../lib/store/order-store.ts';
import { createSweepStore } from '../lib/store/sweep-store.ts';
import { createWorkStore } from '../lib/store/work-store.ts';
import { reportedPorts } from '../lib/telemetry/reported-settlement.ts';
import { reportChecks, reportSweep } from '../lib/telemetry/sweep-report.ts';
import { withFields } from '../lib/telemetry/telemetry.ts';

/** Runs every minute: finds what no callback told of, and tells what the stream could not. */
export function create(runtime: Runtime) {
  const { io, store } = runtime;
  const work = createWorkStore(store);
  const context = createAnnounceContext({ ...runtime, store: work });
  const asking = { io, store: createOrderStore(store), merchants: runtime.merchants(allProviders) };
  return async (_event: unknown, { awsRequestId: request_id }: Context): Promise<void> => {
    const started = io.now();
    const telemetry = withFields(runtime.telemetry, { request_id });
    // Neither is cut off when the other fails.
    const [checks, announcements] = await Promise.allSettled([
      sweepChecks({
        ...reportedPorts(asking, telemetry),
        ...reportChecks(telemetry),
        shipping: runtime.shipping,
        work: createSweepStore(store),
      }),
      sweepAnnouncements({ context: { ...context, telemetry }, work, now: io.now }),
    ]);
    reportSweep(telemetry, { checks, announcements, latency_ms: io.now() - started });
    for (const part of [checks, announcements]) if (part.status === 'rejected') throw part.reason;
    await writeHeartbeat(store, 'sweep', io.now());
  };
}

export const handler = start('sweep', create);
