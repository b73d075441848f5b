import { isoTime } from '../io.ts';
import type { BookedEntry } from '../orders/change.ts';
import { type BillFacts, type BillRow, isBillNotReady } from '../orders/provider-gateway.ts';
import { compareEntries, decideWaiting } from './compare-entries.ts';
import { compareRows } from './compare-rows.ts';
import { type ComparisonPorts, createComparison } from './comparison.ts';
import {
  type DayResult,
  type DayStore,
  isFinished,
  type MerchantDay,
  type Position,
  type RowPosition,
} from './day-result.ts';
import { feeEntries } from './fees.ts';
import { differs, emptyTally, type Tally } from './tally.ts';

/** The bill of a day, read from its beginning each time. Iterating throws what is wrong with it. */
export type OpenRows = () => AsyncIterable<BillRow>;

export interface DayPorts extends ComparisonPorts {
  readonly settling: NonNullable<ComparisonPorts['settling']>;
  readonly days: DayStore;
  /** Books what belongs to no order, unless it is there. */
  readonly putMerchantEntry: (entry: BookedEntry) => Promise<void>;
}

export type DayOutcome =
  | { readonly outcome: 'agreed' | 'differs' | 'late' | 'stopped'; readonly result: DayResult }
  /** It was reconciled before; or somebody else is at it, and came further. */
  | { readonly outcome: 'known' | 'overtaken' };

/** A day that takes so many runs does not come to its end. */
const MAX_RUNS = 200;

/**
 * Reconciles a merchant's day: settles what its provider's bill has and the books do not, records what does not agree
 * then, books what the provider kept, and stores what it came to. When there is no time for all of it, it stores where
 * it stopped, and the next run goes on there: each row is compared once. Whoever comes second changes nothing twice.
 * @param afresh from the beginning, even if it was finished
 * @throws what the bill, the store and the settling throw
 */
export async function reconcileDay(
  ports: DayPorts,
  facts: BillFacts,
  merchantDay: MerchantDay,
  openRows: OpenRows,
  { afresh = false } = {},
): Promise<DayOutcome> {
  const { days, settling } = ports;
  const now = () => isoTime(settling.io.now());
  const stored = await days.read(merchantDay);
  if (stored && isFinished(stored) && !afresh) return { outcome: 'known' };
  const isUnderWay = stored?.state === 'running' && !afresh;
  const begun = isUnderWay ? stored : begin(merchantDay, stored, now());
  if (begun.runs >= MAX_RUNS) throw new Error('the day takes more runs than it should');
  let { version } = begun;
  const write = async (changes: Partial<DayResult>): Promise<DayResult | null> => {
    const result = { ...begun, ...changes, version: version + 1 };
    const isWritten = await days.write(result, version);
    version += 1;
    return isWritten ? result : null;
  };
  // That it was begun is seen even if it never comes to an end.
  if (!stored && !(await write({}))) return { outcome: 'overtaken' };
  const ran = await unlessLate(() => compareDay(ports, facts, merchantDay, openRows, begun));
  if (!ran) {
    // What it came to stays what it came to: by it other days are decided, and what its fees are besides is booked.
    if (stored && isFinished(stored)) return { outcome: 'late', result: stored };
    const result = await write({ state: 'late', position: null });
    return result ? { outcome: 'late', result } : { outcome: 'overtaken' };
  }
  const { compared, position, decideMore } = ran;
  const runs = begun.runs + 1;
  if (position) {
    const result = await write({ ...compared, state: 'running', runs, position });
    return result ? { outcome: 'stopped', result } : { outcome: 'overtaken' };
  }
  const before = stored && isFinished(stored) ? stored : null;
  const entries = feeEntries(merchantDay, compared.fees, now(), before);
  for (const entry of entries) await ports.putMerchantEntry(entry);
  const finished_at = now();
  const finish = async (): Promise<DayOutcome> => {
    const state = differs(compared) ? 'differs' : 'agreed';
    const result = await write({ ...compared, state, runs, position: null, finished_at });
    return result ? { outcome: state, result } : { outcome: 'overtaken' };
  };
  const finished = await finish();
  return finished.outcome !== 'overtaken' && (await decideMore()) ? finish() : finished;
}

const begin = (merchantDay: MerchantDay, stored: DayResult | null, started_at: string): DayResult => ({
  ...merchantDay,
  ...emptyTally(),
  state: 'running',
  version: stored?.version ?? 0,
  runs: 0,
  position: null,
  started_at: stored?.finished_at === null ? stored.started_at : started_at,
  finished_at: null,
});

interface ComparedDay {
  readonly compared: Tally;
  /** Null when it is done. */
  readonly position: Position | null;
  /** Looks once more at what other days decide, and changes what it came to. @returns whether any of that is known by now */
  readonly decideMore: () => Promise<boolean>;
}

/** Null when the provider has no bill yet. */
async function unlessLate<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!isBillNotReady(error)) throw error;
    return null;
  }
}

/**
 * Compares a merchant's bill of a day with the books, both ways: each row is looked up by its own key, whenever it was
 * booked; then the entries around the day are read, and what no row is about is missing in the bill if it took place
 * on that day for certain, or on another whose bill does not have it either. Neither side is ever held as a whole.
 * Without `settling` it only looks.
 * @returns what it came to, and where it stopped
 */
export async function compareDay(
  ports: ComparisonPorts,
  facts: BillFacts,
  merchantDay: MerchantDay,
  openRows: OpenRows,
  begun: (Tally & { readonly position: Position | null }) | null = null,
): Promise<ComparedDay> {
  const from = begun?.position ?? null;
  const compared = begun && from ? tallyOf(begun) : emptyTally();
  const comparison = createComparison(ports, merchantDay, facts, compared);
  const rows = await compareRows(comparison, openRows(), from && rowsOf(from));
  // It is another bill than the one that was begun with.
  if (rows.end === 'changed') return compareDay(ports, facts, merchantDay, openRows);
  const decideMore = () => decideWaiting(comparison);
  if (rows.end === 'stopped') return { compared, position: { ...rows.position, part: null }, decideMore };
  const part = await compareEntries(comparison, from?.part ?? 0);
  const isDone = part === ports.store.parts;
  return { compared, position: isDone ? null : { ...rows.position, part }, decideMore };
}

const rowsOf = ({ rows, digest }: Position): RowPosition => ({ rows, digest });

function tallyOf(result: Tally): Tally {
  const { rows, agreed, settled, under_way, undecided, foreign } = result;
  const { names, differences, others, sums, fees } = structuredClone({
    names: result.names,
    differences: result.differences,
    others: result.others,
    sums: result.sums,
    fees: result.fees,
  });
  return { rows, agreed, settled, under_way, undecided, foreign, names, differences, others, sums, fees };
}
