import type { DynamoDBStreamHandler } from 'aws-lambda';
import { publishRecords } from '../lib/domain-events/publish.ts';
import { createEventBus } from '../lib/event-bus.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { withFields } from '../lib/telemetry/telemetry.ts';

/** Reads the table's stream: puts what the shop is told of on the stage's bus. */
export function create({ telemetry, io }: Runtime, putEvents = createEventBus()) {
  return (({ Records }, { awsRequestId: request_id }) =>
    publishRecords(Records, {
      putEvents,
      telemetry: withFields(telemetry, { request_id }),
      now: io.now,
    })) satisfies DynamoDBStreamHandler;
}

export const handler = start('publish-events', create);
