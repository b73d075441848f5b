import { isoTime } from '../io.ts';
import {
  agreedWrites,
  type Booked,
  bookReturn,
  foretoldWrites,
  type NamedReturn,
  returnRecord,
} from './book-return.ts';
import { asSeen, type Change, changeOf, holdingUpdate, type ItemWrite, orderUpdate } from './change.ts';
import type { Step } from './commit.ts';
import type { PaymentEvent } from './event.ts';
import { exceptionOnce } from './exception.ts';
import type { OrderStatus } from './kinds.ts';
import type { Holding, Payment } from './payment.ts';
import { isReturnedSum, isTooMuch, type Refund, refundedStatus, returnedSumName } from './refund.ts';
import {
  decideException,
  isOfAnotherAmount,
  type RefundExceptionResult,
  type SaidRefund,
} from './refund-exception.ts';
import { findHolding, isOfHolding, type Snapshot } from './snapshot.ts';

/**
 * Money that went back to its payer without our asking: by the provider's console, or by its own hand. It is booked out
 * of suspense, since nobody is known to bear it, and what is left to be refunded is less at once. A message names the
 * refund, or only says what has gone back in all: then what no refund explains is booked, and the first refunds that
 * are named afterwards are what it was. So the same money is booked once, in whatever order it is told of.
 */

/** What is to be written, and what it comes to: nothing has to be asked of the provider. */
export type ReturnDecision = Extract<Step<ReturnResult>, { result: ReturnResult }>;

export type ReturnResult =
  | RefundExceptionResult
  | {
      /** `unknown_refund`: it is booked, or recorded for a person to see; `refund_failed`: it came again. */
      readonly outcome: 'unknown_refund' | 'refund_failed' | 'already_refunded';
      readonly order_no: string;
      /** The order's after the event. */
      readonly status: OrderStatus;
    }
  /** The message names no refund and no sum. Those that are open are asked about in any case. */
  | { readonly outcome: 'unnamed_refund' };

/** What was said of it, as a message about a payment of ours that is none of our refunds. */
export interface ReturnSubject {
  readonly snapshot: Snapshot;
  readonly payment: Payment;
  readonly event: SaidRefund;
  readonly now: number;
}

/** What a refund that was not asked for here means for the order as it is stored. What cannot be is not booked. */
export function decideReturn({ snapshot, payment, event, now }: ReturnSubject): ReturnDecision {
  const name = event.refund_id ?? event.refund_no;
  // A number that a person has chosen may look like the name of a sum.
  const id = isReturnedSum(name) ? `#${name}` : name;
  // It stays of the money that it was booked of, though its transaction turns out to be another's.
  const booked = snapshot.returns.find((known) => known.payment === payment.n && known.return_id === id);
  const holding = findHolding(snapshot, payment, booked ? booked.suspense : (event.transaction_id ?? null));
  const to = event.type === 'refund_failed' ? 'failed' : 'succeeded';
  const impossible = () => decideException(snapshot, holding, event, ['amount'], now);
  if (isOfAnotherAmount(holding.amount, event)) return impossible();
  if (id !== null && event.amount !== undefined) {
    return decideNamed({ snapshot, holding, now }, { id, amount: event.amount, to }) ?? impossible();
  }
  if (to === 'failed') return { result: { outcome: 'unnamed_refund' }, change: null };
  const { total, transaction_id } = event;
  if (total === undefined) return decideUncounted({ snapshot, holding, now }, id, transaction_id);
  return decideSum({ snapshot, holding, now }, total);
}

/** Something has gone back, and nobody says how much: that is told, unless what is known of may be what it was. */
function decideUncounted(
  { snapshot, holding, now }: Booked,
  refund_no: string | null,
  named: string | null | undefined,
): ReturnDecision {
  const isKnown = snapshot.returns
    .filter(isOfHolding(holding))
    .some((known) => known.return_id === refund_no);
  const isExplained = refund_no === null && holding.reserved + holding.refunded + holding.returned > 0;
  if (isKnown || isExplained) return unchanged(snapshot);
  const { order_no, status } = snapshot.order;
  const { payment_no, provider, merchant, currency } = holding;
  const transaction_id = named ?? holding.transaction_id;
  const about = { payment_no, provider, merchant, currency, transaction_id, refund_no } as const;
  const told = exceptionOnce(snapshot, { kind: 'unknown_refund', ...about }, now);
  return { result: { outcome: 'unknown_refund', order_no, status }, change: changeOf(order_no, told) };
}

/** What no refund explains is booked. */
function decideSum({ snapshot, holding, now }: Booked, total: number): ReturnDecision {
  const set = reportedOf(snapshot, holding, total);
  const amount = total - explained(snapshot, holding);
  if (amount > 0)
    return decideBooking({ snapshot, holding, now }, sumName(snapshot, holding, total), amount, [], set);
  if (set.reported === undefined) return unchanged(snapshot);
  return alreadyRefunded(snapshot, [holdingUpdate(holding, set)]);
}

/**
 * A refund of ours is decided: what its provider says went back in all, or said while that was open, and that no refund
 * explains, is booked with it.
 * @param snapshot with the refund as it is then
 * @param total 0 where nothing is said
 */
export function revealedReturn(
  snapshot: Snapshot,
  holding: Holding,
  total: number,
  now: number,
): {
  readonly set: Partial<Pick<Payment, 'returned' | 'reported'>>;
  readonly writes: readonly ItemWrite[];
} {
  const reported = Math.max(holding.reported, total);
  const set = reportedOf(snapshot, holding, reported);
  const amount = reported - explained(snapshot, holding);
  if (amount <= 0) return { set, writes: [] };
  const name = sumName(snapshot, holding, reported);
  const { returned, writes } = bookReturn({ snapshot, holding, now }, name, amount);
  return { set: { ...set, returned }, writes };
}

/** What a refund of ours that is open may explain is kept in mind, as it may be refused yet. */
function reportedOf(
  { refunds }: Snapshot,
  holding: Holding,
  total: number,
): Partial<Pick<Payment, 'reported'>> {
  const isAnyOpen = refunds.filter(isOfHolding(holding)).some(({ status }) => status === 'open');
  return isAnyOpen && total > holding.reported ? { reported: total } : {};
}

/**
 * A payment's number may have several transactions, each with sums of its own; and the same sum adds something again
 * once a refund that it was explained by turns out to have been refused.
 */
function sumName({ exceptions }: Snapshot, holding: Holding, total: number): string {
  const name = returnedSumName(total, 'state' in holding ? null : holding.transaction_id);
  const isTaken = exceptions.some(
    ({ payment_no, refund_no }) => payment_no === holding.payment_no && refund_no === name,
  );
  return isTaken ? `${name}-${holding.version}` : name;
}

/** One that failed never succeeds: what says so was overtaken. Null where more would have gone back than was paid. */
function decideNamed(subject: Booked, named: NamedReturn): ReturnDecision | null {
  const { snapshot, holding, now } = subject;
  const known = snapshot.returns.filter(isOfHolding(holding)).find(({ return_id }) => return_id === named.id);
  if (!known) {
    // What has gone back unnamed may be this very refund; that one failed, it has come again.
    const counted = Math.min(named.amount, unnamed(snapshot, holding));
    const record = returnRecord(holding, named, named.amount - counted, now);
    const amount = named.to === 'failed' ? 0 - counted : named.amount - counted;
    if (amount > 0 && isTooMuch({ ...holding, returned: holding.returned + amount })) return null;
    const foretold = foretoldWrites(snapshot, holding, { id: named.id, booked: amount }, now);
    const agreed = agreedWrites(snapshot, holding, named.id, now);
    return decideBooking(subject, named.id, amount, [{ put: 'return', record }, ...foretold, ...agreed]);
  }
  if (known.status === named.to || known.status === 'failed') return unchanged(snapshot);
  const update: ItemWrite = {
    update: 'return',
    of: known,
    set: { status: 'failed' },
    expects: asSeen(known),
  };
  return decideBooking(subject, named.id, -known.amount, [update]);
}

/** Books what has gone back; an amount below zero is what has come again. */
function decideBooking(
  { snapshot, holding, now }: Booked,
  id: string,
  amount: number,
  writes: readonly ItemWrite[],
  set: { readonly reported?: number } = {},
): ReturnDecision {
  const { order } = snapshot;
  const { order_no } = order;
  // It takes its part of what is unnamed, which no other may take at once: the holding is a new version.
  if (amount === 0) return alreadyRefunded(snapshot, [...writes, holdingUpdate(holding, {})]);
  const { outcome, returned, writes: booked } = bookReturn({ snapshot, holding, now }, id, amount);
  const isPaying = 'state' in holding && order.paid_by === holding.n;
  const status = isPaying ? refundedStatus({ ...holding, returned }) : order.status;
  return {
    result: { outcome, order_no, status },
    change: changeOf(order_no, [
      ...(isPaying && status !== order.status
        ? [orderUpdate(order, { status, updated_at: isoTime(now) })]
        : []),
      holdingUpdate(holding, { ...set, returned }),
      ...writes,
      ...booked,
    ]),
  };
}

/** A refund that failed without a number of its provider's was refused. */
const wasTakenOn = ({ status, refund_id }: Refund): boolean => status !== 'failed' || refund_id !== null;

const sumOf = (amounts: readonly { readonly amount: number }[]): number =>
  amounts.reduce((sum, { amount }) => sum + amount, 0);

/** What has gone back of the money without being named. */
const unnamed = ({ returns }: Snapshot, holding: Holding): number =>
  holding.returned -
  sumOf(returns.filter(isOfHolding(holding)).filter(({ status }) => status === 'succeeded'));

/**
 * What of a sum in all is known: one that failed counts too, for the sum may have been said before it did. One that its
 * provider never took on was in no sum.
 */
const explained = (snapshot: Snapshot, holding: Holding): number =>
  sumOf(snapshot.refunds.filter(isOfHolding(holding)).filter(wasTakenOn)) +
  sumOf(snapshot.returns.filter(isOfHolding(holding))) +
  unnamed(snapshot, holding);

const unchanged = (snapshot: Snapshot): ReturnDecision => alreadyRefunded(snapshot, []);

const alreadyRefunded = (
  { order: { order_no, status } }: Snapshot,
  writes: readonly ItemWrite[],
): ReturnDecision => ({
  result: { outcome: 'already_refunded', order_no, status },
  change: changeOf(order_no, writes),
});

/**
 * What it means that a payment's provider says, with the payment, that some of it has gone back. Where it does not say
 * how much, a person is told, unless our own refunds are what it was.
 */
export function decideReturned(
  snapshot: Snapshot,
  payment: Payment,
  { returned, transaction_id }: Pick<PaymentEvent, 'returned' | 'transaction_id'>,
  now: number,
): Change | null {
  const { payment_no, provider, merchant, currency } = payment;
  const sum = typeof returned === 'number' ? { total: returned } : {};
  const said = {
    ...{ payment_no, provider, merchant, currency },
    type: 'refund_succeeded',
    refund_id: null,
    refund_no: null,
    transaction_id,
    ...sum,
  } as const;
  return decideReturn({ snapshot, payment, event: said, now }).change;
}
