import { isLoopbackAllowed } from '../lib/config/webhooks.ts';
import { createWebhooksApi } from '../lib/http/webhooks-api.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createDeliveryStore } from '../lib/store/delivery-store.ts';
import { deliveriesTable } from '../lib/store/delivery-table.ts';
import { createFindEndpoint } from '../lib/webhooks/endpoints.ts';

/** GET /api/pay/webhooks: the stage's endpoint, or a tenant's, and how it does. */
export const create = (
  runtime: Runtime,
  tableName = deliveriesTable(),
  allowLoopback = isLoopbackAllowed(),
) =>
  createWebhooksApi(runtime, {
    findEndpoint: createFindEndpoint({ ...runtime, allowLoopback, now: runtime.io.now }),
    store: createDeliveryStore({ ...runtime.store, tableName }),
  });

export const handler = start('list-webhooks', create);
