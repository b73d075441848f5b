import type { MerchantName } from '../orders/ledger.ts';
import type { BillFacts } from '../orders/provider-gateway.ts';
import type { OrderBooks, Origin, ProviderEntry, ReconciliationStore } from './books.ts';
import { type Day, providerDay } from './day.ts';
import type { DayResult, DayStore, MerchantDay } from './day-result.ts';
import { type Difference, type RecordingPorts, recordDifference } from './difference.ts';
import { createKeySet, type KeySet } from './key-set.ts';
import type { SettlingPorts } from './settle-row.ts';
import type { Tally } from './tally.ts';

export interface ComparisonPorts {
  readonly store: ReconciliationStore;
  readonly days: Pick<DayStore, 'read'>;
  /** Of the stage's order numbers: a merchant account may be shared. */
  readonly orderPrefix: string;
  /** What it takes to settle what is not in the books and to record what does not agree; null where it is only looked at. */
  readonly settling: (SettlingPorts & RecordingPorts) | null;
  readonly onDifference: (difference: Difference) => void;
  /** How many rows, and after them how many entries, have been compared; `share` of all of them that is, as far as it can be told. */
  readonly onProgress: (done: number, what: 'rows' | 'entries', share: number | null) => void;
  /** Whether there is no time for more. */
  readonly shouldStop: () => boolean;
}

/** A merchant's bill of a day against the books, under way. */
export interface Comparison extends ComparisonPorts {
  readonly merchant: MerchantName;
  /** YYYY-MM-DD, by the provider's calendar. */
  readonly day: string;
  readonly bounds: Day;
  readonly boundsOf: (date: string) => Day;
  readonly tally: Tally;
  /** The names of what the bill has. */
  readonly inBill: KeySet;
  /** What of an order is this merchant's. */
  readonly readOrder: (order_no: string) => Promise<MerchantBooks | null>;
  /** What another of the merchant's days came to, by its date; null where it was never begun. Each is read once. */
  readonly resultOf: (date: string) => Promise<DayResult | null>;
  /** What days came to is read anew. */
  readonly forgetResults: () => void;
  /** What may belong to days that are not known. */
  readonly waiting: WaitingEntry[];
  /** Counts a difference, and records it. */
  readonly tell: (difference: Difference) => Promise<void>;
}

/** With when it may have been at the earliest, where that is known. */
export interface WaitingEntry {
  readonly entry: ProviderEntry;
  readonly origin: Origin | undefined;
}

/** What of an order is a merchant's. */
export interface MerchantBooks extends OrderBooks {
  /** The numbers of the payments to other merchants, whose money the same bill has. */
  readonly elsewhere: readonly number[];
}

export function createComparison(
  ports: ComparisonPorts,
  { day, ...merchant }: MerchantDay,
  facts: BillFacts,
  tally: Tally,
): Comparison {
  const account = facts.accountOf(merchant.merchant);
  const boundsOf = (date: string) => providerDay(facts, date);
  const results = new Map<string, Promise<DayResult | null>>();
  return {
    ...ports,
    ...{ merchant, day, bounds: boundsOf(day), boundsOf, tally },
    inBill: createKeySet(),
    waiting: [],
    forgetResults: () => results.clear(),
    async readOrder(order_no) {
      const books = await ports.store.readOrder(order_no);
      if (!books) return null;
      const elsewhere = books.payments
        .filter((payment) => payment.provider === merchant.provider && payment.merchant !== merchant.merchant)
        .filter((payment) => facts.accountOf(payment.merchant) === account)
        .map(({ n }) => n);
      return { ...ofMerchant(books, merchant), elsewhere };
    },
    resultOf(date) {
      const result = results.get(date) ?? ports.days.read({ ...merchant, day: date });
      results.set(date, result);
      return result;
    },
    async tell(difference) {
      tally.differences[difference.kind] += 1;
      ports.onDifference(difference);
      if (ports.settling) await recordDifference(ports.settling, merchant, difference);
    },
  };
}

function ofMerchant(books: OrderBooks, { provider, merchant }: MerchantName): OrderBooks {
  const isTheirs = (one: MerchantName) => one.provider === provider && one.merchant === merchant;
  return {
    payments: books.payments.filter(isTheirs),
    suspense: books.suspense.filter(isTheirs),
    refunds: books.refunds.filter(isTheirs),
    returns: books.returns.filter(isTheirs),
    entries: books.entries.filter(isTheirs),
  };
}
