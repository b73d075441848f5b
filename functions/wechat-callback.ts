import { createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { envelopeAcknowledgement, wechatAcknowledgement } from '../lib/http/acknowledgement.ts';
import { type CallbackForm, createCallback } from '../lib/http/callback.ts';
import { systemIo } from '../lib/io.ts';
import { receiveFlatCallback } from '../lib/providers/flat-callback.ts';
import { wechatCurrencies } from '../lib/providers/wechat/currencies.ts';
import { createWechatLoader } from '../lib/providers/wechat/loader.ts';
import { receiveWechatNotification } from '../lib/providers/wechat/notification.ts';
import { wechatFlatStatuses } from '../lib/providers/wechat/statuses.ts';
import { createStoreContext, withDeadline } from '../lib/store/client.ts';
import { createEventStore } from '../lib/store/event-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'wechat-callback' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const context = createStoreContext(tableName, systemIo);
const receivers = createWechatLoader(documents, systemIo, (config) => ({
  native: receiveWechatNotification(config, systemIo.now),
  flat: receiveFlatCallback({
    provider: 'wechat',
    keys: config.callbackKeys,
    statuses: wechatFlatStatuses,
    currencies: wechatCurrencies,
  }),
}));

const native: CallbackForm = {
  receiver: async () => (await receivers()).native,
  acknowledgement: wechatAcknowledgement,
};
const flat: CallbackForm = {
  receiver: async () => (await receivers()).flat,
  acknowledgement: envelopeAcknowledgement,
};

export const handler = createCallback({
  provider: 'wechat',
  chooseForm: (headers) =>
    Object.keys(headers).some((name) => name.startsWith('wechatpay-')) ? native : flat,
  openStore: () => createEventStore(withDeadline(context)),
  telemetry,
  now: systemIo.now,
});
