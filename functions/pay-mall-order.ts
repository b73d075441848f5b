import { createPayShopOrderApi } from '../lib/http/pay-shop-order-api.ts';
import { wechat } from '../lib/providers/wechat/index.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /v2/orders/mall/{id}/pay: what a mini-program pays an order with. */
export const create = (runtime: Runtime) =>
  createPayShopOrderApi(runtime, {
    kind: 'mall',
    store: createOrderStore(runtime.store),
    merchants: runtime.merchants([wechat]),
  });

export const handler = start('pay-mall-order', create);
