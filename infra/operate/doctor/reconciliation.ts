import type { MerchantName } from '../../../lib/orders/ledger.ts';
import { billFacts } from '../../../lib/providers/facts.ts';
import { daysWithBill } from '../../../lib/reconciliation/day.ts';
import { DAYS_BACK } from '../../../lib/reconciliation/start-days.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { readDays } from '../../../lib/store/merchant-store.ts';
import { ok, type Result, unreadable, warning } from './check.ts';

/** A day's bill is there in the next morning. */
const LONGEST_SILENCE_MS = 2 * 86_400_000;

/**
 * Whether a day of the merchant was reconciled lately, whatever came of it.
 * @param of whose it is, in words
 * @param created when the table was made, in milliseconds since 1970; null when that is not known
 */
export async function checkLastReconciliation(
  store: StoreContext,
  of: string,
  { provider, merchant }: MerchantName,
  created: number | null,
): Promise<Result> {
  const check = `last reconciliation ${of}`;
  const now = store.io.now();
  try {
    const days = daysWithBill(billFacts[provider], now, DAYS_BACK);
    const results = await readDays(
      store,
      days.map((day) => ({ provider, merchant, day })),
    );
    const finished = results.flatMap((result) => result?.finished_at ?? []).sort();
    return judge(check, finished.at(-1) ?? null, now, created);
  } catch (error) {
    return unreadable(check, error);
  }
}

function judge(check: string, finished_at: string | null, now: number, created: number | null): Result {
  if (finished_at !== null && now - Date.parse(finished_at) <= LONGEST_SILENCE_MS) {
    return ok(check, `a day was finished at ${finished_at}`);
  }
  if (finished_at === null && created !== null && now - created <= LONGEST_SILENCE_MS) {
    return ok(check, 'none yet, and the table is new');
  }
  const last = finished_at === null ? 'no day of the last week' : `no day since ${finished_at}`;
  return warning(check, `${last} was finished. Look at the runbook, "reconciliation-late"`);
}
