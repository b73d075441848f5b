import { createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { createPayShopOrderApi } from '../lib/http/pay-shop-order-api.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { systemIo } from '../lib/io.ts';
import { createWechatLoader } from '../lib/providers/wechat/loader.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createSettlementStore } from '../lib/store/settlement-store.ts';
import { createPayStore } from '../lib/store/shop-order-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName, publicUrl, orderPrefix } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'pay-meal-order' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const context = createStoreContext(tableName, systemIo);

export const handler = createPayShopOrderApi({
  kind: 'meal',
  verifyToken: createTokenVerifierLoader(documents, systemIo.now),
  wechat: createWechatLoader(documents, systemIo, (config) => config),
  store: { ...createPayStore(context), ...createSettlementStore(context) },
  publicUrl,
  orderPrefix,
  telemetry,
  io: systemIo,
});
