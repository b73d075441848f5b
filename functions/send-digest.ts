import type { Context } from 'aws-lambda';
import { createSend } from '../lib/announcements/announce.ts';
import { countDigest, type Digest, daysOfDigest, renderDigest } from '../lib/announcements/digest.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { readHeartbeat, writeHeartbeat } from '../lib/store/heartbeat.ts';
import { readRecentDays } from '../lib/store/merchant-store.ts';
import { readOpenExceptions } from '../lib/store/open-exceptions.ts';
import { type DigestOutcome, reportDigest } from '../lib/telemetry/digest-report.ts';
import { withFields } from '../lib/telemetry/telemetry.ts';

/** Runs once a day, after the bills: tells the WeCom group what is open and whether the books agree. */
export function create(runtime: Runtime) {
  const { io, store } = runtime;
  const send = createSend(runtime);

  async function read(now: number): Promise<Digest> {
    const [open, since, days] = await Promise.all([
      readOpenExceptions(store),
      readHeartbeat(store, 'digest'),
      readRecentDays(store, now),
    ]);
    return { ...open, ...daysOfDigest(days, since) };
  }

  return async (_event: unknown, { awsRequestId: request_id }: Context): Promise<void> => {
    const now = io.now();
    const report = reportDigest(withFields(runtime.telemetry, { request_id }), io.now);
    const digest = await read(now);
    const counts = countDigest(digest, now);
    const message = renderDigest(digest, now);
    let outcome: DigestOutcome = message === null ? 'nothing_to_say' : 'delivered';
    try {
      if (message !== null && !(await send(message))) outcome = 'nobody_to_tell';
    } catch (error) {
      report.failed(counts, error);
      throw error;
    }
    // What has been finished since the reading is for the next.
    await writeHeartbeat(store, 'digest', now);
    report.sent(counts, outcome);
  };
}

export const handler = start('send-digest', create);
