import { isoTime } from '../io.ts';
import { asSeen, exceptionEnded, exceptionStanding, type ItemWrite, type Put } from './change.ts';
import type { ExceptionEnd, ExceptionRecord } from './exception.ts';
import { providerAccount, suspenseAccount } from './ledger.ts';
import type { Holding } from './payment.ts';
import { parseRefundNumber, type Return } from './refund.ts';
import { isAboutHolding, type Snapshot } from './snapshot.ts';

/** What is written of money that went back without our asking: its entry, its record, and what people are told. */

export interface Booked {
  readonly snapshot: Snapshot;
  readonly holding: Holding;
  readonly now: number;
}

export interface NamedReturn {
  readonly id: string;
  readonly amount: number;
  readonly to: Return['status'];
}

export interface BookedReturn {
  readonly outcome: 'unknown_refund' | 'refund_failed';
  /** Of the money, afterwards. */
  readonly returned: number;
  /** Besides that. */
  readonly writes: readonly ItemWrite[];
}

/** @param amount below zero what has come again */
export function bookReturn({ snapshot, holding, now }: Booked, id: string, amount: number): BookedReturn {
  // Stryker disable next-line EqualityOperator: nothing at all is not booked
  const outcome = amount < 0 ? 'refund_failed' : 'unknown_refund';
  const { payment_no, provider, merchant, currency, transaction_id } = holding;
  const subject = {
    kind: outcome,
    payment_no,
    provider,
    merchant,
    currency,
    transaction_id,
    refund_no: id,
  } as const;
  return {
    outcome,
    returned: holding.returned + amount,
    writes: [
      returnEntry(holding, id, amount, now),
      // What was told before it could be booked, and has ended, was not seen with its money.
      ...exceptionStanding(snapshot, { ...subject, amount: Math.abs(amount) }, now),
      ...(outcome === 'unknown_refund' ? namedEnds(snapshot, holding, id, now) : []),
    ],
  };
}

/** Those about this money that wait for people to say who bears what went back. */
const openReturns = ({ exceptions }: Snapshot, holding: Holding): readonly ExceptionRecord[] =>
  exceptions
    .filter(({ kind, state }) => kind === 'unknown_refund' && state === 'open')
    .filter(isAboutHolding(holding));

/**
 * That something of the money had gone back was told without saying what, or by a number without its amount: now that
 * it is booked, the exception of it takes over.
 */
function namedEnds(snapshot: Snapshot, holding: Holding, id: string, now: number): readonly ItemWrite[] {
  const { order_no } = snapshot.order;
  return (
    openReturns(snapshot, holding)
      .filter(
        ({ refund_no, amount }) =>
          amount === null &&
          refund_no !== id &&
          // What is said of a refund of ours against what is known of it is for a person to see.
          // Stryker disable next-line StringLiteral: any text is none of our numbers
          parseRefundNumber(refund_no ?? '', order_no) === null,
      )
      // A change has 100 writes at most; those that are left end with what is named next.
      .slice(0, 50)
      .map((unnamed) => exceptionEnded(unnamed, namedAt(now)))
  );
}

const namedAt = (now: number): ExceptionEnd => ({
  ...{ resolution: 'named', reason: 'its provider has said what it was', by: 'settle', at: isoTime(now) },
  ...{ entries: [], refund_no: null },
});

/**
 * A refund may have been told to people before its transaction was known. What of it is booked under another exception,
 * or came again, is not for its own to be borne a second time.
 */
export function foretoldWrites(
  snapshot: Snapshot,
  holding: Holding,
  { id, booked }: { readonly id: string; readonly booked: number },
  now: number,
): readonly ItemWrite[] {
  return openReturns(snapshot, holding)
    .filter(({ refund_no, amount }) => refund_no === id && amount !== booked)
    .map((foretold) =>
      booked > 0
        ? { update: 'exception', of: foretold, set: { amount: booked }, expects: asSeen(foretold) }
        : exceptionEnded(foretold, namedAt(now)),
    );
}

/** What was said of a refund in amounts that could not be is said of it, or of what went back besides, as it can. */
export const agreedWrites = (
  { exceptions }: Snapshot,
  holding: Holding,
  id: string,
  now: number,
): readonly ItemWrite[] =>
  exceptions
    .filter(({ kind, state, refund_no }) => kind === 'mismatch' && state === 'open' && refund_no === id)
    .filter(({ fields }) => fields.every((field) => field === 'amount'))
    .filter(isAboutHolding(holding))
    .map((impossible) => exceptionEnded(impossible, namedAt(now)));

function returnEntry(holding: Holding, id: string, amount: number, now: number): Put {
  const { order_no, n, provider, merchant, currency, transaction_id } = holding;
  const [out, back] = [suspenseAccount(holding), providerAccount(holding)];
  const record = {
    ...{ order_no, provider, merchant, currency, transaction_id },
    kind: 'return',
    reference: `${n}#${id}${amount < 0 ? '#back' : ''}`,
    refund: null,
    amount: Math.abs(amount),
    ...(amount < 0 ? { debit: back, credit: out } : { debit: out, credit: back }),
    booked_at: isoTime(now),
  } as const;
  return { put: 'entry', record };
}

export function returnRecord(
  holding: Holding,
  { id, amount, to }: NamedReturn,
  booked: number,
  now: number,
): Return {
  const { order_no, n, payment_no, provider, merchant, currency } = holding;
  return {
    ...{ order_no, payment: n, payment_no, provider, merchant, currency, amount, booked },
    suspense: 'state' in holding ? null : holding.transaction_id,
    return_id: id,
    status: to,
    version: 1,
    recorded_at: isoTime(now),
  };
}
