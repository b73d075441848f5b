import { isOwnShopOrder } from '../lib/http/access.ts';
import { createCloseOrderApi } from '../lib/http/close-order-api.ts';
import { shopOrderPath } from '../lib/http/put-shop-order-api.ts';
import { v2Envelope } from '../lib/http/reply.ts';
import { shopOrderNumber } from '../lib/orders/order-number.ts';
import { wechat } from '../lib/providers/wechat/index.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /v2/orders/{kind}/{id}/close: the caller cancels an order of his own. */
export const create = (runtime: Runtime) =>
  createCloseOrderApi(runtime, {
    envelope: v2Envelope,
    role: 'user',
    orderNumber: (path) => {
      const { kind, id } = shopOrderPath(path);
      return shopOrderNumber(kind, id, runtime.orderPrefix);
    },
    mayClose: isOwnShopOrder,
    store: createOrderStore(runtime.store),
    merchants: runtime.merchants([wechat]),
  });

export const handler = start('close-shop-order', create);
