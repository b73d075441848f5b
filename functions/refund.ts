import { createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { createRefundApi } from '../lib/http/refund-api.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { systemIo } from '../lib/io.ts';
import { settleRefund } from '../lib/orders/settle-refund.ts';
import { createGatewayLoader } from '../lib/providers/gateways.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createEventStore } from '../lib/store/event-store.ts';
import { createRequestRefundStore } from '../lib/store/refund-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName, publicUrl } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'refund' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const context = createStoreContext(tableName, systemIo);
const events = createEventStore(context);

export const handler = createRefundApi({
  telemetry,
  verifyToken: createTokenVerifierLoader(documents, systemIo.now),
  ports: {
    store: createRequestRefundStore(context),
    gateway: createGatewayLoader(documents, systemIo, `${publicUrl}/v2/payments/notify`),
    settleRefund: (event) => settleRefund(events, event, systemIo.now),
    now: systemIo.now,
  },
});
