import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isLoopbackAllowed } from '../lib/config/webhooks.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createDeliveryStore } from '../lib/store/delivery-store.ts';
import { deliveriesTable } from '../lib/store/delivery-table.ts';
import { type Telemetry, withFields } from '../lib/telemetry/telemetry.ts';
import { reportDelivery } from '../lib/telemetry/webhook-report.ts';
import { deliver } from '../lib/webhooks/deliver.ts';
import type { Receiver } from '../lib/webhooks/delivery.ts';
import { createEndpointStates } from '../lib/webhooks/endpoint-states.ts';
import { createFindEndpoint, endpointDocumentName } from '../lib/webhooks/endpoints.ts';
import { parseQueueMessage } from '../lib/webhooks/queue-message.ts';
import { createSender } from '../lib/webhooks/send.ts';

/** Takes the queue's messages, side by side: sends events to the endpoints that want them. */
export function create(runtime: Runtime, tableName = deliveriesTable(), allowLoopback = isLoopbackAllowed()) {
  const { now } = runtime.io;
  const store = createDeliveryStore({ ...runtime.store, tableName });
  const ports = {
    ...{ store, now, states: createEndpointStates(store, now) },
    findEndpoint: createFindEndpoint({ ...runtime, allowLoopback, now }),
    send: createSender({ now, allowLoopback }),
    onUnread: (receiver: Receiver, error: unknown) =>
      runtime.documents.onFailure(endpointDocumentName(receiver), error),
  };

  async function take({ body, messageId }: SQSRecord, telemetry: Telemetry) {
    try {
      const message = parseQueueMessage(body);
      if (!message) throw new Error('the message is neither an event nor a delivery');
      await deliver(message, { ...ports, report: reportDelivery(telemetry, now) });
      return [];
    } catch (error) {
      telemetry.log('error', 'webhook', { outcome: 'not_stored' }, { error });
      return [{ itemIdentifier: messageId }];
    }
  }

  return async ({ Records }: SQSEvent, { awsRequestId }: Context): Promise<SQSBatchResponse> => {
    const telemetry = withFields(runtime.telemetry, { request_id: awsRequestId });
    const failures = await Promise.all(Records.map((record) => take(record, telemetry)));
    return { batchItemFailures: failures.flat() };
  };
}

export const handler = start('deliver-webhook', create);
