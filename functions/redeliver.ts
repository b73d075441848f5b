import { createRedeliverApi } from '../lib/http/redeliver-api.ts';
import { createQueue } from '../lib/queue.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createDeliveryStore } from '../lib/store/delivery-store.ts';
import { deliveriesTable } from '../lib/store/delivery-table.ts';

/** POST /api/pay/webhooks/deliveries/{id}/redeliver: an event is sent to an endpoint again. */
export const create = (
  runtime: Runtime,
  send = createQueue('WEBHOOK_QUEUE_URL'),
  tableName = deliveriesTable(),
) => createRedeliverApi(runtime, { store: createDeliveryStore({ ...runtime.store, tableName }), send });

export const handler = start('redeliver', create);
