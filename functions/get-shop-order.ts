import { requireOwnShopOrder } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { shopOrderPath } from '../lib/http/put-shop-order-api.ts';
import { success, v2Envelope } from '../lib/http/reply.ts';
import { orderState, viewOrder } from '../lib/http/view-order.ts';
import { shopOrderNumber } from '../lib/orders/order-number.ts';
import { wechat } from '../lib/providers/wechat/index.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createLookClaims } from '../lib/store/look-claim.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** GET /v2/orders/{kind}/{id}: the state of the caller's own order, after its provider was asked. */
export function create(runtime: Runtime) {
  const parts = {
    io: runtime.io,
    store: { ...createOrderStore(runtime.store), ...createLookClaims(runtime.store) },
    merchants: runtime.merchants([wechat]),
  };
  return createApi(runtime, {
    envelope: v2Envelope,
    role: 'anyone',
    handle: async ({ claims, path, ...log }) => {
      const { kind, id } = shopOrderPath(path);
      const order_no = shopOrderNumber(kind, id, runtime.orderPrefix);
      const order = await viewOrder(parts, order_no, (found) => requireOwnShopOrder(claims, found), log);
      return success(orderState(order));
    },
  });
}

export const handler = start('get-shop-order', create);
