import type { BookedEntry } from '../orders/change.ts';
import { feesAccount, providerAccount } from '../orders/ledger.ts';
import type { DayResult, MerchantDay } from './day-result.ts';
import type { Sums } from './tally.ts';

const THOUSAND = 1_000;

/**
 * What the provider kept on a day, as entries: one for each kind and currency, of whole smallest units. A sum that is
 * none is rounded to the nearest, half away from zero; the rest stands in the day's result, which has the exact sum.
 * What it kept of a dispute is booked with the dispute.
 * @param before what the day came to when it was finished before: what its bill has besides, or no more, is booked
 */
export function feeEntries(
  { day, ...name }: MerchantDay,
  fees: Sums,
  booked_at: string,
  before: Pick<DayResult, 'fees' | 'version'> | null,
): readonly BookedEntry[] {
  const { provider, merchant } = name;
  const [kept, account] = [feesAccount(name), providerAccount(name)];
  return (['payment', 'refund'] as const).flatMap((kind) => {
    const booked = before?.fees[kind] ?? {};
    return Object.entries({ ...booked, ...fees[kind] }).flatMap(([currency]) => {
      const fee = wholeUnits(fees[kind]?.[currency]) - wholeUnits(booked[currency]);
      if (fee === 0) return [];
      const sides = fee > 0 ? { debit: kept, credit: account } : { debit: account, credit: kept };
      const reference = [day, kind, currency, ...(before ? [before.version] : [])].join('#');
      return {
        ...{ order_no: null, provider, merchant, transaction_id: null, refund: null },
        ...{ kind: 'fee', reference, amount: Math.abs(fee), currency, booked_at, ...sides },
      } as const;
    });
  });
}

/** @param fee in thousandths */
const wholeUnits = (fee = 0): number => Math.sign(fee) * Math.round(Math.abs(fee) / THOUSAND);
