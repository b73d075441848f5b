import { createDocumentReader } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { requireOrderAccess } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { payEnvelope } from '../lib/http/envelope.ts';
import { orderState } from '../lib/http/order-state.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { viewOrder } from '../lib/http/view-order.ts';
import { systemIo } from '../lib/io.ts';
import { settle } from '../lib/orders/settle.ts';
import { createGatewayLoader } from '../lib/providers/gateways.ts';
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
  gateway: createGatewayLoader(read, systemIo, `${publicUrl}/v2/payments/notify`),
  settle: (event: Parameters<typeof settle>[1]) => settle(settlement, event, now),
  now,
};

export const handler = createApi({
  envelope: payEnvelope,
  telemetry,
  verifyToken: createTokenVerifierLoader(read, now),
  role: 'admin',
  handle: async ({ claims, path }) => {
    const order = await viewOrder(ports, telemetry, path['order_no'] ?? '', (found) => {
      requireOrderAccess(claims, found);
      return true;
    });
    return payEnvelope.success(200, '成功', orderState(order));
  },
});
