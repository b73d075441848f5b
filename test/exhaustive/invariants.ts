import type { BookedEntry } from '../../lib/orders/change.ts';
import { isOneOf, payableStatuses } from '../../lib/orders/kinds.ts';
import { providerAccount, suspenseAccount } from '../../lib/orders/ledger.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { Payment, Suspense } from '../../lib/orders/payment.ts';
import { type Refund, type Refundable, refundedStatus } from '../../lib/orders/refund.ts';
import { MAX_TOLD } from '../../lib/orders/shipping.ts';
import { balanceOf, type Habits, type ProviderState, payable } from './provider.ts';
import { debtOf, orderKey, paymentKey, recordsOf, refundKey, shippingKey, type Table } from './table.ts';
import { type Invariant, Violation } from './violation.ts';

/** Holds what is stored, and what of it the provider contradicts, to what always holds. */

function hold(condition: boolean, invariant: Invariant, detail: () => string): asserts condition {
  if (!condition) throw new Violation(invariant, detail());
}

export const isPayable = ({ status }: Order): boolean => isOneOf(payableStatuses, status);

const owesCheck = (table: Table, key: string): boolean => debtOf(table, key)?.kind === 'check';

/** What is stored, by itself. */
export function checkTable(table: Table): void {
  const order = table.snapshot?.order;
  if (!order) return;
  const payments = recordsOf(table, 'payment');
  checkPaying(table, order, payments);
  checkCurrent(order, payments);
  checkDeadline(table, order);
  for (const payment of payments)
    checkSums(table, payment, (refund) => refund.payment === payment.n && refund.suspense === null);
  for (const money of recordsOf(table, 'suspense')) {
    checkSums(
      table,
      money,
      ({ payment, suspense }) => payment === money.n && suspense === money.transaction_id,
    );
  }
  for (const refund of recordsOf(table, 'refund')) checkRefund(table, refund);
  checkUnasked(table, order);
  checkShipping(table);
}

/** What was sent is told until its provider knows, or has refused it. */
function checkShipping(table: Table): void {
  for (const { state, told, told_at } of recordsOf(table, 'shipping')) {
    hold(owesCheck(table, shippingKey) === (state === 'open'), 'shipping_is_watched', () => state);
    hold(
      told <= MAX_TOLD && (told === 0) === (told_at === null),
      'shipping_is_watched',
      () => `told ${told}`,
    );
  }
}

/** What moved without our asking is booked as often as it is counted, told, and shown by the order. */
function checkUnasked(table: Table, order: Order): void {
  const payments = recordsOf(table, 'payment');
  const suspense = recordsOf(table, 'suspense');
  const entries = recordsOf(table, 'entry');
  const isTold = (kinds: readonly string[], about: string) =>
    recordsOf(table, 'exception').some(({ kind, refund_no }) => kinds.includes(kind) && refund_no === about);
  for (const money of [...payments, ...suspense]) {
    const isFurther = !('state' in money);
    const returns = entries.filter(
      ({ kind, reference, transaction_id }) =>
        kind === 'return' &&
        reference.startsWith(`${money.n}#`) &&
        suspense.some((known) => known.transaction_id === transaction_id) === isFurther &&
        (!isFurther || transaction_id === money.transaction_id),
    );
    hold(
      money.returned === leftBy(returns),
      'returns_add_up',
      () => `${money.returned} of payment ${money.n}, booked ${leftBy(returns)}`,
    );
  }
  for (const { kind, reference } of entries) {
    const [, id = ''] = reference.split('#');
    hold(
      kind !== 'return' || isTold(['unknown_refund', 'refund_failed'], id),
      'exception_for_what_was_not_asked',
      () => `return ${reference}`,
    );
  }
  for (const { dispute_id, withdrawn, movements } of recordsOf(table, 'dispute')) {
    hold(isTold(['disputed'], dispute_id), 'exception_for_what_was_not_asked', () => `dispute ${dispute_id}`);
    const moved = entries.filter(
      ({ kind, reference }) => kind === 'dispute' && movements.includes(reference),
    );
    hold(withdrawn === leftBy(moved), 'returns_add_up', () => `${withdrawn} withdrawn by ${dispute_id}`);
  }
  const paying = payments.find(({ n }) => n === order.paid_by);
  hold(
    !paying || order.status === refundedStatus(paying),
    'order_shows_what_went_back',
    () => `${order.status}, ${paying?.returned} returned`,
  );
}

/** What has left the provider's account by these entries. */
const leftBy = (entries: readonly BookedEntry[]): number =>
  entries.reduce((sum, { credit, amount }) => sum + (credit.startsWith('provider:') ? amount : -amount), 0);

function checkPaying(table: Table, order: Order, payments: readonly Payment[]): void {
  const isPaid = !isPayable(order) && order.status !== 'closed';
  const isFree = order.amount === 0;
  hold(
    isPaid === (order.paid_by !== null) || (isPaid && isFree),
    'paid_once',
    () => `${order.status}, paid by ${order.paid_by}`,
  );
  for (const payment of payments) {
    const { n, state, booking, payee } = payment;
    hold(
      (state === 'paid') === (booking !== null),
      'paid_once',
      () => `payment ${n} is ${state}, booked ${booking}`,
    );
    if (!booking) {
      hold(order.paid_by !== n, 'paid_once', () => `paid by payment ${n}, which is ${state}`);
      continue;
    }
    const credit = order.paid_by === n ? payee : suspenseAccount(payment);
    hold(
      booking.debit === providerAccount(payment) && booking.credit === credit,
      'booked_to_the_right_account',
      () => `payment ${n}: ${JSON.stringify(booking)}, order paid by ${order.paid_by}`,
    );
    if (order.paid_by === n) {
      hold(
        !isFree && payment.amount === order.amount,
        'paid_once',
        () => `paid ${payment.amount} of ${order.amount}`,
      );
    } else {
      hold(
        recordsOf(table, 'exception').some(
          ({ kind, payment_no }) => kind.startsWith('paid_') && payment_no === payment.payment_no,
        ),
        'exception_for_suspense',
        () => `payment ${n}`,
      );
    }
  }
  for (const money of recordsOf(table, 'suspense')) checkSuspense(table, money);
}

function checkSuspense(table: Table, money: Suspense): void {
  const { booking, transaction_id } = money;
  hold(
    booking.debit === providerAccount(money) && booking.credit === suspenseAccount(money),
    'booked_to_the_right_account',
    () => `suspense ${transaction_id}: ${JSON.stringify(booking)}`,
  );
  hold(
    recordsOf(table, 'exception').some(
      (known) => known.kind === 'paid_twice' && known.transaction_id === transaction_id,
    ),
    'exception_for_suspense',
    () => `suspense ${transaction_id}`,
  );
}

function checkCurrent(order: Order, payments: readonly Payment[]): void {
  hold(
    payments.length === order.payments && payments.every(({ n }) => n <= order.payments),
    'one_current_payment',
    () => `${payments.length} payments of ${order.payments}`,
  );
  for (const { n, superseded, state, amount } of payments) {
    hold(
      superseded === (order.payment !== n),
      'one_current_payment',
      () => `payment ${n}, current ${order.payment}`,
    );
    const isOutOfDate = !superseded && isPayable(order) && state !== 'closed' && amount !== order.amount;
    hold(!isOutOfDate, 'one_current_payment', () => `payment ${n} over ${amount} of ${order.amount}`);
  }
  const { payment } = order;
  hold(
    payment === null || payments.some(({ n }) => n === payment),
    'one_current_payment',
    () => `none is ${payment}`,
  );
}

/** One item owes the deadline of an order that can still be paid. */
function checkDeadline(table: Table, order: Order): void {
  if (!isPayable(order) || order.expires_at === null) return;
  const owner = order.payment === null ? orderKey : paymentKey(order.payment);
  hold(
    owesCheck(table, owner),
    'deadline_has_an_owner',
    () => `${owner} owes nothing, the order is ${order.status}`,
  );
}

function checkSums(
  table: Table,
  money: Refundable & { currency: string },
  isOf: (refund: Refund) => boolean,
): void {
  const refunds = recordsOf(table, 'refund').filter(isOf);
  const sum = (status: Refund['status']) =>
    refunds.reduce((total, refund) => total + (refund.status === status ? refund.amount : 0), 0);
  const { amount, reserved, refunded, returned } = money;
  hold(
    reserved === sum('open') && refunded === sum('succeeded') && reserved + refunded <= amount,
    'refund_sums',
    () =>
      `${JSON.stringify({ amount, reserved, refunded, returned })}, open ${sum('open')}, succeeded ${sum('succeeded')}`,
  );
}

function checkRefund(table: Table, refund: Refund): void {
  const isWatched = owesCheck(table, refundKey(refund.n));
  hold(
    isWatched === (refund.status === 'open'),
    'open_refund_is_watched',
    () => `${refund.refund_no} ${refund.status}`,
  );
  const entries = recordsOf(table, 'entry').filter((entry) => entry.refund === refund.n);
  const out = entries.filter(({ credit }) => credit.startsWith('provider:')).length;
  const back = entries.length - out;
  hold(
    out - back === (refund.status === 'succeeded' ? 1 : 0) &&
      entries.every(({ amount, currency }) => amount === refund.amount && currency === refund.currency),
    'entries_agree',
    () => `${refund.refund_no} is ${refund.status}: ${out} out, ${back} back`,
  );
}

/** What is stored, against what the provider holds and what is on its way there. */
export function checkAgainstProvider(
  table: Table,
  provider: ProviderState,
  habits: Habits,
  inFlight: readonly string[],
  now: number,
): void {
  const order = table.snapshot?.order;
  if (!order) return;
  for (const { payment_no, items, state, told } of recordsOf(table, 'shipping')) {
    const known = provider.shipped[payment_no];
    hold(
      state !== 'told' || known?.items === items,
      'told_is_known_there',
      () => `${items} is told, ${known?.items} known`,
    );
    hold(told === 0 || known !== undefined, 'told_is_known_there', () => `told ${told} times`);
  }
  const creations = inFlight.filter((payment_no) => !provider.held[payment_no]);
  const waiting = new Set([...payable(provider, habits, now), ...creations]);
  for (const payment of recordsOf(table, 'payment')) {
    const { payment_no, n, state } = payment;
    const held = provider.held[payment_no];
    checkBookings(table, payment, provider);
    const canBePaid = waiting.has(payment_no) || held?.state === 'open';
    hold(
      !canBePaid || state === 'paid' || owesCheck(table, paymentKey(n)),
      'nothing_payable_left_work',
      () => `payment ${n} is ${state} here and ${held?.state ?? 'on its way'} at the provider`,
    );
    // Where the provider holds a payment before it is opened, closing is never answered by `absent` once it is out.
    const isGivenUp = payment.superseded || order.status === 'closed';
    hold(
      habits.holdsFrom === 'opened' || !isGivenUp || held?.state !== 'open' || !(payment_no in provider.out),
      'nothing_payable_is_given_up',
      () => `payment ${n} can be paid on a page that was handed out; the order is ${order.status}`,
    );
  }
}

const bookingsOf = (table: Table, payment: Payment): readonly { transaction_id: string | null }[] => [
  ...(payment.booking ? [payment] : []),
  ...recordsOf(table, 'suspense').filter(({ n }) => n === payment.n),
];

/** No booking without a transaction of its own. */
function checkBookings(table: Table, payment: Payment, { held }: ProviderState): void {
  const transactions = held[payment.payment_no]?.transactions.filter(({ isForeign }) => !isForeign) ?? [];
  const bookings = bookingsOf(table, payment);
  const amount = held[payment.payment_no]?.amount ?? payment.amount;
  hold(amount === payment.amount, 'booked_to_the_right_account', () => `${payment.amount} of ${amount}`);
  const names = bookings.flatMap(({ transaction_id }) => transaction_id ?? []);
  hold(
    bookings.length <= transactions.length &&
      new Set(names).size === names.length &&
      names.every((name) => transactions.some(({ id }) => id === name)),
    'booked_at_most_once',
    () =>
      `payment ${payment.n}: ${bookings.length} bookings [${names}] of ${transactions.length} transactions`,
  );
}

/** A payment that was paid stays so, with its booking. */
export function checkPaidIsFinal(before: Table, after: Table): void {
  for (const payment of recordsOf(before, 'payment')) {
    if (payment.state !== 'paid') continue;
    const now = recordsOf(after, 'payment').find(({ n }) => n === payment.n);
    hold(
      now?.state === 'paid' && JSON.stringify(now.booking) === JSON.stringify(payment.booking),
      'paid_is_final',
      () => `payment ${payment.n} is ${now?.state}`,
    );
  }
}

/** What was handed out just now is what the order is to be paid with. */
export function checkHandedOut(table: Table, payment_no: string): void {
  const order = table.snapshot?.order;
  const payment = recordsOf(table, 'payment').find((known) => known.payment_no === payment_no);
  hold(
    order !== undefined &&
      payment !== undefined &&
      isPayable(order) &&
      order.payment === payment.n &&
      !payment.superseded &&
      payment.amount === order.amount,
    'handed_out_is_current',
    () => `${payment_no}; the order is ${order?.status} over ${order?.amount}, its payment ${order?.payment}`,
  );
}

/** What a success reply to the provider says is stored. */
export function checkStored(table: Table, payment_no: string, transaction_id: string | null): void {
  const payment = recordsOf(table, 'payment').find((known) => known.payment_no === payment_no);
  const bookings = payment ? bookingsOf(table, payment) : [];
  hold(
    bookings.some((booking) => transaction_id === null || booking.transaction_id === transaction_id),
    'success_reply_is_stored',
    () => `${payment_no} ${transaction_id}`,
  );
}

/** What must be when everything has come to rest. `isAllTold`: each message was delivered in the end. */
export function checkRest(table: Table, provider: ProviderState, habits: Habits, isAllTold: boolean): void {
  const order = table.snapshot?.order;
  if (!order) return;
  hold(
    !isPayable(order) || order.expires_at === null,
    'everything_ends',
    () => `the order is still ${order.status}`,
  );
  const owed = table.items.filter(({ owes }) => owes?.kind === 'check').map(({ key }) => key);
  hold(owed.length === 0, 'everything_ends', () => `still owed: ${owed}`);
  for (const payment of recordsOf(table, 'payment')) {
    const transactions =
      provider.held[payment.payment_no]?.transactions.filter(({ isForeign }) => !isForeign) ?? [];
    const booked = bookingsOf(table, payment).length;
    // A further transaction under a number, and one after its close, are told of by messages alone.
    const asked = transactions.slice(0, 1).filter(({ isAfterClose }) => !isAfterClose);
    const least = isAllTold ? transactions.length : asked.length;
    hold(
      booked >= least,
      'every_transaction_is_booked',
      () => `payment ${payment.n}: ${booked} of ${transactions.length}`,
    );
  }
  for (const refund of recordsOf(table, 'refund')) {
    const held = provider.refunds[refund.refund_no];
    // So is what becomes of a refund that has succeeded.
    const isUntold = !isAllTold && refund.status === 'succeeded';
    hold(
      held?.state === refund.status || isUntold,
      'refunds_agree',
      () => `${refund.refund_no} ${refund.status}, ${held?.state}`,
    );
  }
  checkBooks(table, provider, habits, isAllTold);
}

/** The provider holds for us what the books say, and nobody who has to know of what it lacks is left untold. */
function checkBooks(table: Table, provider: ProviderState, habits: Habits, isAllTold: boolean): void {
  const { tellsReturns, answersReturned } = habits;
  const entries = recordsOf(table, 'entry');
  const isReturned = provider.returns.some(({ state }) => state === 'succeeded');
  const isNamed = tellsReturns.includes('named');
  // A refund of ours that failed may be what a sum in all has counted: only a name tells another from it.
  const isMasked = !isNamed && Object.values(provider.refunds).some(({ state }) => state === 'failed');
  const isToldByMessage = isAllTold && (!isReturned || tellsReturns.length > 0);
  const isToldByAnswer = answersReturned === 'sum' && provider.mail.length === 0;
  if (isReturned && answersReturned === 'unknown' && provider.mail.length === 0) {
    const isTold = recordsOf(table, 'exception').some(({ kind }) => kind === 'unknown_refund');
    hold(isTold, 'exception_for_what_was_not_asked', () => 'what went back is known to nobody');
  }
  if (isMasked || !(isToldByMessage || isToldByAnswer)) return;
  const money = [...recordsOf(table, 'payment'), ...recordsOf(table, 'suspense')];
  const booked = money.reduce((sum, { booking, amount }) => sum + (booking ? amount : 0), 0);
  const left = leftBy(entries);
  hold(
    booked - left === balanceOf(provider),
    'books_are_the_provider’s',
    () => `${booked} booked, ${left} of it gone; the provider holds ${balanceOf(provider)}`,
  );
  for (const { amount, reserved, refunded, returned, payment_no } of money) {
    hold(
      reserved + refunded + returned <= amount,
      'never_more_back_than_paid',
      () => `${reserved} + ${refunded} + ${returned} of ${amount} under ${payment_no}`,
    );
  }
}

/** Nothing that the sweep has just looked at is open at the provider when its order is not to be paid with it. */
export function checkGivenUp(table: Table, { held }: ProviderState, swept: ReadonlySet<string>): void {
  const order = table.snapshot?.order;
  if (!order) return;
  for (const { payment_no, n, superseded } of recordsOf(table, 'payment')) {
    const isWanted = isPayable(order) && !superseded;
    hold(
      isWanted || held[payment_no]?.state !== 'open' || !swept.has(paymentKey(n)),
      'given_up_is_closed_at_provider',
      () => `payment ${n}; the order is ${order.status}`,
    );
  }
}
