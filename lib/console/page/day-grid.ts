import type { Reconciliation } from '../../http/responses/books.ts';
import { type Provider, providers } from '../../orders/kinds.ts';
import { negated, sumOfDecimals, withoutZeros } from './decimal.ts';

export interface DayGrid {
  /** YYYY-MM-DD, the newest first: what somebody looks for is at the beginning, on a phone too. */
  readonly days: readonly string[];
  readonly rows: readonly DayGridRow[];
}

interface DayGridRow {
  readonly provider: Provider;
  readonly merchant: string;
  /** Of each day; null where it has no result. */
  readonly cells: readonly (Reconciliation | null)[];
}

/** A fee has so many decimals more than its currency. */
export const FEE_DECIMALS = 3;

const DAY_MS = 86_400_000;

/** The results of a period, both days included, as a row for each merchant. */
export function dayGrid(results: readonly Reconciliation[], from: string, to: string): DayGrid {
  const count = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
  const days = Array.from({ length: Math.max(0, count) }, (_, index) =>
    new Date(Date.parse(to) - index * DAY_MS).toISOString().slice(0, 10),
  );
  const rows = new Map<string, Map<string, Reconciliation>>();
  for (const result of results) {
    const name = `${result.provider}.${result.merchant}`;
    rows.set(name, (rows.get(name) ?? new Map()).set(result.day, result));
  }
  return {
    days,
    rows: [...rows.values()]
      .flatMap((ofMerchant) => {
        const [first] = ofMerchant.values();
        const cells = days.map((day) => ofMerchant.get(day) ?? null);
        return first ? [{ provider: first.provider, merchant: first.merchant, cells }] : [];
      })
      .sort(
        (one, other) =>
          providers.indexOf(one.provider) - providers.indexOf(other.provider) ||
          one.merchant.localeCompare(other.merchant),
      ),
  };
}

/** How many differences a day has. */
export const differencesOf = ({ differences }: Pick<Reconciliation, 'differences'>): number =>
  Object.values(differences).reduce((sum, count) => sum + count, 0);

export interface PeriodSum {
  readonly provider: Provider;
  readonly currency: string;
  readonly payment: string;
  readonly refund: string;
  readonly dispute: string;
  readonly fees: string;
  /** What came in, less what went out and what was kept. */
  readonly net: string;
}

/** What moved at each provider and what it kept, by currency. Sums of a currency that it does not take are left out. */
export function periodSums(results: readonly Reconciliation[]): readonly PeriodSum[] {
  return providers.flatMap((provider) => {
    const ofProvider = results.filter((result) => result.provider === provider);
    const sums = ofProvider.flatMap((result) => result.sums);
    const fees = ofProvider.flatMap((result) => result.fees);
    const currencies = [...new Set([...sums, ...fees].map(({ currency }) => currency))].sort();
    const total = (list: Reconciliation['sums'], currency: string, kind?: string) =>
      sumOfDecimals(
        list.flatMap((sum) =>
          sum.currency === currency && (kind === undefined || sum.kind === kind) && sum.amount !== null
            ? [sum.amount]
            : [],
        ),
      );
    return currencies.map((currency) => {
      const payment = total(sums, currency, 'payment');
      const refund = total(sums, currency, 'refund');
      const dispute = total(sums, currency, 'dispute');
      const kept = total(fees, currency);
      const net = sumOfDecimals([payment, negated(refund), negated(dispute), negated(kept)]);
      const hasFees = kept !== '0';
      return {
        ...{ provider, currency, payment, refund, dispute },
        fees: withoutZeros(kept, FEE_DECIMALS),
        net: hasFees ? withoutZeros(net, FEE_DECIMALS) : net,
      };
    });
  });
}
