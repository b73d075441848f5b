import { isoTime } from '../io.ts';
import {
  asSeen,
  type BookedEntry,
  changeOf,
  exceptionEnded,
  holdingUpdate,
  type ItemWrite,
  orderUpdate,
  paymentUpdate,
} from './change.ts';
import { type CommitPorts, commit, type Step } from './commit.ts';
import { isDisputed } from './dispute.ts';
import { type EndEntry, type ExceptionEnd, type ExceptionRecord, exceptionId } from './exception.ts';
import {
  type ExceptionKind,
  exceptionKinds,
  isOneOf,
  type OrderStatus,
  payableStatuses,
  type Resolution,
} from './kinds.ts';
import {
  isSuspenseAccount,
  type MerchantName,
  ownerAccount,
  providerAccount,
  suspenseAccount,
} from './ledger.ts';
import { parsePaymentNumber } from './order-number.ts';
import type { Holding, Payment, Suspense } from './payment.ts';
import { type Refund, refundableRest } from './refund.ts';
import { askForRefund, type RequestRefundPorts, reserveRefund } from './request-refund.ts';
import { announcement } from './schedule.ts';
import { isReturnedSum } from './settle-return.ts';
import { findHolding, findPayment, type Snapshot } from './snapshot.ts';

/** What can be done about each kind of exception. */
export const allowedResolutions: Readonly<Record<ExceptionKind, readonly Resolution[]>> = {
  mismatch: ['attributed', 'returned', 'written_off', 'dismissed'],
  paid_after_close: ['attributed', 'returned', 'written_off', 'dismissed'],
  paid_twice: ['attributed', 'returned', 'written_off', 'dismissed'],
  paid_superseded: ['attributed', 'returned', 'written_off', 'dismissed'],
  number_spent: ['written_off', 'dismissed'],
  numbers_exhausted: ['dismissed'],
  merchant_missing: ['dismissed'],
  unknown_refund: ['attributed', 'written_off', 'dismissed'],
  refund_abnormal: ['written_off', 'dismissed'],
  refund_failed: ['written_off', 'dismissed'],
  disputed: ['attributed', 'written_off', 'dismissed'],
  missing_here: ['written_off', 'dismissed'],
  missing_there: ['written_off', 'dismissed'],
  other_amount: ['written_off', 'dismissed'],
  unknown_row: ['written_off', 'dismissed'],
};

/** How an exception is to end. */
export interface WantedEnd {
  readonly resolution: Resolution;
  readonly reason: string;
  /** The `sub` of who asks. */
  readonly by: string;
}

export interface ResolveRequest extends WantedEnd {
  readonly order_no: string;
  /** As `exceptionId` makes it. */
  readonly id: string;
}

export interface Resolved {
  readonly outcome: 'resolved';
  /** With its end, which names what was booked by it. */
  readonly exception: EndedException;
  /** What goes back to the payer by it. */
  readonly refund: Refund | null;
  /** The order's afterwards; null of an exception that belongs to no order. */
  readonly status: OrderStatus | null;
}

export type EndedException = ExceptionRecord & { readonly resolved: ExceptionEnd };

type Refused =
  /** Not an end that this kind can have, or one of this kind that is about no money that came in. */
  | { readonly outcome: 'not_allowed'; readonly allowed: readonly Resolution[] }
  | { readonly outcome: RefusedOutcome };

type RefusedOutcome =
  | 'not_found'
  /** It ended in another way. */
  | 'already_resolved'
  /** Nothing of the money is left, or some of it is on its way back. */
  | 'nothing_left'
  /** Its transaction is in the books: it is not money besides. */
  | 'already_booked'
  /** What went back was never booked, so that nobody can be said to bear it. */
  | 'not_booked'
  /** What went back was money in suspense, and never its order's owner's. */
  | 'never_owned'
  /** The payer's bank has the payment, or may take it. */
  | 'disputed'
  /** The order takes payments still: it is closed first. */
  | 'order_open'
  /** A closed order is paid at its amount, or not at all. */
  | 'other_amount'
  /** No message says how much it is, or of which transaction. */
  | 'amount_unknown'
  /** Whether the money comes back is not decided. */
  | 'dispute_open';

export type ResolveResult = Resolved | Refused;

/**
 * Ends an exception, and books what that means in the same change. What goes back is a refund like any other: the
 * provider is asked for it afterwards, and again until it decides. The same end again is the same reply.
 * @throws ContentionError, and what the store throws
 */
export async function resolveException(
  ports: Omit<RequestRefundPorts, 'store'> & CommitPorts,
  request: ResolveRequest,
): Promise<ResolveResult> {
  const result = await commit<ResolveResult>(ports, request.order_no, (snapshot) =>
    decideResolution(snapshot, request, ports.io.now()),
  );
  if (result.outcome !== 'resolved' || result.refund?.status !== 'open') return result;
  return { ...result, refund: await askForRefund(ports, result.refund) };
}

/** What of exceptions that belong to no order is stored. */
export interface MerchantExceptionStore {
  /** Ends one that is open. @returns how it is stored then: ended by this or before; null when there is none */
  endMerchantException(
    merchant: MerchantName,
    id: string,
    end: ExceptionEnd,
  ): Promise<{ readonly ended: boolean; readonly record: ExceptionRecord } | null>;
}

/** Only these book nothing: what belongs to no order has no owner and no payer. */
const withoutBooking = ['written_off', 'dismissed'] as const satisfies readonly Resolution[];

/** Ends an exception that belongs to no order. The same end again is the same reply. @throws what the store throws */
export async function resolveMerchantException(
  ports: Pick<CommitPorts, 'io'> & { readonly store: MerchantExceptionStore },
  { id, resolution, reason, by, ...merchant }: WantedEnd & MerchantName & { readonly id: string },
): Promise<ResolveResult> {
  const [kind = ''] = id.split('#', 1);
  if (!isOneOf(exceptionKinds, kind)) return refuse('not_found');
  const allowed = withoutBooking.filter((one) => isOneOf(allowedResolutions[kind], one));
  if (!isOneOf(allowed, resolution)) return refuseEnd(allowed);
  const end: ExceptionEnd = {
    ...{ resolution, reason, by, at: isoTime(ports.io.now()) },
    ...{ entries: [], refund_no: null },
  };
  const stored = await ports.store.endMerchantException(merchant, id, end);
  if (!stored?.record.resolved) return refuse('not_found');
  const { resolved } = stored.record;
  const isSame = stored.ended || resolved.resolution === resolution;
  if (!isSame) return refuse('already_resolved');
  const exception = { ...stored.record, resolved };
  return { outcome: 'resolved', exception, refund: null, status: null };
}

interface Ending {
  readonly snapshot: Snapshot;
  readonly exception: ExceptionRecord;
  readonly now: number;
}

/** What an end books and returns besides. */
interface Consequence {
  readonly writes: readonly ItemWrite[];
  /** An entry of its own. */
  readonly entry?: BookedEntry;
  /** What a payment or money in suspense books, which is among the writes. */
  readonly booked?: EndEntry;
  readonly refund?: Refund;
  /** The order's afterwards, where that changes. */
  readonly status?: OrderStatus;
}

const refuse = (outcome: RefusedOutcome): Refused => ({ outcome });

const refuseEnd = (allowed: readonly Resolution[]): Refused => ({ outcome: 'not_allowed', allowed });

function decideResolution(
  snapshot: Snapshot | null,
  { id, resolution, reason, by }: ResolveRequest,
  now: number,
): Step<ResolveResult> {
  const exception = snapshot?.exceptions.find((known) => exceptionId(known) === id);
  if (!snapshot || !exception) return { result: refuse('not_found'), change: null };
  if (exception.resolved) {
    const { resolved } = exception;
    const refund = snapshot.refunds.find(({ refund_no }) => refund_no === resolved.refund_no) ?? null;
    const { status } = snapshot.order;
    const again = { outcome: 'resolved', exception: { ...exception, resolved }, refund, status } as const;
    const isSame = resolved.resolution === resolution;
    return { result: isSame ? again : refuse('already_resolved'), change: null };
  }
  const allowed = allowedResolutions[exception.kind];
  if (!isOneOf(allowed, resolution)) return { result: refuseEnd(allowed), change: null };
  const consequence = consequenceOf({ snapshot, exception, now }, resolution);
  if ('outcome' in consequence) return { result: consequence, change: null };
  const { writes, entry, booked = entry, refund = null, status = snapshot.order.status } = consequence;
  const resolved: ExceptionEnd = {
    ...{ resolution, reason, by, at: isoTime(now) },
    entries: booked ? [endEntryOf(booked)] : [],
    refund_no: refund?.refund_no ?? null,
  };
  return {
    result: {
      outcome: 'resolved',
      exception: { ...exception, state: 'resolved', resolved },
      refund,
      status,
    },
    change: changeOf(snapshot.order.order_no, [
      exceptionEnded(exception, resolved),
      ...writes,
      ...(entry ? [{ put: 'entry', record: entry } as const] : []),
    ]),
  };
}

const endEntryOf = ({ kind, debit, credit, amount, currency }: EndEntry): EndEntry => ({
  ...{ kind, debit, credit, amount, currency },
});

function consequenceOf(ending: Ending, resolution: Resolution): Consequence | Refused {
  const { exception } = ending;
  if (exception.kind === 'mismatch') return consequenceOfMismatch(ending, resolution);
  if (resolution === 'written_off' || resolution === 'dismissed') return { writes: [] };
  switch (exception.kind) {
    case 'unknown_refund':
      return attributeReturn(ending);
    case 'disputed':
      return attributeDispute(ending);
    default:
      return resolution === 'attributed' ? attribute(ending) : giveBack(ending);
  }
}

const paymentOf = ({ snapshot, exception }: Ending): Payment | undefined =>
  findPayment(snapshot, parsePaymentNumber(exception.payment_no ?? '')?.n ?? null);

/** The money in suspense that an exception is about. */
function holdingOf(ending: Ending): Holding | null {
  const payment = paymentOf(ending);
  const holding = payment && findHolding(ending.snapshot, payment, ending.exception.transaction_id);
  return holding?.booking && isSuspenseAccount(holding.booking.credit) ? holding : null;
}

/** Its owner has the money after all; a closed order is paid by it. */
function attribute(ending: Ending): Consequence | Refused {
  const { snapshot, now } = ending;
  const { order } = snapshot;
  const holding = holdingOf(ending);
  const rest = holding && !holding.attributed ? refundableRest(holding) : 0;
  if (!holding || rest <= 0 || holding.reserved > 0) return refuse('nothing_left');
  if (isOneOf(payableStatuses, order.status)) return refuse('order_open');
  const entry = attributionOf(ending, holding, rest, suspenseAccount(holding), ownerAccount(order));
  if (order.status !== 'closed') {
    return { writes: [holdingUpdate(holding, { attributed: true })], entry };
  }
  const isWhole = rest === order.amount && holding.amount === rest && holding.currency === order.currency;
  if (!isWhole || !('state' in holding)) return refuse('other_amount');
  const { n, paid_at } = holding;
  return {
    writes: [
      orderUpdate(order, { status: 'paid', paid_by: n, paid_at, updated_at: isoTime(now) }),
      holdingUpdate(holding, { attributed: true }, announcement(now)),
    ],
    entry,
    status: 'paid',
  };
}

/** What is left goes back to its payer. */
function giveBack(ending: Ending): Consequence | Refused {
  const { snapshot, exception, now } = ending;
  const holding = holdingOf(ending);
  if (!holding || holding.attributed) return refuse('nothing_left');
  if (isDisputed(snapshot.disputes, holding.n)) return refuse('disputed');
  const rest = refundableRest(holding);
  if (rest <= 0) return { writes: [] };
  const { refund, writes } = reserveRefund(snapshot, holding, { amount: rest, reason: exception.kind }, now);
  return { writes, refund };
}

/** The order's owner bears what went back without our asking, where that was booked and has not come again. */
function attributeReturn(ending: Ending): Consequence | Refused {
  const { snapshot, exception } = ending;
  const { refund_no, amount } = exception;
  if (refund_no === null || amount === null) return refuse('amount_unknown');
  const named = snapshot.returns.find(({ return_id }) => return_id === refund_no);
  if (named?.status === 'failed') return refuse('nothing_left');
  return named || isReturnedSum(refund_no) ? attributeLoss(ending, amount) : refuse('not_booked');
}

/** The order's owner bears what the bank has taken. */
function attributeDispute(ending: Ending): Consequence | Refused {
  const { exception, snapshot } = ending;
  const dispute = snapshot.disputes.find(({ dispute_id }) => dispute_id === exception.refund_no);
  if (!dispute || dispute.state === 'open') return refuse('dispute_open');
  return dispute.withdrawn > 0 ? attributeLoss(ending, dispute.withdrawn) : { writes: [] };
}

/** What left suspense is its order's owner's to bear, if the money was. */
function attributeLoss(ending: Ending, amount: number): Consequence | Refused {
  const { snapshot, exception } = ending;
  const payment = paymentOf(ending);
  const holding = payment && findHolding(snapshot, payment, exception.transaction_id);
  if (!holding?.booking) return refuse('not_booked');
  if (isSuspenseAccount(holding.booking.credit) && !holding.attributed) return refuse('never_owned');
  const owner = ownerAccount(snapshot.order);
  return { writes: [], entry: attributionOf(ending, holding, amount, owner, suspenseAccount(holding)) };
}

/**
 * Money that disagrees with its payment was never booked. It pays a closed order at its very amount, goes back through
 * suspense, or is left to people; in any case its payment takes no other. A refund or a dispute that disagrees is no
 * money that came in.
 */
function consequenceOfMismatch(ending: Ending, resolution: Resolution): Consequence | Refused {
  const isOfPayment = ending.exception.refund_no === null;
  const payment = paymentOf(ending);
  // What it owes is left to it: the sweep sees to the order's deadline, and clears what is over.
  const closes: readonly ItemWrite[] =
    isOfPayment && payment && payment.state !== 'paid' ? [paymentUpdate(payment, { state: 'closed' })] : [];
  if (resolution === 'written_off' || resolution === 'dismissed') return { writes: closes };
  if (!isOfPayment) return refuseEnd(withoutBooking);
  const { provider, merchant, transaction_id, amount, currency } = ending.exception;
  const isKnown =
    provider !== null && merchant !== null && transaction_id !== null && amount !== null && currency !== null;
  if (!payment || !isKnown) return refuse('amount_unknown');
  if (isTransactionKnown(ending.snapshot, transaction_id)) return refuse('already_booked');
  const money = { provider, merchant, transaction_id, amount, currency };
  return resolution === 'returned'
    ? giveBackMismatch(ending, payment, money, closes)
    : payWithMismatch(ending, payment, money);
}

const isTransactionKnown = ({ payments, suspense }: Snapshot, transaction_id: string): boolean =>
  [...payments, ...suspense].some((holding) => holding.transaction_id === transaction_id);

type Money = Pick<Suspense, 'provider' | 'merchant' | 'transaction_id' | 'amount' | 'currency'>;

function giveBackMismatch(
  { snapshot, exception, now }: Ending,
  payment: Payment,
  money: Money,
  closes: readonly ItemWrite[],
): Consequence | Refused {
  const { order_no, n, payment_no } = payment;
  if (isDisputed(snapshot.disputes, n)) return refuse('disputed');
  const booking = {
    debit: providerAccount(money),
    credit: suspenseAccount(money),
    booked_at: isoTime(now),
  };
  const suspense: Suspense = {
    ...{ order_no, n, payment_no, ...money, booking },
    ...{ version: 1, reserved: 0, refunded: 0, returned: 0, attributed: false },
    paid_at: exception.recorded_at,
  };
  const reason = exception.kind;
  const { refund, writes } = reserveRefund(snapshot, suspense, { amount: money.amount, reason }, now);
  // The money is put with its reservation, which is of no earlier version.
  const others = writes.filter((write) => !('update' in write && write.update === 'suspense'));
  const put = { put: 'suspense', record: { ...suspense, reserved: money.amount } } as const;
  const booked: EndEntry = { ...booking, kind: 'suspense', amount: money.amount, currency: money.currency };
  return { writes: [put, ...others, ...closes], refund, booked };
}

function payWithMismatch({ snapshot, now }: Ending, payment: Payment, money: Money): Consequence | Refused {
  const { order } = snapshot;
  if (isOneOf(payableStatuses, order.status)) return refuse('order_open');
  const isWhole = [order, payment].every(
    ({ amount, currency }) => amount === money.amount && currency === money.currency,
  );
  const isIts = payment.provider === money.provider && payment.merchant === money.merchant;
  if (order.status !== 'closed' || payment.state === 'paid' || !isWhole || !isIts) {
    return refuse('other_amount');
  }
  const { n, amount, currency } = payment;
  const debit = providerAccount(payment);
  const time = isoTime(now);
  return {
    booked: { kind: 'payment', debit, credit: ownerAccount(order), amount, currency },
    status: 'paid',
    writes: [
      orderUpdate(order, { status: 'paid', paid_by: n, paid_at: time, updated_at: time }),
      {
        update: 'payment',
        of: n,
        set: { state: 'paid', transaction_id: money.transaction_id, paid_at: time, handed_out: null },
        books: { debit, credit: null, booked_at: time },
        owes: announcement(now),
        expects: asSeen(payment),
      },
    ],
  };
}

function attributionOf(
  { exception, now }: Ending,
  { order_no, provider, merchant, currency, transaction_id }: Holding,
  amount: number,
  debit: string,
  credit: string,
): BookedEntry {
  return {
    ...{ order_no, provider, merchant, amount, currency, transaction_id, debit, credit },
    kind: 'attribution',
    reference: exceptionId(exception),
    refund: null,
    booked_at: isoTime(now),
  };
}
