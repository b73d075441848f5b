import { createPutShopOrderApi } from '../lib/http/put-shop-order-api.ts';
import { wechat } from '../lib/providers/wechat/index.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** PUT /v2/orders/{kind}/{id}: takes an order over from its shop. */
export const create = (runtime: Runtime) =>
  createPutShopOrderApi(runtime, {
    store: createOrderStore(runtime.store),
    merchants: runtime.merchants([wechat]),
  });

export const handler = start('put-shop-order', create);
