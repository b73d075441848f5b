import { createDocumentLoader, createDocumentReader } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { parseWechatDocument } from '../lib/config/wechat.ts';
import { wechatNotifyAcknowledgement } from '../lib/http/acknowledgement.ts';
import { createCallback } from '../lib/http/callback.ts';
import { systemIo } from '../lib/io.ts';
import { receiveWechatNotification } from '../lib/providers/wechat/notification.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createSettlementStore } from '../lib/store/settlement-store.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const receiver = createDocumentLoader(createDocumentReader(stage), 'wechat', (document) =>
  receiveWechatNotification(parseWechatDocument(document), systemIo.now),
);

export const handler = createCallback({
  provider: 'wechat',
  chooseForm: () => ({ receiver, acknowledgement: wechatNotifyAcknowledgement }),
  store: createSettlementStore(createStoreContext(tableName, systemIo)),
  telemetry: createTelemetry(),
  now: systemIo.now,
});
