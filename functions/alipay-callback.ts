import { parseAlipayDocument } from '../lib/config/alipay.ts';
import { createDocumentLoader, createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { alipayAcknowledgement, envelopeAcknowledgement } from '../lib/http/acknowledgement.ts';
import { type CallbackForm, createCallback } from '../lib/http/callback.ts';
import { systemIo } from '../lib/io.ts';
import { alipayCurrencies } from '../lib/providers/alipay/currencies.ts';
import { alipayFlatStatuses, receiveAlipayNotification } from '../lib/providers/alipay/notification.ts';
import { receiveFlatCallback } from '../lib/providers/flat-callback.ts';
import { createStoreContext, withDeadline } from '../lib/store/client.ts';
import { createEventStore } from '../lib/store/event-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'alipay-callback' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const context = createStoreContext(tableName, systemIo);
const receivers = createDocumentLoader(documents, 'alipay', (document) => {
  const config = parseAlipayDocument(document);
  return {
    native: receiveAlipayNotification(config),
    flat: receiveFlatCallback({
      provider: 'alipay',
      keys: config.callbackKeys,
      statuses: alipayFlatStatuses,
      currencies: alipayCurrencies,
    }),
  };
});

const native: CallbackForm = {
  receiver: async () => (await receivers()).native,
  acknowledgement: alipayAcknowledgement,
};
const flat: CallbackForm = {
  receiver: async () => (await receivers()).flat,
  acknowledgement: envelopeAcknowledgement,
};
const isForm = (contentType = '') => /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType);

export const handler = createCallback({
  provider: 'alipay',
  chooseForm: (headers) => (isForm(headers['content-type']) ? native : flat),
  openStore: () => createEventStore(withDeadline(context)),
  telemetry,
  now: systemIo.now,
});
