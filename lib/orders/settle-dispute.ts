import { isoTime } from '../io.ts';
import { asSeen, changeOf, exceptionReopened, type ItemWrite, type Put } from './change.ts';
import { type CommitPorts, commit, type Step } from './commit.ts';
import type { Dispute } from './dispute.ts';
import type { DisputeEvent, DisputeMovement } from './event.ts';
import { exceptionOnce } from './exception.ts';
import { type ComparedField, disputeStates, type OrderStatus } from './kinds.ts';
import { feesAccount, providerAccount, suspenseAccount } from './ledger.ts';
import { type PaymentNumber, parsePaymentNumber } from './order-number.ts';
import type { Holding } from './payment.ts';
import { alert, type Debt, disputeReminder } from './schedule.ts';
import { findHolding, findPayment, isOfAnother, type NotSettled, type Snapshot } from './snapshot.ts';

export type DisputeResult =
  | {
      /** `disputed`: it is new here; `dispute_updated`: it has gone on; `dispute_known`: nothing of it is new. */
      readonly outcome: 'disputed' | 'dispute_updated' | 'dispute_known';
      readonly order_no: string;
      readonly status: OrderStatus;
    }
  | NotSettled
  | { readonly outcome: 'not_found' }
  | { readonly outcome: 'mismatch'; readonly order_no: string; readonly fields: readonly ComparedField[] };

/**
 * Applies a provider's word on a dispute: what it has moved is booked out of suspense or back, each movement once, with
 * what the provider keeps for it. It never changes the order's state: who bears it is a person's to say.
 * @throws ContentionError, and what the store throws
 */
export async function settleDispute(ports: CommitPorts, event: DisputeEvent): Promise<DisputeResult> {
  const number = parsePaymentNumber(event.payment_no);
  if (!number) return { outcome: 'not_found' };
  return commit(ports, number.order_no, (snapshot) => decideDispute(snapshot, number, event, ports.io.now()));
}

/** Messages come in any order: what a dispute has come to never goes back, and its movements are told apart by number. */
function decideDispute(
  snapshot: Snapshot | null,
  { n }: PaymentNumber,
  event: DisputeEvent,
  now: number,
): Step<DisputeResult> {
  const payment = snapshot && findPayment(snapshot, n);
  if (!payment) return { result: { outcome: 'not_found' }, change: null };
  const { order_no, status } = snapshot.order;
  // Nobody has told of the payment yet: it is asked about, and this is sent again.
  if (payment.state !== 'paid') return { result: { outcome: 'not_settled', order_no }, change: null };
  const money = findHolding(snapshot, payment, event.transaction_id);
  const fields = (['provider', 'merchant', 'currency'] as const).filter(
    (field) => event[field] !== money[field],
  );
  if (fields.length > 0) {
    const told = exceptionOnce(snapshot, { ...subjectOf(event, 'mismatch'), fields }, now);
    return { result: { outcome: 'mismatch', order_no, fields }, change: changeOf(order_no, told) };
  }
  const { transaction_id } = event;
  if (transaction_id !== null && isOfAnother(snapshot, payment, transaction_id)) {
    // A further transaction may not be told of yet: this is sent again, and a person knows meanwhile.
    const told = exceptionOnce(snapshot, subjectOf(event, 'disputed'), now);
    return { result: { outcome: 'not_settled', order_no }, change: changeOf(order_no, told) };
  }
  const known = snapshot.disputes.find(({ dispute_id }) => dispute_id === event.dispute_id);
  const movements = event.movements.filter(({ id }) => !known?.movements.includes(id));
  const dispute = after(known ?? opened(money, event, now), event, movements, now);
  const isNew =
    known?.state !== dispute.state ||
    known.refundable !== dispute.refundable ||
    known.due_by !== dispute.due_by ||
    movements.length > 0;
  if (!isNew) return { result: { outcome: 'dispute_known', order_no, status }, change: null };
  const outcome = known ? 'dispute_updated' : 'disputed';
  return {
    result: { outcome, order_no, status },
    change: changeOf(order_no, [
      disputeWrite(known, dispute),
      ...movements.flatMap((movement) => movementEntries(dispute, movement, now)),
      ...toldWrites(snapshot, event, { known, dispute }, now),
    ]),
  };
}

/**
 * Once a person has ended its exception, what leaves or comes back besides is for a person to see again. One that is open
 * says until when evidence can be given by now.
 */
function toldWrites(
  snapshot: Snapshot,
  event: DisputeEvent,
  { known, dispute }: { readonly known: Dispute | undefined; readonly dispute: Dispute },
  now: number,
): readonly ItemWrite[] {
  const told = snapshot.exceptions.find(
    ({ kind, refund_no }) => kind === 'disputed' && refund_no === event.dispute_id,
  );
  const { due_by, withdrawn, borne } = dispute;
  if (told?.resolved && withdrawn !== known?.withdrawn && withdrawn !== borne) {
    return [exceptionReopened(told, alert(now))];
  }
  if (told?.resolved === null && told.due_by !== due_by) {
    return [{ update: 'exception', of: told, set: { due_by }, expects: asSeen(told) }];
  }
  return exceptionOnce(snapshot, subjectOf(event, 'disputed'), now);
}

function opened(money: Holding, event: DisputeEvent, now: number): Dispute {
  const { order_no, n, payment_no, provider, merchant } = money;
  const { dispute_id, transaction_id, amount, currency, reason, state, refundable, due_by } = event;
  const time = isoTime(now);
  return {
    ...{ order_no, payment: n, payment_no, provider, merchant },
    ...{ dispute_id, transaction_id, amount, currency, reason, state, refundable, due_by },
    ...{ withdrawn: 0, borne: 0, movements: [], reminded: false },
    // That it is over is another thing to tell than that it was opened, and the later one.
    version: state === 'open' ? 1 : 2,
    ...{ opened_at: time, updated_at: time },
  };
}

function after(
  dispute: Dispute,
  { state, refundable, due_by }: DisputeEvent,
  movements: readonly DisputeMovement[],
  now: number,
): Dispute {
  const rank = (of: Dispute['state']) => disputeStates.indexOf(of);
  const until = later(due_by, dispute.due_by);
  return {
    ...dispute,
    // Stryker disable next-line EqualityOperator: of one rank is one state
    state: rank(state) > rank(dispute.state) ? state : dispute.state,
    refundable: refundable && dispute.refundable,
    due_by: until,
    // An appeal is another answer to give, in a time of its own.
    reminded: dispute.reminded && until === dispute.due_by,
    withdrawn: movements.reduce((sum, { amount }) => sum - amount, dispute.withdrawn),
    movements: [...dispute.movements, ...movements.map(({ id }) => id)],
    updated_at: isoTime(now),
  };
}

/** The time for evidence is only ever prolonged: an earlier one is an earlier message's. */
const later = (one: string | null, other: string | null): string | null =>
  // Stryker disable next-line EqualityOperator: of two that are the same it is either
  (one ?? '') > (other ?? '') ? one : other;

function disputeWrite(known: Dispute | undefined, dispute: Dispute): ItemWrite {
  const owes = reminderOf(dispute);
  // Once people are being told again, what is owed is that.
  const isToldAgain = dispute.reminded && dispute.state === 'open';
  if (!known) return { put: 'dispute', record: dispute, ...(owes && { owes }) };
  const { state, refundable, due_by, withdrawn, movements, reminded, updated_at } = dispute;
  return {
    update: 'dispute',
    of: known,
    set: { state, refundable, due_by, withdrawn, movements, reminded, updated_at },
    ...(!isToldAgain && { owes }),
    expects: asSeen(known),
  };
}

/** People are told again before the time for evidence ends, unless the dispute is over, or so new that they know. */
function reminderOf({ state, due_by, opened_at }: Dispute): Debt | null {
  if (state !== 'open') return null;
  // Stryker disable next-line ConditionalExpression: what is due at no time is not after the opening either
  if (due_by === null) return null;
  const reminder = disputeReminder(due_by);
  return reminder.due > Date.parse(opened_at) ? reminder : null;
}

function movementEntries(
  dispute: Dispute,
  { id, amount, fee, fee_currency }: DisputeMovement,
  now: number,
): readonly Put[] {
  const { currency } = dispute;
  const fees = feesAccount(dispute);
  const suspense = suspenseAccount(dispute);
  return [
    ...entry(dispute, { kind: 'dispute', reference: id, from: suspense, amount: -amount, currency }, now),
    ...entry(dispute, { kind: 'fee', reference: id, from: fees, amount: fee, currency: fee_currency }, now),
  ];
}

interface Leaving {
  readonly kind: 'dispute' | 'fee';
  readonly reference: string;
  readonly from: string;
  /** What leaves the provider's account; below zero what comes back to it. */
  readonly amount: number;
  readonly currency: string;
}

function entry(dispute: Dispute, leaving: Leaving, now: number): readonly Put[] {
  const { kind, reference, from, amount, currency } = leaving;
  if (amount === 0) return [];
  const { order_no, provider, merchant, transaction_id } = dispute;
  const account = providerAccount(dispute);
  // Stryker disable next-line EqualityOperator: none is nothing above
  const sides = amount > 0 ? { debit: from, credit: account } : { debit: account, credit: from };
  const record = {
    ...{ order_no, provider, merchant, transaction_id, kind, reference, currency, ...sides },
    refund: null,
    amount: Math.abs(amount),
    booked_at: isoTime(now),
  };
  return [{ put: 'entry', record }];
}

function subjectOf<K extends 'disputed' | 'mismatch'>(event: DisputeEvent, kind: K) {
  const { payment_no, provider, merchant, transaction_id, dispute_id, amount, currency, reason, due_by } =
    event;
  const subject = { kind, payment_no, provider, merchant, transaction_id, amount, currency };
  return { ...subject, refund_no: dispute_id, reason, due_by };
}

/** Tells people of a dispute again, whose time for evidence ends soon. @throws ContentionError, and what the store throws */
export const remindOfDispute = (
  ports: CommitPorts,
  { order_no, dispute_id }: Dispute,
): Promise<{ readonly outcome: 'cleared' | 'dispute_reminded' }> =>
  commit(ports, order_no, (snapshot): Step<{ outcome: 'cleared' | 'dispute_reminded' }> => {
    const dispute = snapshot?.disputes.find((known) => known.dispute_id === dispute_id);
    const now = ports.io.now();
    const isOver = dispute?.state !== 'open' || (dispute.due_by ?? '') <= isoTime(now);
    if (isOver || dispute.reminded) return { result: { outcome: 'cleared' }, change: null };
    const write: ItemWrite = {
      update: 'dispute',
      of: dispute,
      set: { reminded: true, updated_at: isoTime(now) },
      owes: alert(now),
      expects: asSeen(dispute),
    };
    return { result: { outcome: 'dispute_reminded' }, change: changeOf(order_no, [write]) };
  });
