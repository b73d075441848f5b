import type { BookedEntry } from '../orders/change.ts';
import { feesAccount, providerAccount } from '../orders/ledger.ts';
import type { MerchantDay } from './day-result.ts';
import type { Sums } from './tally.ts';

const THOUSAND = 1_000;

/**
 * What the provider kept on a day, as entries: one for each kind and currency, of whole smallest units. A sum that is
 * none is rounded to the nearest, half away from zero; the rest stands in the day's result, which has the exact sum.
 * What it kept of a dispute is booked with the dispute.
 */
export function feeEntries(
  { day, ...name }: MerchantDay,
  fees: Sums,
  booked_at: string,
): readonly BookedEntry[] {
  const { provider, merchant } = name;
  const [kept, account] = [feesAccount(name), providerAccount(name)];
  return (['payment', 'refund'] as const).flatMap((kind) =>
    Object.entries(fees[kind] ?? {}).flatMap(([currency, fee]) => {
      const amount = Math.round(Math.abs(fee) / THOUSAND);
      if (amount === 0) return [];
      const sides = fee > 0 ? { debit: kept, credit: account } : { debit: account, credit: kept };
      return {
        ...{ order_no: null, provider, merchant, transaction_id: null, refund: null },
        ...{ kind: 'fee', reference: `${day}#${kind}#${currency}`, amount, currency, booked_at, ...sides },
      } as const;
    }),
  );
}
