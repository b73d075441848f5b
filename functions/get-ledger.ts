import { createDocumentSource } from '../lib/config/documents.ts';
import { readEnvironment } from '../lib/config/environment.ts';
import { requireAccountAccess } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { ApiError } from '../lib/http/api-error.ts';
import { payEnvelope } from '../lib/http/envelope.ts';
import { ledgerAnswer } from '../lib/http/ledger-answer.ts';
import { readLedgerRequest } from '../lib/http/ledger-request.ts';
import { createTokenVerifierLoader } from '../lib/http/token.ts';
import { systemIo } from '../lib/io.ts';
import { readLedger } from '../lib/orders/ledger.ts';
import { createStoreContext } from '../lib/store/client.ts';
import { createLedgerStore } from '../lib/store/ledger-store.ts';
import { reportDocumentFailure } from '../lib/telemetry/document-failure.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

const { stage, tableName } = readEnvironment();
const telemetry = createTelemetry({ stage, function: 'get-ledger' });
const documents = createDocumentSource(stage, reportDocumentFailure(telemetry));
const store = createLedgerStore(createStoreContext(tableName, systemIo));

export const handler = createApi({
  envelope: payEnvelope,
  telemetry,
  now: systemIo.now,
  verifyToken: createTokenVerifierLoader(documents, systemIo.now),
  role: 'admin',
  handle: async ({ claims, path, query }) => {
    const request = readLedgerRequest(path, query, systemIo.now());
    requireAccountAccess(claims, request.account);
    const part = await readLedger(store, request);
    if (!part) throw new ApiError(400, 'from 到 to 的记录过多，无法合计，请缩短区间');
    return payEnvelope.success(200, '成功', ledgerAnswer(request, part));
  },
});
