import { createDocumentReader } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { createApi } from '../lib/http/api.ts';
import { v2Envelope } from '../lib/http/envelope.ts';
import { orderState } from '../lib/http/order-state.ts';
import { shopOrderPath } from '../lib/http/shop-order-request.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { viewOrder } from '../lib/http/view-order.ts';
import { systemIo } from '../lib/io.ts';
import { shopOrderNumber } from '../lib/orders/order-number.ts';
import { settle } from '../lib/orders/settle.ts';
import { createWechatGatewayLoader } from '../lib/providers/wechat/gateway-loader.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createRefreshStore } from '../lib/store/refresh-store.ts';
import { createSettlementStore } from '../lib/store/settlement-store.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName, publicUrl } = readEnvironment();
const read = createDocumentReader(stage);
const context = createStoreContext(tableName, systemIo);
const settlement = createSettlementStore(context);
const telemetry = createTelemetry();
const { now } = systemIo;
const ports = {
  store: createRefreshStore(context),
  gateway: createWechatGatewayLoader(read, systemIo, `${publicUrl}/v2/payments/notify`),
  settle: (event: Parameters<typeof settle>[1]) => settle(settlement, event, now),
  now,
};

export const handler = createApi({
  envelope: v2Envelope,
  telemetry,
  verifyToken: createTokenVerifierLoader(read, now),
  role: 'user',
  handle: async ({ claims, path }) => {
    const { kind, id } = shopOrderPath(path);
    const order = await viewOrder(
      ports,
      telemetry,
      shopOrderNumber(kind, id),
      (found) => found.kind !== 'tenant' && found.user_id === claims.sub,
    );
    return v2Envelope.success(200, '成功', orderState(order));
  },
});
