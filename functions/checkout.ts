import { parseAlipayDocument } from '../lib/config/alipay.ts';
import { createDocumentLoader, createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { parseStripeDocument } from '../lib/config/stripe.ts';
import { createCheckoutApi } from '../lib/http/checkout-api.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { systemIo } from '../lib/io.ts';
import { createAlipayPagePay } from '../lib/providers/alipay/page-pay.ts';
import { createCheckoutSession } from '../lib/providers/stripe/checkout-session.ts';
import { createWechatLoader } from '../lib/providers/wechat/loader.ts';
import { createNativePayment } from '../lib/providers/wechat/native.ts';
import { createCheckoutStore } from '../lib/store/checkout-store.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName, publicUrl, orderPrefix } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'checkout' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const wechat = createWechatLoader(documents, systemIo, (config) => config);
const alipay = createDocumentLoader(documents, 'alipay', parseAlipayDocument);
const stripe = createDocumentLoader(documents, 'stripe', parseStripeDocument);
const created = (pay_url: string) => ({ outcome: 'created', pay_url }) as const;

export const handler = createCheckoutApi({
  telemetry,
  verifyToken: createTokenVerifierLoader(documents, systemIo.now),
  store: createCheckoutStore(createStoreContext(tableName, systemIo)),
  io: systemIo,
  orderPrefix,
  gateways: {
    wechat: async () => {
      const config = await wechat();
      const notify_url = `${publicUrl}/api/pay/callback/wechat`;
      return {
        merchant: config.merchant,
        createPaymentPage: async (request) =>
          created(await createNativePayment(config, systemIo, { ...request, notify_url })),
        pages: 'asked_for',
      };
    },
    alipay: async () => {
      const config = await alipay();
      const notify_url = `${publicUrl}/api/pay/callback/alipay`;
      return {
        merchant: config.merchant,
        createPaymentPage: async (request) =>
          created(createAlipayPagePay(config, Date.parse(request.created_at), { ...request, notify_url })),
        pages: 'computed',
      };
    },
    stripe: async () => {
      const config = await stripe();
      return {
        merchant: config.merchant,
        createPaymentPage: (request) => createCheckoutSession(config, systemIo, request),
        pages: 'asked_for',
      };
    },
  },
});
