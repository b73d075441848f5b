import { createDocumentReader } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { requireOrderAccess } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { payEnvelope } from '../lib/http/envelope.ts';
import { orderState } from '../lib/http/order-state.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { createOrderView } from '../lib/http/view-order.ts';
import { systemIo } from '../lib/io.ts';
import { createGatewayLoader } from '../lib/providers/gateways.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createViewStore } from '../lib/store/view-store.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName, publicUrl } = readEnvironment();
const read = createDocumentReader(stage);
const viewOrder = createOrderView({
  store: createViewStore(createStoreContext(tableName, systemIo)),
  gateway: createGatewayLoader(read, systemIo, `${publicUrl}/v2/payments/notify`),
  io: systemIo,
});

export const handler = createApi({
  envelope: payEnvelope,
  telemetry: createTelemetry({ stage, function: 'get-order' }),
  now: systemIo.now,
  verifyToken: createTokenVerifierLoader(read, systemIo.now),
  role: 'admin',
  handle: async ({ claims, path, ...log }) => {
    const order_no = path['order_no'] ?? '';
    const order = await viewOrder(order_no, (found) => requireOrderAccess(claims, found), log);
    return payEnvelope.success(200, '成功', orderState(order));
  },
});
