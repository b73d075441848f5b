import { createDocumentLoader, createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { parseStripeDocument } from '../lib/config/stripe.ts';
import { envelopeAcknowledgement } from '../lib/http/acknowledgement.ts';
import { createCallback } from '../lib/http/callback.ts';
import { systemIo } from '../lib/io.ts';
import { receiveStripeNotification } from '../lib/providers/stripe/notification.ts';
import { createStoreContext, withDeadline } from '../lib/store/client.ts';
import { createEventStore } from '../lib/store/event-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName, orderPrefix } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'stripe-callback' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const context = createStoreContext(tableName, systemIo);
const receiver = createDocumentLoader(documents, 'stripe', (document) =>
  receiveStripeNotification(parseStripeDocument(document), systemIo.now, orderPrefix),
);

export const handler = createCallback({
  provider: 'stripe',
  chooseForm: () => ({ receiver, acknowledgement: envelopeAcknowledgement }),
  openStore: () => createEventStore(withDeadline(context)),
  telemetry,
  now: systemIo.now,
});
