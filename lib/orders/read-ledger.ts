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

export interface LedgerStore {
  /** The account's entries of the period in the order of their booking, from a position on. */
  readPage(
    account: string,
    period: Period,
    after: Position | null,
    limit: number,
  ): Promise<Page<LedgerEntry>>;
  /** The sums of the whole period; null when it holds more entries than are added up at once. */
  sumPeriod(account: string, period: Period): Promise<readonly LedgerSum[] | null>;
}

/** A part of an account's ledger. The sums are the whole period's and come with its first part only. */
export interface LedgerPart {
  readonly page: Page<LedgerEntry>;
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
  if (after) return { page, sums: null };
  const sums = page.next ? await store.sumPeriod(name, period) : sumEntries(name, page.items);
  return sums && { page, sums };
}

/** Adds entries of an account, all on the same side, to what there is. */
export function addToSums(
  sums: Map<string, LedgerSum>,
  side: 'debit' | 'credit',
  entries: readonly Pick<Entry, 'provider' | 'currency' | 'amount'>[],
): void {
  for (const { provider, currency, amount } of entries) {
    const unit = `${provider} ${currency}`;
    const sum = sums.get(unit) ?? { provider, currency, debit: 0n, credit: 0n };
    sums.set(unit, { ...sum, [side]: sum[side] + BigInt(amount) });
  }
}

/** The sums of these entries of an account. */
function sumEntries(account: string, entries: readonly Entry[]): LedgerSum[] {
  const sums = new Map<string, LedgerSum>();
  for (const side of ['debit', 'credit'] as const) {
    addToSums(
      sums,
      side,
      entries.filter((entry) => entry[side] === account),
    );
  }
  return [...sums.values()];
}
