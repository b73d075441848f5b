import { isoTime } from '../io.ts';
import {
  asSeen,
  type Change,
  changeOf,
  type Expectation,
  type ItemWrite,
  namedOnce,
  orderUpdate,
  paymentUpdate,
} from './change.ts';
import { closedWrites, endsWith } from './close-payment.ts';
import type { Step } from './commit.ts';
import type { PaymentEvent } from './event.ts';
import { type ExceptionRecord, exceptionId, exceptionOnce } from './exception.ts';
import { type ComparedField, isOneOf, type OrderStatus, type Provider, payableStatuses } from './kinds.ts';
import { providerAccount, suspenseAccount } from './ledger.ts';
import { type PaymentNumber, shopKindOf } from './order-number.ts';
import type { Holding, Payment } from './payment.ts';
import { refundedStatus } from './refund.ts';
import { announcement, CLOCK_DIFFERENCE_MS, type Debt } from './schedule.ts';
import { findPayment, type Snapshot } from './snapshot.ts';

export type SettlementResult =
  | {
      readonly outcome:
        | 'settled'
        | 'already_settled'
        | 'failed'
        | 'closed'
        | 'unchanged'
        | 'number_spent'
        | 'paid_after_close'
        | 'paid_twice'
        | 'paid_superseded';
      readonly order_no: string;
      /** The order's after the event. */
      readonly status: OrderStatus;
    }
  | { readonly outcome: 'not_found' }
  | {
      readonly outcome: 'mismatch';
      readonly order_no: string;
      readonly fields: readonly ComparedField[];
      /** People have seen to this very disagreement. */
      readonly isSeenTo: boolean;
    };

/** What is to be written, and what it comes to: nothing has to be asked of the provider. */
export type Decision = Extract<Step<SettlementResult>, { result: SettlementResult }>;

interface Expectations {
  readonly order: Expectation;
  readonly payment: Expectation;
}

/** What a success supposes of its order and payment: what `decideSuccess` settles, in the same terms. */
function fitting({ n }: PaymentNumber, event: PaymentEvent): Expectations {
  const { provider, merchant, appid, amount, currency, paid_at } = event;
  return {
    order: { status: { in: payableStatuses }, payment: n, has_suspense: false },
    payment: {
      state: { not: 'paid' },
      superseded: false,
      returned: 0,
      provider,
      merchant,
      ...(appid !== undefined && { appid }),
      ...(amount !== undefined && { amount }),
      ...(currency !== undefined && { currency }),
      ...(paid_at !== undefined && { begun_at: { atMost: latestBeginning(paid_at) } }),
    },
  };
}

/** The settlement of a success that fits its order, to be tried before anything is read. */
export const supposedSettlement = (number: PaymentNumber, event: PaymentEvent, now: number): Change =>
  settlementChange(number, event, fitting(number, event), now);

/** A payment that was begun later was not the one that was paid then. */
const latestBeginning = (paid_at: string): string => isoTime(Date.parse(paid_at) + CLOCK_DIFFERENCE_MS);

/** What an event means for its order as it is stored. */
export function decidePaymentEvent(
  snapshot: Snapshot | null,
  number: PaymentNumber,
  event: PaymentEvent,
  now: number,
): Decision {
  const payment = snapshot && findPayment(snapshot, number.n);
  if (!payment) return { result: { outcome: 'not_found' }, change: null };
  const subject = { snapshot, payment, number, event, now };
  const strangers = differing(payment, event, ['provider', 'merchant']);
  if (strangers.length > 0) return decideMismatch(subject, strangers);
  if (isSpent(payment, event)) return decideSpent(subject);
  const fields = differing(payment, event, ['appid', 'amount', 'currency']);
  if (fields.length > 0) return decideMismatch(subject, fields);
  switch (event.type) {
    case 'succeeded':
      return decideSuccess(subject);
    case 'failed':
      return decideFailure(subject);
    case 'closed':
      return decideClosed(subject);
  }
}

interface Subject {
  readonly snapshot: Snapshot;
  readonly payment: Payment;
  readonly number: PaymentNumber;
  readonly event: PaymentEvent;
  readonly now: number;
}

/** Those of the fields that the message carries and that are not the payment's. */
function differing(
  payment: Payment,
  event: PaymentEvent,
  fields: readonly Exclude<ComparedField, 'transaction_id'>[],
): readonly ComparedField[] {
  return fields.filter((field) => event[field] !== undefined && event[field] !== payment[field]);
}

const isSpent = ({ begun_at }: Payment, { type, paid_at }: PaymentEvent): boolean =>
  type === 'succeeded' && paid_at !== undefined && begun_at > latestBeginning(paid_at);

function decideMismatch(subject: Subject, fields: readonly ComparedField[]): Decision {
  const { snapshot, payment } = subject;
  const { order_no } = payment;
  const exception = exceptionOf(subject, 'mismatch', fields);
  const id = exceptionId(subjectOf(subject, 'mismatch', fields));
  const isSeenTo = snapshot.exceptions.some((known) => known.resolved !== null && exceptionId(known) === id);
  return {
    result: { outcome: 'mismatch', order_no, fields, isSeenTo },
    change: changeOf(order_no, exception),
  };
}

/** The number was used before: the payment under it closes, and the next one takes a number of its own. */
function decideSpent(subject: Subject): Decision {
  const { payment, snapshot, now } = subject;
  const isOpen = payment.state === 'open' || payment.state === 'failed';
  const status = isOpen && endsWith(snapshot, payment, now) ? 'closed' : snapshot.order.status;
  return decided(subject, 'number_spent', status, [
    ...(isOpen ? closedWrites(snapshot, payment, now) : []),
    ...exceptionOf(subject, 'number_spent'),
  ]);
}

/** `design.md`'s table of successes, from the row "the payment is paid by this transaction" on. */
function decideSuccess(subject: Subject): Decision {
  const { snapshot, payment, number, event, now } = subject;
  const { order } = snapshot;
  if (isOfOtherMoney(snapshot, payment, event)) return decideMismatch(subject, ['transaction_id']);
  if (payment.state === 'paid') return decideRepeat(subject);
  if (order.payment === payment.n && isOneOf(payableStatuses, order.status)) {
    const expects = { order: asSeen(order), payment: asSeen(payment) };
    // Some of it may have gone back before anybody told of it.
    const status = refundedStatus(payment);
    const change = settlementChange(number, event, expects, now, status);
    return { result: { outcome: 'settled', order_no: order.order_no, status }, change };
  }
  if (payment.superseded) return decideSuspense(subject, 'paid_superseded');
  return decideSuspense(subject, order.status === 'closed' ? 'paid_after_close' : 'paid_twice');
}

/**
 * Whether what a success names is in the books already, and not as this payment: what a transaction took is booked once.
 * One that names none may be of money that people gave back, under its own number or another of the order.
 */
function isOfOtherMoney(
  { payments, suspense, exceptions }: Snapshot,
  payment: Payment,
  { transaction_id }: PaymentEvent,
): boolean {
  if (transaction_id === null) return payment.state !== 'paid' && exceptions.some(wasGivenBack);
  const isThis = (one: Pick<Holding, 'transaction_id'>) => one.transaction_id === transaction_id;
  return (
    payments.some((one) => one.n !== payment.n && isThis(one)) ||
    // A further transaction of a payment whose own is known has come before.
    suspense.some((one) => isThis(one) && (one.n !== payment.n || payment.transaction_id === null))
  );
}

/** Money is in suspense by the word of people, who may have had it from a message of another payment. */
const wasGivenBack = ({ kind, resolved }: ExceptionRecord): boolean =>
  kind === 'mismatch' && resolved?.resolution === 'returned';

/** The payment is paid already: by this transaction, by one that is named now, or by another. */
function decideRepeat(subject: Subject): Decision {
  const { snapshot, payment, event, now } = subject;
  const { status } = snapshot.order;
  const { transaction_id } = event;
  const isOwn = transaction_id === null || transaction_id === payment.transaction_id;
  if (isOwn || payment.transaction_id === null) {
    return decided(subject, 'already_settled', status, newsOf(subject));
  }
  if (snapshot.suspense.some((known) => known.transaction_id === transaction_id))
    return decided(subject, 'paid_twice', status, []);
  const time = isoTime(now);
  const { order_no, n, payment_no, provider, merchant, amount, currency } = payment;
  return decided(subject, 'paid_twice', status, [
    {
      put: 'suspense',
      record: {
        ...{ order_no, n, payment_no, transaction_id, provider, merchant, amount, currency },
        version: 1,
        reserved: 0,
        refunded: 0,
        returned: 0,
        reported: 0,
        attributed_at: null,
        paid_at: event.paid_at ?? time,
        booking: {
          debit: providerAccount(payment),
          credit: suspenseAccount(payment),
          booked_at: time,
        },
      },
    },
    ...namedOnce(snapshot.order),
    ...exceptionOf(subject, 'paid_twice'),
  ]);
}

/** What nobody had said of it before: who settled it, or named it first, may have known less. */
function newsOf({ snapshot, payment, event }: Subject): readonly ItemWrite[] {
  const { transaction_id, paid_at, discount } = event;
  const isNamed = payment.transaction_id === null && transaction_id !== null;
  const isDiscounted = payment.discount === null && discount !== undefined;
  if (!isNamed && !isDiscounted) return [];
  const set = {
    ...(isNamed && { transaction_id, ...(paid_at !== undefined && { paid_at }) }),
    ...(isDiscounted && { discount }),
  };
  return [paymentUpdate(payment, set), ...(isNamed ? namedOnce(snapshot.order) : [])];
}

/** Money that its order does not take: the payment is paid, and nobody is known to be owed it. */
function decideSuspense(
  subject: Subject,
  outcome: 'paid_superseded' | 'paid_after_close' | 'paid_twice',
): Decision {
  const { snapshot, payment, event, now } = subject;
  const { order } = snapshot;
  const paid = paidUpdate(payment, event, {
    credit: suspenseAccount(payment),
    expects: asSeen(payment),
    owes: null,
    now,
  });
  const unchanged = { check: 'order', expects: asSeen(order) } as const;
  const [ofOrder = unchanged] = isOneOf(payableStatuses, order.status)
    ? // Only of what can still be paid is a success tried before anything is read.
      [orderUpdate(order, { has_suspense: true })]
    : namedOnce(order);
  return decided(subject, outcome, order.status, [paid, ofOrder, ...exceptionOf(subject, outcome)]);
}

/** A late failure never undoes anything: only what is open fails. */
function decideFailure(subject: Subject): Decision {
  const { snapshot, payment, now } = subject;
  const { order } = snapshot;
  if (payment.state !== 'open') return decided(subject, 'unchanged', order.status, []);
  const failed = paymentUpdate(payment, { state: 'failed' });
  if (order.payment !== payment.n || order.status !== 'pending') {
    return decided(subject, 'failed', order.status, [failed]);
  }
  const updated_at = isoTime(now);
  return decided(subject, 'failed', 'failed', [failed, orderUpdate(order, { status: 'failed', updated_at })]);
}

function decideClosed(subject: Subject): Decision {
  const { snapshot, payment, now } = subject;
  const { order } = snapshot;
  if (payment.state === 'paid' || payment.state === 'closed') {
    return decided(subject, 'unchanged', order.status, []);
  }
  const status = endsWith(snapshot, payment, now) ? 'closed' : order.status;
  return decided(subject, 'closed', status, closedWrites(snapshot, payment, now));
}

/** Pays the order with the payment, and books it to its payee. */
function settlementChange(
  number: PaymentNumber,
  event: PaymentEvent,
  expects: Expectations,
  now: number,
  status: OrderStatus = 'paid',
): Change {
  const { order_no, n } = number;
  const { provider, merchant, transaction_id } = event;
  const time = isoTime(now);
  const isShopOrder = shopKindOf(number) !== null;
  const paid_at = event.paid_at ?? time;
  return {
    order_no,
    writes: [
      {
        update: 'order',
        of: null,
        set: {
          ...{ status, paid_by: n, paid_at, updated_at: time },
          ...(isShopOrder && { openid: null }),
        },
        expects: expects.order,
        marks: {
          at: time,
          events: [{ type: 'order.paid', payment: { n, provider, merchant, transaction_id } }],
        },
      },
      paidUpdate({ n, provider, merchant }, event, {
        credit: null,
        expects: expects.payment,
        owes: announcement(now),
        now,
      }),
    ],
  };
}

function paidUpdate(
  { n, ...payee }: { readonly n: number; readonly provider: Provider; readonly merchant: string },
  { transaction_id, paid_at, discount }: PaymentEvent,
  to: {
    readonly credit: string | null;
    readonly expects: Expectation;
    readonly owes: Debt | null;
    readonly now: number;
  },
): ItemWrite {
  const { credit, expects, owes, now } = to;
  const booked_at = isoTime(now);
  return {
    update: 'payment',
    of: n,
    set: {
      ...{ state: 'paid', transaction_id, paid_at: paid_at ?? booked_at },
      // What it was begun with is of no use any more, and would make its item larger.
      ...{ discount: discount ?? null, handed_out: null, return_url: null },
    },
    books: { debit: providerAccount(payee), credit, booked_at },
    owes,
    expects,
  };
}

type ToldKind = 'mismatch' | 'number_spent' | 'paid_superseded' | 'paid_after_close' | 'paid_twice';

const exceptionOf = (
  subject: Subject,
  kind: ToldKind,
  fields: readonly ComparedField[] = [],
): readonly ItemWrite[] => exceptionOnce(subject.snapshot, subjectOf(subject, kind, fields), subject.now);

function subjectOf({ payment, event }: Subject, kind: ToldKind, fields: readonly ComparedField[]) {
  const { provider, merchant, transaction_id, payment_no } = event;
  // Of a mismatch, what the message says; of everything else, what the payment was made for.
  const { amount = null, currency: named = null } = kind === 'mismatch' ? event : payment;
  // An amount that comes without its currency is taken to be in the payment's.
  const currency = amount === null ? named : (named ?? payment.currency);
  const about = { kind, provider, merchant, payment_no, transaction_id, refund_no: null };
  return { ...about, fields, amount, currency };
}

function decided(
  { payment: { order_no } }: Pick<Subject, 'payment'>,
  outcome: Extract<SettlementResult, { status: OrderStatus }>['outcome'],
  status: OrderStatus,
  writes: readonly ItemWrite[],
): Decision {
  return { result: { outcome, order_no, status }, change: changeOf(order_no, writes) };
}
