import { createDocumentReader } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { createApi } from '../lib/http/api.ts';
import { ApiError, messages } from '../lib/http/api-error.ts';
import { v2Envelope } from '../lib/http/envelope.ts';
import { orderState } from '../lib/http/order-state.ts';
import { shopOrderPath } from '../lib/http/shop-order-request.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { systemIo } from '../lib/io.ts';
import { shopOrderNumber } from '../lib/orders/order-number.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { getOrder } from '../lib/store/order-store.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const context = createStoreContext(tableName, systemIo);

export const handler = createApi({
  envelope: v2Envelope,
  telemetry: createTelemetry(),
  verifyToken: createTokenVerifierLoader(createDocumentReader(stage), systemIo.now),
  role: 'user',
  handle: async ({ claims, path }) => {
    const { kind, id } = shopOrderPath(path);
    const order = await getOrder(context, shopOrderNumber(kind, id));
    const isOwn = order !== undefined && order.kind !== 'tenant' && order.user_id === claims.sub;
    if (!isOwn) throw new ApiError(404, messages.orderNotFound);
    return v2Envelope.success(200, '成功', orderState(order));
  },
});
