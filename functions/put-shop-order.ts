import { createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { createPutShopOrderApi } from '../lib/http/put-shop-order-api.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { systemIo } from '../lib/io.ts';
import { settle } from '../lib/orders/settle.ts';
import { createWechatGateway } from '../lib/providers/wechat/gateway.ts';
import { createWechatLoader } from '../lib/providers/wechat/loader.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createSettlementStore } from '../lib/store/settlement-store.ts';
import { createHandOverStore } from '../lib/store/shop-order-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName, publicUrl, orderPrefix } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'put-shop-order' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const context = createStoreContext(tableName, systemIo);
const settlement = createSettlementStore(context);

export const handler = createPutShopOrderApi({
  telemetry,
  verifyToken: createTokenVerifierLoader(documents, systemIo.now),
  wechat: createWechatLoader(documents, systemIo, (config) => ({
    merchant: config.merchant,
    gateway: createWechatGateway(config, systemIo, `${publicUrl}/v2/payments/notify`),
  })),
  store: createHandOverStore(context),
  settle: (event) => settle(settlement, event, systemIo.now),
  now: systemIo.now,
  orderPrefix,
});
