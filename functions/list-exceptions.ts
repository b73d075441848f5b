import { createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { createApi } from '../lib/http/api.ts';
import { payEnvelope } from '../lib/http/envelope.ts';
import { exceptionsAnswer } from '../lib/http/exceptions-answer.ts';
import { readExceptionsRequest } from '../lib/http/exceptions-request.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { systemIo } from '../lib/io.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { listExceptions } from '../lib/store/exception-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'list-exceptions' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const context = createStoreContext(tableName, systemIo);

export const handler = createApi({
  envelope: payEnvelope,
  telemetry,
  now: systemIo.now,
  verifyToken: createTokenVerifierLoader(documents, systemIo.now),
  role: 'admin',
  handle: async ({ claims, query }) => {
    const request = readExceptionsRequest(query);
    const page = await listExceptions(context, { ...request, tenant_id: claims.tenant_id });
    return payEnvelope.success(200, '成功', exceptionsAnswer(page));
  },
});
