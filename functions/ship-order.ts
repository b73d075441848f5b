import { createShipOrderApi } from '../lib/http/ship-order-api.ts';
import { wechat } from '../lib/providers/wechat/index.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** PUT /v2/orders/{kind}/{id}/shipping: tells WeChat that an order was sent, which frees its money. */
export const create = (runtime: Runtime) =>
  createShipOrderApi(runtime, {
    store: createOrderStore(runtime.store),
    merchants: runtime.merchants([wechat]),
  });

export const handler = start('ship-order', create);
