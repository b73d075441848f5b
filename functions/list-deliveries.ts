import { createApi } from '../lib/http/api.ts';
import { listReply } from '../lib/http/csv.ts';
import {
  deliveriesCsv,
  deliveriesReply,
  noDeliveries,
  readDeliveriesRequest,
} from '../lib/http/deliveries-api.ts';
import { payEnvelope } from '../lib/http/reply.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createDeliveryStore } from '../lib/store/delivery-store.ts';
import { deliveriesTable } from '../lib/store/delivery-table.ts';

/** GET /api/pay/webhooks/deliveries: what was sent to an endpoint and what is still to be sent, newest first. */
export function create(runtime: Runtime, tableName = deliveriesTable()) {
  const store = createDeliveryStore({ ...runtime.store, tableName });
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    parameters: ['tenant_id', 'state', 'type', 'order_no', 'from', 'to', 'limit', 'cursor'],
    handle: async ({ claims, query, headers }) => {
      const request = readDeliveriesRequest(query, claims, runtime.io.now());
      const page = request ? deliveriesReply(request, await store.list(request.query)) : noDeliveries;
      return listReply(headers, page, deliveriesCsv);
    },
  });
}

export const handler = start('list-deliveries', create);
