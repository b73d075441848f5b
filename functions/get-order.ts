import { createDocumentReader } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { requireOrderAccess } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { ApiError, messages } from '../lib/http/api-error.ts';
import { payEnvelope } from '../lib/http/envelope.ts';
import { orderState } from '../lib/http/order-state.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { systemIo } from '../lib/io.ts';
import { parseOrderNumber } from '../lib/orders/order-number.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { getOrder } from '../lib/store/order-store.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const context = createStoreContext(tableName, systemIo);

export const handler = createApi({
  envelope: payEnvelope,
  telemetry: createTelemetry(),
  verifyToken: createTokenVerifierLoader(createDocumentReader(stage), systemIo.now),
  role: 'admin',
  handle: async ({ claims, path }) => {
    const order_no = path['order_no'] ?? '';
    const order = parseOrderNumber(order_no) ? await getOrder(context, order_no) : undefined;
    if (!order) throw new ApiError(404, messages.orderNotFound);
    requireOrderAccess(claims, order);
    return payEnvelope.success(200, '成功', orderState(order));
  },
});
