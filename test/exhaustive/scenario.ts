import type { Change } from '../../lib/orders/change.ts';
import type { ProviderEvent } from '../../lib/orders/event.ts';
import type { Snapshot } from '../../lib/orders/snapshot.ts';
import type { Program, ProviderCall } from './process.ts';
import type { Answer, Habits, ProviderState } from './provider.ts';
import type { Table } from './table.ts';

/** What may happen, and how often. */
export interface Budget {
  /** A process dies; what it asked its provider for may still arrive there. */
  readonly crashes: number;
  /** A call of a provider is given up; it may still arrive there, or have arrived. */
  readonly timeouts: number;
  /** The reply to a write is lost, and the store's client makes it again. */
  readonly rewrites: number;
  /** The payer pays. */
  readonly transactions: number;
  /** The payer pays a second time under a number that is paid. */
  readonly secondTransactions: number;
  /** A number is paid after its close was acknowledged. */
  readonly paidAfterClose: number;
  /** The payer is about to pay, and pays or thinks better of it. */
  readonly hesitations: number;
  /** A payment fails at the provider. */
  readonly failures: number;
  /** A payment expires at the provider, by its own clock. */
  readonly expiries: number;
  /** A refund that succeeded is sent back. */
  readonly sentBack: number;
  /** Somebody gives money back by the provider's console. */
  readonly returns: number;
  /** The payer's bank disputes a payment. */
  readonly disputes: number;
  /** The sweep looks at something that is due. */
  readonly sweeps: number;
}

/** A world in which nothing out of the ordinary may happen any more. */
export const nothing: Budget = {
  crashes: 0,
  timeouts: 0,
  rewrites: 0,
  transactions: 0,
  secondTransactions: 0,
  paidAfterClose: 0,
  hesitations: 0,
  failures: 0,
  expiries: 0,
  sentBack: 0,
  returns: 0,
  disputes: 0,
  sweeps: 0,
};

/** A world to be searched: what is there at first, who acts in it, and what else may happen. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /**
   * What happened before the search, one after the other: processes, each until it ended; the clock moved on; the payer
   * paid; the console gave a part back; all that was to be told was.
   */
  readonly before: readonly (Program | number | 'pays' | 'returns' | 'told')[];
  /** What each one does who acts in it: one after the other, when the one before has ended or died. */
  readonly actors: readonly (readonly Program[])[];
  /** The order may have so many payments; what comes of one more is not looked into. */
  readonly payments: number;
  /** So many callbacks and checks of the sweep at once. */
  readonly atOnce: number;
  /** The times to which the clock may move on, after the beginning. */
  readonly clock: readonly number[];
  readonly habits: Habits;
  readonly may: Budget;
  /** What is less in the part that every run of the tests searches; nothing when it is left out. */
  readonly lesser?: { readonly may?: Partial<Budget>; readonly payments?: number };
  /** What the provider holds and tells before anything happens. */
  readonly provider?: ProviderState;
  /** Pays whatever can still be paid in the end. */
  readonly payer: Program;
}

/** A rule that is undone, by changing what passes between the processes and the world. */
export interface Undone {
  /** What is written in place of a change. */
  readonly change?: (change: Change, table: Table) => Change;
  /** What a call is answered in place of the answer. */
  readonly answer?: (call: ProviderCall, answer: Answer) => Answer;
  /** What a process reads in place of what is stored. */
  readonly snapshot?: (snapshot: Snapshot, program: Program) => Snapshot;
  /** Whether the sweep clears whatever an item owes by then. */
  readonly clearsAnything?: boolean;
  /** What is told in place of a message. */
  readonly event?: (event: ProviderEvent) => ProviderEvent;
}
