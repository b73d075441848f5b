import { createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { wechatNotifyAcknowledgement } from '../lib/http/acknowledgement.ts';
import { createCallback } from '../lib/http/callback.ts';
import { systemIo } from '../lib/io.ts';
import { createWechatLoader } from '../lib/providers/wechat/loader.ts';
import { receiveWechatNotification } from '../lib/providers/wechat/notification.ts';
import { createStoreContext, withDeadline } from '../lib/store/client.ts';
import { createEventStore } from '../lib/store/event-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'wechat-notify' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const context = createStoreContext(tableName, systemIo);
const receiver = createWechatLoader(documents, systemIo, (config) =>
  receiveWechatNotification(config, systemIo.now),
);

export const handler = createCallback({
  provider: 'wechat',
  chooseForm: () => ({ receiver, acknowledgement: wechatNotifyAcknowledgement }),
  openStore: () => createEventStore(withDeadline(context)),
  telemetry,
  now: systemIo.now,
});
