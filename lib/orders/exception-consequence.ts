import { isoTime } from '../io.ts';
import {
  asSeen,
  type BookedEntry,
  holdingUpdate,
  type ItemWrite,
  orderUpdate,
  paymentUpdate,
} from './change.ts';
import { isDisputed } from './dispute.ts';
import { type EndEntry, type ExceptionRecord, exceptionId } from './exception.ts';
import { isOneOf, type OrderStatus, payableStatuses, type Resolution } from './kinds.ts';
import { isSuspenseAccount, ownerAccount, providerAccount, suspenseAccount } from './ledger.ts';
import type { Holding, Payment, Suspense } from './payment.ts';
import { type Refund, refundableRest } from './refund.ts';
import { reserveRefund } from './request-refund.ts';
import { announcement } from './schedule.ts';
import { isReturnedSum } from './settle-return.ts';
import { findHolding, isAboutHolding, isOfHolding, type Snapshot } from './snapshot.ts';

/** What an end of an exception means for the books: pure, and written in the change that ends it. */

export type Refused =
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

/** Money that came into suspense. */
const suspenseKinds = ['paid_after_close', 'paid_twice', 'paid_superseded'] as const;

export const refuse = (outcome: RefusedOutcome): Refused => ({ outcome });

export const refuseEnd = (allowed: readonly Resolution[]): Refused => ({ outcome: 'not_allowed', allowed });

interface Ending {
  readonly snapshot: Snapshot;
  readonly exception: ExceptionRecord;
  /** The `sub` of who ends it. */
  readonly by: string;
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

export function consequenceOf(ending: Ending, resolution: Resolution): Consequence | Refused {
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
  snapshot.payments.find(({ payment_no }) => payment_no === exception.payment_no);

/** The money that an exception is about. */
function holdingOf(ending: Ending): Holding | undefined {
  const payment = paymentOf(ending);
  return payment && findHolding(ending.snapshot, payment, ending.exception.transaction_id);
}

/** The same, where it is in suspense. */
function suspendedOf(ending: Ending): Holding | null {
  const holding = holdingOf(ending);
  return holding?.booking && isSuspenseAccount(holding.booking.credit) ? holding : null;
}

/** Its owner has the money after all; a closed order is paid by it. */
function attribute(ending: Ending): Consequence | Refused {
  const { snapshot, now } = ending;
  const { order } = snapshot;
  const holding = suspendedOf(ending);
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
      paymentUpdate(holding, { attributed: true }, announcement(now)),
    ],
    entry,
    status: 'paid',
  };
}

/** What is left goes back to its payer. */
function giveBack(ending: Ending): Consequence | Refused {
  const { snapshot, exception, by, now } = ending;
  const holding = suspendedOf(ending);
  if (!holding || holding.attributed) return refuse('nothing_left');
  if (isDisputed(snapshot.disputes, holding.n)) return refuse('disputed');
  const rest = refundableRest(holding);
  if (rest <= 0) return { writes: [] };
  const wanted = { amount: rest, reason: exception.kind, requested_by: by };
  const { refund, writes } = reserveRefund(snapshot, holding, wanted, now);
  return { writes, refund };
}

/** The order's owner bears what went back without our asking, where that was booked and has not come again. */
function attributeReturn(ending: Ending): Consequence | Refused {
  const { snapshot, exception } = ending;
  const { refund_no, amount } = exception;
  if (refund_no === null || amount === null) return refuse('amount_unknown');
  const holding = holdingOf(ending);
  if (!holding) return refuse('not_booked');
  const named = snapshot.returns
    .filter(isOfHolding(holding))
    .find(({ return_id }) => return_id === refund_no);
  if (named?.status === 'failed') return refuse('nothing_left');
  if (!named && !isReturnedSum(refund_no)) return refuse('not_booked');
  if (wasGoneBefore(ending, holding, named?.recorded_at ?? exception.recorded_at))
    return refuse('never_owned');
  const rest = Math.min(amount, unborne(snapshot, holding));
  return rest > 0 ? attributeLoss(ending, rest) : refuse('nothing_left');
}

/** Whether it had left suspense when the owner got what was left there. */
const wasGoneBefore = ({ snapshot }: Ending, holding: Holding, returned_at: string): boolean =>
  snapshot.exceptions.some(
    ({ kind, resolved, ...about }) =>
      resolved?.resolution === 'attributed' &&
      isOneOf(suspenseKinds, kind) &&
      isAboutHolding(holding)(about) &&
      returned_at < resolved.at,
  );

/** What of the money went back, has not come again, and that its owner does not bear yet. */
const unborne = ({ exceptions }: Snapshot, holding: Holding): number =>
  exceptions
    .filter(({ kind }) => kind === 'unknown_refund')
    .filter(isAboutHolding(holding))
    .flatMap(({ resolved }) => resolved?.entries ?? [])
    .reduce((rest, { amount }) => rest - amount, holding.returned);

/** The order's owner bears what the bank has taken, and gets what it has given back of what the owner bears already. */
function attributeDispute(ending: Ending): Consequence | Refused {
  const { exception, snapshot, now } = ending;
  const dispute = snapshot.disputes.find(({ dispute_id }) => dispute_id === exception.refund_no);
  if (!dispute || dispute.state === 'open') return refuse('dispute_open');
  const { withdrawn, borne, version } = dispute;
  if (withdrawn === borne) return { writes: [] };
  const loss = attributeLoss(ending, withdrawn - borne);
  if ('outcome' in loss) return loss;
  const write: ItemWrite = {
    update: 'dispute',
    of: dispute,
    set: { borne: withdrawn, updated_at: isoTime(now) },
    expects: asSeen(dispute),
  };
  // Its exception may end more than once, and books something of its own each time.
  return { writes: [write], entry: { ...loss.entry, reference: `${loss.entry.reference}#${version}` } };
}

/** What left suspense is its order's owner's to bear, if the money was; an amount below zero is what came back. */
function attributeLoss(
  ending: Ending,
  amount: number,
): (Consequence & { readonly entry: BookedEntry }) | Refused {
  const holding = holdingOf(ending);
  if (!holding?.booking) return refuse('not_booked');
  if (isSuspenseAccount(holding.booking.credit) && !holding.attributed) return refuse('never_owned');
  const owner = ownerAccount(ending.snapshot.order);
  const suspense = suspenseAccount(holding);
  const [debit, credit] = amount > 0 ? [owner, suspense] : [suspense, owner];
  return { writes: [], entry: attributionOf(ending, holding, Math.abs(amount), debit, credit) };
}

/**
 * Money that disagrees with its payment was never booked. It pays a closed order at its very amount, goes back through
 * suspense, or is left to people; in any case its payment takes no other. Another merchant's message says nothing of the
 * payment, and leaves it alone. A refund or a dispute that disagrees is no money that came in.
 */
function consequenceOfMismatch(ending: Ending, resolution: Resolution): Consequence | Refused {
  const isOfPayment = ending.exception.refund_no === null;
  const payment = paymentOf(ending);
  // What it owes is left to it: the sweep sees to the order's deadline, and clears what is over.
  const closes: readonly ItemWrite[] =
    isOfPayment && payment && isOfItsMerchant(ending.exception, payment) && payment.state !== 'paid'
      ? [paymentUpdate(payment, { state: 'closed' })]
      : [];
  if (resolution === 'written_off' || resolution === 'dismissed') return { writes: closes };
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

const isOfItsMerchant = (
  { provider, merchant }: Pick<ExceptionRecord, 'provider' | 'merchant'>,
  payment: Payment,
): boolean => provider === payment.provider && merchant === payment.merchant;

const isTransactionKnown = ({ payments, suspense }: Snapshot, transaction_id: string): boolean =>
  [...payments, ...suspense].some((holding) => holding.transaction_id === transaction_id);

type Money = Pick<Suspense, 'provider' | 'merchant' | 'transaction_id' | 'amount' | 'currency'>;

function giveBackMismatch(
  { snapshot, exception, by, now }: Ending,
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
  const wanted = { amount: money.amount, reason: exception.kind, requested_by: by };
  const { refund, writes } = reserveRefund(snapshot, suspense, wanted, now);
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
  const isIts = isOfItsMerchant(money, payment);
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
