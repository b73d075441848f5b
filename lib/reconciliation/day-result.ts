import type { MerchantName } from '../orders/ledger.ts';
import type { Tally } from './tally.ts';

/** `running`: it is not finished; `late`: the provider has no bill yet. */
export const dayStates = ['running', 'late', 'agreed', 'differs'] as const;
export type DayState = (typeof dayStates)[number];

/** What reconciling a merchant's day came to. */
export interface DayResult extends MerchantName, Readonly<Tally> {
  /** YYYY-MM-DD, by the provider's calendar. */
  readonly day: string;
  readonly state: DayState;
  readonly version: number;
  /** How many runs it has taken. */
  readonly runs: number;
  /** Where it stopped for lack of time; null while it is at its beginning, and when it is finished. */
  readonly position: Position | null;
  readonly started_at: string;
  readonly finished_at: string | null;
}

/** How far into a bill the comparison came: so many of its rows, and the digest of what they are called. */
export interface RowPosition {
  readonly rows: number;
  readonly digest: string;
}

/** Where a comparison goes on: with the bill's rows, or with this part of the account's entries. */
export interface Position extends RowPosition {
  readonly part: number | null;
}

/** A merchant's day that is to be reconciled. */
export interface MerchantDay extends MerchantName {
  readonly day: string;
}

/** The results of days. Each call rejects when the outcome is unknown. */
export interface DayStore {
  read(day: MerchantDay): Promise<DayResult | null>;
  /** On condition that what is stored is still of this version, or, with 0, that nothing is. @returns whether it was */
  write(result: DayResult, seen: number): Promise<boolean>;
}

export const isFinished = ({ state }: Pick<DayResult, 'state'>): boolean =>
  state === 'agreed' || state === 'differs';
