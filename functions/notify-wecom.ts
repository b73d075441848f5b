import type { DynamoDBStreamHandler } from 'aws-lambda';
import { createAnnounceContext } from '../lib/announcements/announce.ts';
import { consumeStream } from '../lib/announcements/stream.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createWorkStore } from '../lib/store/work-store.ts';
import { withFields } from '../lib/telemetry/telemetry.ts';

/** Reads the table's stream: tells the WeCom group what is newly owed to be told. */
export function create(runtime: Runtime) {
  const context = createAnnounceContext({ ...runtime, store: createWorkStore(runtime.store) });
  return (({ Records }, { awsRequestId: request_id }) =>
    consumeStream(Records, {
      ...context,
      telemetry: withFields(runtime.telemetry, { request_id }),
    })) satisfies DynamoDBStreamHandler;
}

export const handler = start('notify-wecom', create);
