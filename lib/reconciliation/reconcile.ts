import type { MerchantName } from '../orders/accounts.ts';
import type { BillRow } from './bill-row.ts';
import { compareEntries } from './compare-entries.ts';
import { compareRows } from './compare-rows.ts';
import type { Day } from './day.ts';
import type { ReconciliationPorts, Summary } from './difference.ts';
import { createKeySet } from './key-set.ts';

/**
 * Compares a merchant's bill of a day with the ledger, both ways. Each row is looked up by its own key, whenever it
 * was booked; then the entries around the day are read, and what no row was about is missing in the bill if it took
 * place on that day for certain. Neither side is ever held as a whole.
 * @throws what the bill and the store throw; differences that were told before are then provisional
 */
export async function reconcile(
  ports: ReconciliationPorts,
  merchant: MerchantName,
  day: Day,
  rows: AsyncIterable<BillRow>,
): Promise<Summary> {
  const taken = createKeySet();
  const ofRows = await compareRows(ports, merchant, rows, taken);
  const ofEntries = await compareEntries(ports, merchant, day, taken);
  return { ...ofRows, ...ofEntries };
}
