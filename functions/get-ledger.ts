import { reachedMerchants, requireAccountAccess } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { ledgerReply, readLedgerRequest } from '../lib/http/ledger-api.ts';
import { ApiError, payEnvelope } from '../lib/http/reply.ts';
import { readLedger } from '../lib/orders/read-ledger.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createLedgerStore } from '../lib/store/ledger-store.ts';

/** GET /api/pay/ledger/{account}: what was booked to an account in a period, with its sums. */
export function create(runtime: Runtime) {
  const store = createLedgerStore(runtime.store);
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    parameters: ['from', 'to', 'limit', 'cursor'],
    handle: async ({ claims, path, query }) => {
      const request = readLedgerRequest(path, query, runtime.io.now());
      requireAccountAccess(claims, request.account, await reachedMerchants(claims, runtime.register));
      const part = await readLedger(store, request);
      if (!part) throw new ApiError(400, 'from 到 to 的记录过多，无法合计，请缩短区间');
      return payEnvelope.success(200, '成功', ledgerReply(request, part));
    },
  });
}

export const handler = start('get-ledger', create);
