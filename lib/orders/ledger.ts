import { isoTime } from '../iso-time.ts';
import type { JournalEntry } from './journal.ts';
import type { Provider } from './order.ts';
import type { Page, Position } from './page.ts';

/** Why an entry was booked: a payment, a refund, or money that no order accounts for. */
export type EntryKind = 'payment' | 'refund' | 'suspense';

export interface LedgerEntry extends JournalEntry {
  readonly kind: EntryKind;
}

/** An account of the journal, and the tenant that it is kept for; null when it is nobody's but ours. */
export interface Account {
  readonly name: string;
  readonly tenant_id: number | null;
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

const ACCOUNT =
  /^(?:tenant:([1-9][0-9]{0,15})|shop:(?:mall|meal)|(?:provider|suspense):(?:wechat|alipay|stripe))$/;

/** The account of this name; null when there can be none. */
export function parseAccount(name: string): Account | null {
  const match = ACCOUNT.exec(name);
  if (!match) return null;
  const tenant_id = match[1] === undefined ? null : Number(match[1]);
  return tenant_id === null || Number.isSafeInteger(tenant_id) ? { name, tenant_id } : null;
}

const DAY_MS = 86_400_000;

/** The parts of a period by UTC day, each with its first and its last instant. */
export function splitIntoDays({ from, to }: Period): { first: string; last: string }[] {
  const end = Date.parse(to);
  const days: { first: string; last: string }[] = [];
  for (let start = Date.parse(from); start < end; ) {
    const nextDay = Math.min(end, start - (start % DAY_MS) + DAY_MS);
    days.push({ first: isoTime(start), last: isoTime(nextDay - 1) });
    start = nextDay;
  }
  return days;
}

/** Adds entries of an account, all on the same side, to what there is. */
export function addToSums(
  sums: Map<string, LedgerSum>,
  side: 'debit' | 'credit',
  entries: readonly Pick<JournalEntry, 'provider' | 'currency' | 'amount'>[],
): void {
  for (const { provider, currency, amount } of entries) {
    const unit = `${provider} ${currency}`;
    const sum = sums.get(unit) ?? { provider, currency, debit: 0n, credit: 0n };
    sums.set(unit, { ...sum, [side]: sum[side] + BigInt(amount) });
  }
}

/** The sums of these entries of an account. */
function sumEntries(account: string, entries: readonly JournalEntry[]): LedgerSum[] {
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
