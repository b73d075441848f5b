import { createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { requireOwnShopOrder } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { v2Envelope } from '../lib/http/envelope.ts';
import { orderState } from '../lib/http/order-state.ts';
import { shopOrderPath } from '../lib/http/shop-order-request.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { createOrderView } from '../lib/http/view-order.ts';
import { systemIo } from '../lib/io.ts';
import { shopOrderNumber } from '../lib/orders/order-number.ts';
import { createWechatGatewayLoader } from '../lib/providers/wechat/gateway-loader.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createViewStore } from '../lib/store/view-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName, publicUrl, orderPrefix } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'get-shop-order' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const viewOrder = createOrderView({
  store: createViewStore(createStoreContext(tableName, systemIo)),
  gateway: createWechatGatewayLoader(documents, systemIo, `${publicUrl}/v2/payments/notify`),
  io: systemIo,
});

export const handler = createApi({
  envelope: v2Envelope,
  telemetry,
  now: systemIo.now,
  verifyToken: createTokenVerifierLoader(documents, systemIo.now),
  role: 'user',
  handle: async ({ claims, path, ...log }) => {
    const { kind, id } = shopOrderPath(path);
    const order_no = shopOrderNumber(kind, id, orderPrefix);
    const order = await viewOrder(order_no, (found) => requireOwnShopOrder(claims, found), log);
    return v2Envelope.success(200, '成功', orderState(order));
  },
});
