import { createHash } from 'node:crypto';
import { exceptionKinds, isOneOf } from '../orders/kinds.ts';
import type { BillRow } from '../orders/provider-gateway.ts';
import { bookedName, furtherNames, type OwnRow, ownRow, rowName } from './bill-row.ts';
import { type Booked, isSameMoney, type Money, type OrderBooks } from './books.ts';
import type { Comparison } from './comparison.ts';
import type { Day } from './day.ts';
import type { RowPosition } from './day-result.ts';
import { type Difference, unknownRow } from './difference.ts';
import { findMatch, isCertain, isOfNothing, type Match } from './match.ts';
import { movementName, settleRow } from './settle-row.ts';
import { mapInChunks } from './stream.ts';
import { addTo, countOther, keepName } from './tally.ts';

/** `changed`: the bill does not begin any more with the rows that were compared. */
export type RowsEnd =
  | { readonly end: 'done' | 'stopped'; readonly position: RowPosition }
  | { readonly end: 'changed' };

/**
 * Looks for each row of the bill in the books from a position on, settles what is not there, and tells what does not
 * agree then. The rows before the position are only named: what of the bill the books have is known by its rows alone.
 * @throws what the bill, the store and the settling throw
 */
export async function compareRows(
  comparison: Comparison,
  rows: AsyncIterable<BillRow>,
  from: RowPosition | null,
): Promise<RowsEnd> {
  const { tally, bounds, onProgress } = comparison;
  const shareOf = shareOfDay(bounds);
  const reading = readRows(comparison, rows, from);
  for await (const compared of mapInChunks(reading.rows, (chunk) => compareChunk(comparison, chunk))) {
    for (const { row, result } of compared) await countRow(comparison, row, result);
    tally.rows += compared.length;
    onProgress(tally.rows, 'rows', shareOf(compared.at(-1)?.row.row));
  }
  return reading.end();
}

/** A row as it came; of ours, whether the bill has had the very same before. */
interface ReadRow {
  readonly row: BillRow;
  readonly own: OwnRow | null;
  readonly isRepeated: boolean;
}

/** The rows that are to be compared, in their order; the names of all that were read are the bill's. */
function readRows(
  { inBill, orderPrefix, shouldStop }: Comparison,
  rows: AsyncIterable<BillRow>,
  from: RowPosition | null,
): { readonly rows: AsyncIterable<ReadRow>; readonly end: () => RowsEnd } {
  const names = createHash('sha256');
  const start = from?.rows ?? 0;
  let read = 0;
  let end: 'done' | 'stopped' | 'changed' = 'done';
  const isUnchanged = () => from === null || names.copy().digest('hex') === from.digest;

  async function* unread(): AsyncGenerator<ReadRow> {
    for await (const row of rows) {
      const own = row.kind === 'other' ? null : ownRow(row, orderPrefix);
      const name = own && rowName(own);
      const isRepeated = name !== null && inBill.has(name);
      if (own && name !== null) for (const one of [name, ...furtherNames(own)]) inBill.add(one);
      names.update(`${name ?? row.kind}\n`);
      read += 1;
      if (read === start && !isUnchanged()) break;
      if (read <= start) continue;
      yield { row, own, isRepeated };
      if (shouldStop()) {
        end = 'stopped';
        return;
      }
    }
    if (read <= start && !isUnchanged()) end = 'changed';
  }
  return {
    rows: unread(),
    end: () => (end === 'changed' ? { end } : { end, position: { rows: read, digest: names.digest('hex') } }),
  };
}

/** How much of a bill is read, by the time of its rows: they go from one end of the day to the other, whichever is first. */
function shareOfDay({ start, end }: Day): (row: BillRow | undefined) => number | null {
  let first: number | null = null;
  return (row) => {
    if (!row || row.kind === 'other' || row.at === null) return null;
    const place = Math.min(1, Math.max(0, (Date.parse(row.at) - start) / (end - start)));
    first ??= place < 0.5 ? 0 : 1;
    return Math.abs(place - first);
  };
}

type Result =
  | { readonly outcome: 'foreign' | 'agreed' | 'settled' | 'under_way' | 'other'; readonly isUnbooked?: true }
  | { readonly outcome: 'missing_here' | 'other_amount'; readonly difference: Difference };

interface ComparedRow {
  readonly row: ReadRow;
  readonly result: Result;
}

async function compareChunk(comparison: Comparison, chunk: readonly ReadRow[]): Promise<ComparedRow[]> {
  const { store, merchant } = comparison;
  const own = chunk.map((row) => row.own).filter((row) => row !== null);
  const found = own.length === 0 ? [] : await store.find(own);
  const booked = new Map(own.map((row, index) => [row, found[index]]));
  const compared: ComparedRow[] = [];
  for (const row of chunk) {
    const known = row.own && booked.get(row.own);
    const isTheirs = known?.provider === merchant.provider && known.merchant === merchant.merchant;
    compared.push({ row, result: await compareRow(comparison, row, isTheirs ? known : undefined) });
  }
  return compared;
}

async function compareRow(
  comparison: Comparison,
  { row, own, isRepeated }: ReadRow,
  booked: Booked | undefined,
): Promise<Result> {
  if (row.kind === 'other') return { outcome: 'other' };
  if (!own) return { outcome: 'foreign' };
  if (own.kind === 'payment' && own.unpaid) {
    return own.unpaid === 'pending' ? { outcome: 'under_way', isUnbooked: true } : { outcome: 'agreed' };
  }
  // What a bill has twice cannot be in the books twice.
  if (isRepeated) return missing(own, false);
  if (booked && isCertain(own, booked)) return against(own, booked, 'agreed');
  const books = await comparison.readOrder(own.number.order_no);
  if (books?.elsewhere.includes(own.number.n)) return { outcome: 'foreign' };
  if (isOfNothing(own, books)) return { outcome: 'agreed' };
  const match = books ? findFree(comparison, own, books) : undefined;
  const isAmiss = match?.state === 'unnamed' && !isSameMoney(match.money, own);
  const isUnnamed = match?.state === 'unnamed' && own.transaction_id !== null && !isAmiss;
  if (match && !isUnnamed) return resultOf(own, match, 'agreed');
  if (!comparison.settling || !books) return match ? resultOf(own, match, 'agreed') : missing(own, false);
  return settleAndCompare(comparison, own, books, match);
}

/** Settles a row that is not in the books, or names what it is there without a name, and looks again. */
async function settleAndCompare(
  comparison: Comparison,
  row: OwnRow,
  books: OrderBooks,
  before: Match | undefined,
): Promise<Result> {
  const { settling, merchant } = comparison;
  if (!settling) return missing(row, false);
  const { outcome } = await settleRow(settling, merchant, row, books);
  const after = await comparison.readOrder(row.number.order_no);
  const match = after ? findMatch(row, after) : undefined;
  if (match) return resultOf(row, match, before ? 'agreed' : 'settled');
  return missing(row, isOneOf(exceptionKinds, outcome));
}

/** Of several rows, one that names no transaction is only one's. */
function findFree({ inBill }: Comparison, row: OwnRow, books: OrderBooks): Match | undefined {
  const match = findMatch(row, books);
  if (match?.state !== 'unnamed') return match;
  const name = unnamedOf(row.payment_no);
  if (inBill.has(name)) return undefined;
  inBill.add(name);
  return match;
}

/** That a payment whose transaction no message has named is in the bill. */
export const unnamedOf = (payment_no: string): string => `unnamed ${payment_no}`;

function resultOf(row: OwnRow, match: Match, outcome: 'agreed' | 'settled'): Result {
  if (match.state === 'under_way') return { outcome: 'under_way', isUnbooked: true };
  // What was refused may still be done.
  if (match.state === 'nothing') return { outcome, isUnbooked: true };
  return against(row, match.money, outcome);
}

const against = (row: OwnRow, ours: Money, outcome: 'agreed' | 'settled'): Result =>
  isSameMoney(row, ours)
    ? { outcome }
    : { outcome: 'other_amount', difference: differenceOf('other_amount', row, ours, false) };

const missing = (row: OwnRow, isTold: boolean): Result => ({
  outcome: 'missing_here',
  difference: differenceOf('missing_here', row, null, isTold),
});

function differenceOf(
  kind: 'missing_here' | 'other_amount',
  row: OwnRow,
  ours: Money | null,
  isTold: boolean,
): Difference {
  const { payment_no, transaction_id, number } = row;
  return {
    ...{ kind, of: row.kind, order_no: number.order_no, payment_no, transaction_id, isTold, ours },
    movement: movementName(row),
    theirs: row,
  };
}

async function countRow(comparison: Comparison, { row, own }: ReadRow, result: Result): Promise<void> {
  const { tally, day } = comparison;
  if (own && result.outcome !== 'foreign') {
    addTo(tally.sums, own.kind, own.currency, own.amount);
    if (own.fee !== 0) addTo(tally.fees, own.kind, own.fee_currency, own.fee);
  }
  if ('difference' in result) {
    await comparison.tell(result.difference);
  } else if (row.kind === 'other') {
    const { name, isFirst } = countOther(tally.others, row.name);
    if (isFirst && !row.understood) await comparison.tell(unknownRow(day, name));
  } else if (result.outcome !== 'other') {
    tally[result.outcome] += 1;
  }
  const isUnbooked = 'difference' in result ? result.outcome === 'missing_here' : result.isUnbooked;
  if (own && isUnbooked) keepName(tally.names.unbooked, bookedName(own));
}
