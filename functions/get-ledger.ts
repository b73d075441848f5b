import { reachedMerchants, requireAccountAccess } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { ApiError } from '../lib/http/api-error.ts';
import { listReply } from '../lib/http/csv.ts';
import { ledgerCsv, ledgerReply, readLedgerRequest } from '../lib/http/ledger-api.ts';
import { payEnvelope } from '../lib/http/reply.ts';
import { readLedger } from '../lib/orders/read-ledger.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createLedgerStore } from '../lib/store/ledger-store.ts';

/** GET /api/pay/ledger/{account}: what was booked to an account in a period, with its sums. */
export function create(runtime: Runtime) {
  const store = createLedgerStore(runtime.store);
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    parameters: ['from', 'to', 'limit', 'cursor'],
    handle: async ({ claims, path, query, headers }) => {
      const request = readLedgerRequest(path, query, runtime.io.now());
      requireAccountAccess(claims, request.account, await reachedMerchants(claims, runtime.register));
      const part = await readLedger(store, request);
      if (!part) throw tooManyEntries();
      return listReply(headers, ledgerReply(request, part), ledgerCsv);
    },
  });
}

const tooManyEntries = () =>
  new ApiError(
    400,
    'too_many_entries',
    {
      zh: 'from 到 to 的记录过多，无法合计，请缩短区间',
      en: 'There are too many entries from from to to for sums, please ask for a shorter period',
    },
    { field: ['from', 'to'] },
  );

export const handler = start('get-ledger', create);
