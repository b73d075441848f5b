import type { DynamoDBStreamHandler } from 'aws-lambda';
import { createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { systemIo } from '../lib/io.ts';
import { createAnnounceContext } from '../lib/notifications/announce.ts';
import { consumeStream } from '../lib/notifications/stream.ts';
import { currencyFormat } from '../lib/providers/currencies.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createWorkStore } from '../lib/store/work-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry, withFields } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'notify-wecom' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const context = createAnnounceContext({
  documents,
  io: systemIo,
  store: createWorkStore(createStoreContext(tableName, systemIo)),
  currencyFormat,
  telemetry,
});

export const handler: DynamoDBStreamHandler = ({ Records }, { awsRequestId: request_id }) =>
  consumeStream(Records, { ...context, telemetry: withFields(telemetry, { request_id }) });
