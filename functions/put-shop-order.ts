import { createDocumentLoader, createDocumentReader } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { parseWechatDocument } from '../lib/config/wechat.ts';
import { requireNoTenant } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { ApiError } from '../lib/http/api-error.ts';
import { v2Envelope } from '../lib/http/envelope.ts';
import { orderState } from '../lib/http/order-state.ts';
import { shopOrderPath, shopOrderSchema } from '../lib/http/shop-order-request.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { systemIo } from '../lib/io.ts';
import { handOver } from '../lib/orders/hand-over.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createHandOverStore } from '../lib/store/shop-order-store.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const read = createDocumentReader(stage);
const wechat = createDocumentLoader(read, 'wechat', parseWechatDocument);
const store = createHandOverStore(createStoreContext(tableName, systemIo));

export const handler = createApi({
  envelope: v2Envelope,
  telemetry: createTelemetry(),
  verifyToken: createTokenVerifierLoader(read, systemIo.now),
  role: 'admin',
  schema: shopOrderSchema,
  handle: async ({ claims, path, body }) => {
    requireNoTenant(claims);
    const request = { ...shopOrderPath(path), ...body };
    const { merchant } = await wechat();
    const result = await handOver(store, request, merchant, new Date(systemIo.now()).toISOString());
    if (result.outcome === 'not_pending') throw new ApiError(409, '订单已支付或已关闭，不能修改');
    if (result.outcome === 'payment_started') {
      throw new ApiError(409, `支付已发起，不能修改：${result.fields.join('、')}`);
    }
    return v2Envelope.success(result.outcome === 'created' ? 201 : 200, '成功', orderState(result.order));
  },
});
