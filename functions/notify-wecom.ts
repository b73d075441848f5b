import type { DynamoDBStreamHandler } from 'aws-lambda';
import { createDocumentLoader, createDocumentReader } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { parseWecomDocument } from '../lib/config/wecom.ts';
import { systemIo } from '../lib/io.ts';
import { consumeStream, type StreamContext } from '../lib/notifications/stream.ts';
import { sendToWecom } from '../lib/notifications/wecom.ts';
import { currencyFormat } from '../lib/providers/currencies.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createWorkStore } from '../lib/store/work-store.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const loadWecom = createDocumentLoader(createDocumentReader(stage), 'wecom', parseWecomDocument);

const context: StreamContext = {
  send: async (content) => sendToWecom(await loadWecom(), systemIo, content),
  store: createWorkStore(createStoreContext(tableName, systemIo)),
  // An order that costs nothing has no provider; it is in CNY, as every shop order is.
  findFormat: (provider, currency) => currencyFormat(provider ?? 'wechat', currency),
  telemetry: createTelemetry(),
};

export const handler: DynamoDBStreamHandler = ({ Records }) => consumeStream(Records, context);
