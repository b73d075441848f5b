import { createDocumentSource } from '../lib/config/documents.ts';
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
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName, publicUrl } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'get-order' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const viewOrder = createOrderView({
  store: createViewStore(createStoreContext(tableName, systemIo)),
  gateway: createGatewayLoader(documents, systemIo, `${publicUrl}/v2/payments/notify`),
  io: systemIo,
});

export const handler = createApi({
  envelope: payEnvelope,
  telemetry,
  now: systemIo.now,
  verifyToken: createTokenVerifierLoader(documents, systemIo.now),
  role: 'admin',
  handle: async ({ claims, path, ...log }) => {
    const order_no = path['order_no'] ?? '';
    const order = await viewOrder(order_no, (found) => requireOrderAccess(claims, found), log);
    return payEnvelope.success(200, '成功', orderState(order));
  },
});
