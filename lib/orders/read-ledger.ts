import { isoTime } from '../io.ts';
import type { EntryKind, Provider } from './kinds.ts';
import type { Account, Entry } from './ledger.ts';
import type { Page, Position } from './page.ts';

export interface LedgerEntry extends Entry {
  readonly kind: EntryKind;
}

/** From the first instant, which is part of it, to the second, which is not; both as they are stored. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** What was booked in a currency of one provider, in its smallest unit: sums outgrow what a number holds exactly. */
export interface LedgerSum {
  readonly provider: Provider;
  readonly currency: string;
  readonly debit: bigint;
  readonly credit: bigint;
}

/** What was booked in 24 hours of a period, or in what is left of it. */
export interface LedgerDay {
  /** Its first instant, as it is stored. */
  readonly from: string;
  readonly sums: readonly LedgerSum[];
}

export interface LedgerStore {
  /** The account's entries of the period in the order of their booking, from a position on. */
  readPage(
    account: string,
    period: Period,
    after: Position | null,
    limit: number,
  ): Promise<Page<LedgerEntry>>;
  /** The sums of each day of the period; null when it holds more entries than are added up at once. */
  sumDays(account: string, period: Period): Promise<readonly LedgerDay[] | null>;
}

/** A part of an account's ledger. Sums are the whole period's and come with its first part only, by day and in all. */
export interface LedgerPart {
  readonly page: Page<LedgerEntry>;
  readonly days: readonly LedgerDay[] | null;
  readonly sums: readonly LedgerSum[] | null;
}

export interface LedgerRequest {
  readonly account: Account;
  readonly period: Period;
  readonly after: Position | null;
  readonly limit: number;
}

/**
 * A page of an account's ledger. Sums with every page would read the whole period again for each.
 * @returns null when the period holds too many entries to be added up
 */
export async function readLedger(
  store: LedgerStore,
  { account: { name }, period, after, limit }: LedgerRequest,
): Promise<LedgerPart | null> {
  const page = await store.readPage(name, period, after, limit);
  if (after) return { page, days: null, sums: null };
  const days = page.next ? await store.sumDays(name, period) : daysOfPage(name, period, page.items);
  return days && { page, days, sums: addSums(days.flatMap(({ sums }) => sums)) };
}

const DAY_MS = 86_400_000;

/** Adds up what is booked in a period, by each 24 hours of it. */
export function createDaySums({ from, to }: Period) {
  const start = Date.parse(from);
  const days = Array.from({ length: Math.ceil((Date.parse(to) - start) / DAY_MS) }, (_, day) => ({
    from: isoTime(start + day * DAY_MS),
    sums: new Map<string, LedgerSum>(),
  }));
  return {
    /** Entries of an account, all on the same side. */
    add(side: 'debit' | 'credit', entries: readonly Counted[]): void {
      for (const { booked_at, provider, currency, amount } of entries) {
        const day = days[Math.floor((Date.parse(booked_at) - start) / DAY_MS)];
        if (!day) throw new Error('an entry was booked outside of the period that it was read for');
        addTo(day.sums, { provider, currency, debit: 0n, credit: 0n, [side]: BigInt(amount) });
      }
    },
    days: (): LedgerDay[] => days.map((day) => ({ from: day.from, sums: [...day.sums.values()] })),
  };
}

type Counted = Pick<LedgerEntry, 'booked_at' | 'provider' | 'currency' | 'amount'>;

function addTo(sums: Map<string, LedgerSum>, { provider, currency, debit, credit }: LedgerSum): void {
  const unit = `${provider} ${currency}`;
  const sum = sums.get(unit) ?? { provider, currency, debit: 0n, credit: 0n };
  sums.set(unit, { ...sum, debit: sum.debit + debit, credit: sum.credit + credit });
}

function addSums(parts: readonly LedgerSum[]): LedgerSum[] {
  const sums = new Map<string, LedgerSum>();
  for (const part of parts) addTo(sums, part);
  return [...sums.values()];
}

/** The sums of an account's entries that are all on one page. */
function daysOfPage(account: string, period: Period, entries: readonly LedgerEntry[]): LedgerDay[] {
  const sums = createDaySums(period);
  for (const side of ['debit', 'credit'] as const) {
    sums.add(
      side,
      entries.filter((entry) => entry[side] === account),
    );
  }
  return sums.days();
}
