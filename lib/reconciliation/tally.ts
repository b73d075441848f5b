import type { BillRow, OtherRow } from '../orders/provider-gateway.ts';
import type { DifferenceKind } from './difference.ts';

type MovementKind = Exclude<BillRow, OtherRow>['kind'];

/** By kind of row and by currency. */
export type Sums = { -readonly [K in MovementKind]?: Record<string, number> };

/** What the rows and entries of a day came to. */
export interface Tally {
  rows: number;
  agreed: number;
  /** Rows that were not in the books, and are now. */
  settled: number;
  /** Payments in the bill that have not succeeded yet, and refunds that are open here: their provider has not finished. */
  under_way: number;
  /** Entries that are not in the bill, and may belong into that of another day, which is not known yet. */
  undecided: number;
  /**
   * Names, as far as they are kept, by which other days know what this day's bill has: of entries that may belong to
   * this day and are not in it, whatever the others say of them, and of its rows of which nothing is booked yet.
   */
  readonly names: { readonly absent: string[]; readonly unbooked: string[] };
  /** Rows of orders that are not ours, or of another merchant with the same bill. */
  foreign: number;
  readonly differences: Record<DifferenceKind, number>;
  /** Rows that moved no money of a payment, or are not understood, by the bill's name for their kind. */
  readonly others: Record<string, number>;
  /** What moved of our payments, in smallest units; below zero where more came back than went. */
  readonly sums: Sums;
  /** What the provider kept of them, in thousandths of the smallest unit of the fee's currency. */
  readonly fees: Sums;
}

export const emptyTally = (): Tally => ({
  rows: 0,
  agreed: 0,
  settled: 0,
  under_way: 0,
  undecided: 0,
  names: { absent: [], unbooked: [] },
  foreign: 0,
  differences: { missing_here: 0, missing_there: 0, other_amount: 0, unknown_row: 0 },
  others: {},
  sums: {},
  fees: {},
});

export const differs = ({ differences }: Pick<Tally, 'differences'>): boolean =>
  Object.values(differences).some((count) => count > 0);

/** @throws RangeError when the sum is more than a number holds exactly */
export function addTo(sums: Sums, kind: MovementKind, currency: string, amount: number): void {
  const ofKind = sums[kind] ?? {};
  const sum = (ofKind[currency] ?? 0) + amount;
  if (!Number.isSafeInteger(sum)) throw new RangeError('the sums of the bill are more than can be counted');
  sums[kind] = { ...ofKind, [currency]: sum };
}

/** So many kinds of other rows are told apart; what a bill has beyond them is counted together. */
const MAX_OTHERS = 40;
const FURTHER = '…';

/** @returns the name under which it is counted, and whether it is the first of this name */
export function countOther(others: Record<string, number>, name: string): { name: string; isFirst: boolean } {
  const isNew = !Object.hasOwn(others, name);
  const counted = isNew && Object.keys(others).length >= MAX_OTHERS ? FURTHER : name;
  const before = Object.hasOwn(others, counted) ? (others[counted] ?? 0) : 0;
  others[counted] = before + 1;
  return { name: counted, isFirst: before === 0 };
}

/** What is on either side of midnight is little; a day's result stays small where it is not. */
const MOST_NAMES = 500;

export function keepName(names: string[], name: string): void {
  if (names.length < MOST_NAMES) names.push(name);
}

/** Whether all names are there. */
export const areAllKept = (names: readonly string[]): boolean => names.length < MOST_NAMES;
