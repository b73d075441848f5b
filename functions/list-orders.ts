import { createApi } from '../lib/http/api.ts';
import { listReply } from '../lib/http/csv.ts';
import { noOrders, ordersCsv, ordersReply, readOrdersRequest } from '../lib/http/orders-api.ts';
import { payEnvelope } from '../lib/http/reply.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { listOrders } from '../lib/store/order-listing.ts';

/** GET /api/pay/orders: the orders of a tenant, or of a kind of a shop's, newest first. */
export const create = (runtime: Runtime) =>
  createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    parameters: ['tenant_id', 'kind', 'status', 'from', 'to', 'limit', 'cursor'],
    handle: async ({ claims, query, headers }) => {
      const request = readOrdersRequest(query, claims, runtime.io.now());
      const page = request ? ordersReply(request, await listOrders(runtime.store, request)) : noOrders;
      return listReply(headers, page, ordersCsv);
    },
  });

export const handler = start('list-orders', create);
