import type { DynamoDBStreamHandler } from 'aws-lambda';
import { createDocumentReader } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { systemIo } from '../lib/io.ts';
import { createAnnounceContext } from '../lib/notifications/announce.ts';
import { consumeStream } from '../lib/notifications/stream.ts';
import { currencyFormat } from '../lib/providers/currencies.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createWorkStore } from '../lib/store/work-store.ts';
import { createTelemetry, withFields } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'notify-wecom' });
const context = createAnnounceContext({
  read: createDocumentReader(stage),
  io: systemIo,
  store: createWorkStore(createStoreContext(tableName, systemIo)),
  currencyFormat,
  telemetry,
});

export const handler: DynamoDBStreamHandler = ({ Records }, { awsRequestId: request_id }) =>
  consumeStream(Records, { ...context, telemetry: withFields(telemetry, { request_id }) });
