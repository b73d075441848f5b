import { isoTime } from '../io.ts';
import {
  asSeen,
  exceptionReopened,
  holdingUpdate,
  type ItemWrite,
  orderUpdate,
  paymentUpdate,
} from './change.ts';
import type { Dispute } from './dispute.ts';
import type { EndEntry, ExceptionRecord } from './exception.ts';
import { isOneOf, type Provider, payableStatuses, type Resolution } from './kinds.ts';
import { ownerAccount, providerAccount, suspenseAccount } from './ledger.ts';
import { attributeDispute, attributeReturn, attributeReturnedAgain } from './loss.ts';
import { type Holding, isSuspended, type Payment, type Suspense } from './payment.ts';
import { refundableRest } from './refund.ts';
import { reserveRefund } from './request-refund.ts';
import {
  attributionOf,
  type Consequence,
  type Ending,
  holdingOf,
  paymentOf,
  type Refused,
  refuse,
} from './resolution.ts';
import { alert, announcement } from './schedule.ts';
import { disputesOf, isBooked, isDisputed, type Snapshot } from './snapshot.ts';

/** What an end of an exception means for the books: pure, and written in the change that ends it. */

export function consequenceOf(ending: Ending, resolution: Resolution): Consequence | Refused {
  const { exception } = ending;
  if (exception.kind === 'mismatch') return consequenceOfMismatch(ending, resolution);
  if (resolution === 'written_off' || resolution === 'dismissed') return { writes: [] };
  switch (exception.kind) {
    case 'unknown_refund':
      return attributeReturn(ending);
    case 'refund_failed':
      // Of money that has no owner yet, it is like the money itself.
      return suspendedOf(ending) ? attribute(ending) : attributeReturnedAgain(ending);
    case 'disputed':
      return attributeDispute(ending);
    default:
      return resolution === 'attributed' ? attribute(ending) : giveBack(ending);
  }
}

/** The money that an exception is about, where it is in suspense. */
function suspendedOf(ending: Ending): Holding | null {
  const holding = holdingOf(ending);
  return holding && isSuspended(holding) ? holding : null;
}

/** Its owner has the money after all; a closed order is paid by it. */
function attribute(ending: Ending): Consequence | Refused {
  const { snapshot, now } = ending;
  const { order } = snapshot;
  const holding = suspendedOf(ending);
  const rest = holding ? refundableRest(holding) : 0;
  if (!holding || rest <= 0 || holding.reserved > 0) return refuse('nothing_left');
  if (isOneOf(payableStatuses, order.status)) return refuse('order_open');
  const entry = attributionOf(ending, holding, rest, suspenseAccount(holding), ownerAccount(order));
  const set = { attributed_at: isoTime(now) };
  const disputes = withdrawnFrom(snapshot, holding);
  if (order.status !== 'closed') {
    // Its owner is to bear what a bank has taken, whatever was said of that while nobody had the money.
    const told = snapshot.exceptions
      .filter(({ kind, resolved }) => kind === 'disputed' && resolved !== null)
      .filter(({ refund_no }) => disputes.some(({ dispute_id }) => dispute_id === refund_no))
      .map((ended) => exceptionReopened(ended, alert(now)));
    return { writes: [holdingUpdate(holding, set), ...told], entry };
  }
  if (disputes.length > 0) {
    return refuse(disputes.some(({ state }) => state === 'open') ? 'disputed' : 'nothing_left');
  }
  const isWhole = rest === order.amount && holding.amount === rest && holding.currency === order.currency;
  if (!isWhole || !('state' in holding)) return refuse('other_amount');
  const { n, paid_at } = holding;
  return {
    writes: [
      orderUpdate(order, { status: 'paid', paid_by: n, paid_at, updated_at: isoTime(now) }),
      paymentUpdate(holding, set, announcement(now)),
    ],
    entry,
    status: 'paid',
  };
}

/** The disputes by which a bank has taken of the money. */
const withdrawnFrom = (snapshot: Snapshot, holding: Holding): readonly Dispute[] =>
  disputesOf(snapshot, holding).filter(({ withdrawn, borne }) => withdrawn !== borne);

/** What is left goes back to its payer. */
function giveBack(ending: Ending): Consequence | Refused {
  const { snapshot, exception, by, now } = ending;
  const holding = suspendedOf(ending);
  if (!holding) return refuse('nothing_left');
  if (isDisputed(snapshot, holding)) return refuse('disputed');
  const rest = refundableRest(holding);
  if (rest <= 0) return { writes: [] };
  const wanted = { amount: rest, reason: exception.kind, requested_by: by };
  const { refund, writes } = reserveRefund(snapshot, holding, wanted, now);
  return { writes, refund };
}

/**
 * Money that disagrees with its payment was never booked. It pays a closed order at its very amount, goes back through
 * suspense, or is left to people. Whether its payment takes any other is for the provider to say, who is asked at once:
 * a relay may have been wrong. A refund or a dispute that disagrees is no money that came in.
 */
function consequenceOfMismatch(ending: Ending, resolution: Resolution): Consequence | Refused {
  const isOfPayment = ending.exception.refund_no === null;
  const payment = paymentOf(ending);
  const asks: readonly ItemWrite[] =
    isOfPayment && payment && (payment.state === 'open' || payment.state === 'failed')
      ? [paymentUpdate(payment, {}, { kind: 'check', due: ending.now })]
      : [];
  if (resolution === 'written_off' || resolution === 'dismissed') return { writes: asks };
  const { provider, merchant, transaction_id, amount, currency } = ending.exception;
  const isKnown =
    provider !== null && merchant !== null && transaction_id !== null && amount !== null && currency !== null;
  if (!payment || !isKnown) return refuse('amount_unknown');
  if (isBooked(ending.snapshot, transaction_id)) return refuse('already_booked');
  if (mayBeUnnamed(ending.snapshot, provider)) return refuse('transaction_unknown');
  const money = { provider, merchant, transaction_id, amount, currency };
  return resolution === 'returned'
    ? giveBackMismatch(ending, payment, money, asks)
    : payWithMismatch(ending, payment, money);
}

const isOfItsMerchant = (
  { provider, merchant }: Pick<ExceptionRecord, 'provider' | 'merchant'>,
  payment: Payment,
): boolean => provider === payment.provider && merchant === payment.merchant;

/** Whether a payment of the order is paid by a transaction that nobody has named: it may be any of its provider's. */
const mayBeUnnamed = ({ payments }: Snapshot, provider: Provider): boolean =>
  payments.some(
    (payment) => payment.provider === provider && payment.state === 'paid' && payment.transaction_id === null,
  );

type Money = Pick<Suspense, 'provider' | 'merchant' | 'transaction_id' | 'amount' | 'currency'>;

function giveBackMismatch(
  { snapshot, exception, by, now }: Ending,
  payment: Payment,
  money: Money,
  asks: readonly ItemWrite[],
): Consequence | Refused {
  const { order_no, n, payment_no } = payment;
  // Of money that is not in the books a dispute may be under the payment's.
  if (snapshot.disputes.some((dispute) => dispute.payment === n && dispute.state === 'open')) {
    return refuse('disputed');
  }
  const booking = {
    debit: providerAccount(money),
    credit: suspenseAccount(money),
    booked_at: isoTime(now),
  };
  const suspense: Suspense = {
    ...{ order_no, n, payment_no, ...money, booking },
    ...{ version: 1, reserved: 0, refunded: 0, returned: 0, reported: 0, attributed_at: null },
    paid_at: exception.recorded_at,
  };
  const wanted = { amount: money.amount, reason: exception.kind, requested_by: by };
  const { refund, writes } = reserveRefund(snapshot, suspense, wanted, now);
  const [ofOrder, , ofRefund] = writes;
  const marked = { ...ofOrder, set: { ...ofOrder.set, has_suspense: true } };
  // The money is put with its reservation, which is of no earlier version.
  const put = { put: 'suspense', record: { ...suspense, reserved: money.amount } } as const;
  const booked: EndEntry = { ...booking, kind: 'suspense', amount: money.amount, currency: money.currency };
  // Its own payment may be settled by this very transaction meanwhile, under a closed order that does not change by it.
  const isUnpaid: ItemWrite = { check: 'payment', of: n, expects: asSeen(payment) };
  return {
    writes: [put, marked, ofRefund, ...(asks.length > 0 ? asks : [isUnpaid])],
    ...{ refund, booked },
  };
}

function payWithMismatch(
  { snapshot, exception, now }: Ending,
  payment: Payment,
  money: Money,
): Consequence | Refused {
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
  // As nobody keeps when it was made: by that its provider's bill is looked for, and not on the day of people's word.
  const paid_at = exception.recorded_at;
  return {
    booked: { kind: 'payment', debit, credit: ownerAccount(order), amount, currency },
    status: 'paid',
    writes: [
      orderUpdate(order, { status: 'paid', paid_by: n, paid_at, updated_at: time }),
      {
        update: 'payment',
        of: n,
        set: { state: 'paid', transaction_id: money.transaction_id, paid_at, handed_out: null },
        books: { debit, credit: null, booked_at: time },
        owes: announcement(now),
        expects: asSeen(payment),
      },
    ],
  };
}
