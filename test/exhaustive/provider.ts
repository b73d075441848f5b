import { isoTime } from '../../lib/io.ts';
import type {
  DisputeEvent,
  DisputeMovement,
  PaymentEvent,
  ProviderEvent,
  RefundEvent,
} from '../../lib/orders/event.ts';
import type { DisputeState } from '../../lib/orders/kinds.ts';
import type {
  CloseAnswer,
  CreatedPayment,
  PaymentAnswer,
  RefundAnswer,
  ShippingAnswer,
} from '../../lib/orders/provider-gateway.ts';
import { CLOCK_DIFFERENCE_MS } from '../../lib/orders/schedule.ts';
import type { PaymentCall, ProviderCall, RefundCall, ShippingCall } from './process.ts';
import { Violation } from './violation.ts';

/** How a provider behaves, of all the ways in which providers do. */
export interface Habits {
  /** Whether a payment is there once it was asked for, or not before its payer opens the page. */
  readonly holdsFrom: 'asked' | 'opened';
  /** Whether the page is short enough for us to keep. */
  readonly keepsPage: boolean;
  /** What each transaction is told of by: with its number and without. */
  readonly tells: readonly ('named' | 'unnamed')[];
  /** Whether messages carry the amount. */
  readonly tellsAmount: boolean;
  /** Whether a payment that failed takes no other attempt, and stays as it is when it is closed. */
  readonly failsForGood: boolean;
  /** Whether closing what is closed is refused, so that it must be asked about. */
  readonly closesOnce: boolean;
  /** Whether it tells of a payment that was closed. */
  readonly tellsClosed: boolean;
  /** What it tells by of money that its console gave back: by its name, and by the sum of all that has gone back. */
  readonly tellsReturns: readonly ('named' | 'summed')[];
  /** What its answer about a payment says of what has gone back. */
  readonly answersReturned: 'nothing' | 'sum' | 'unknown';
  /** So often is a message delivered, at most, before it is given up. */
  readonly copies: number;
}

interface Transaction {
  readonly id: string;
  readonly paid_at: string;
  /** Made by somebody else under the same number, before ours was begun. */
  readonly isForeign: boolean;
  /** After the provider said that it was closed: nobody asks about it any more. */
  readonly isAfterClose: boolean;
}

interface Held {
  readonly state: 'open' | 'failed' | 'closed' | 'paid';
  /** The payer is about to pay: it is not closed now, and may be paid or not. */
  readonly isBeingPaid?: boolean;
  readonly amount: number;
  readonly expires_at: string;
  readonly transactions: readonly Transaction[];
}

interface HeldRefund {
  readonly state: 'open' | 'succeeded' | 'failed';
  readonly payment_no: string;
  readonly transaction_id: string | null;
  readonly amount: number;
}

/** Money that the provider's console gave back. */
interface ConsoleRefund {
  readonly id: string;
  readonly state: 'succeeded' | 'failed';
  readonly payment_no: string;
  readonly transaction_id: string;
  readonly amount: number;
}

/** A bank's dispute of a payment's first transaction. */
interface HeldDispute {
  readonly state: DisputeState;
  readonly movements: readonly DisputeMovement[];
}

export interface Mail {
  readonly event: ProviderEvent;
  readonly copies: number;
}

/** All that the provider and its payers know. A value. */
export interface ProviderState {
  readonly held: Readonly<Record<string, Held>>;
  /** The pages that reached a payer, by the payment's number. */
  readonly out: Readonly<Record<string, { readonly amount: number; readonly expires_at: string }>>;
  readonly refunds: Readonly<Record<string, HeldRefund>>;
  readonly returns: readonly ConsoleRefund[];
  /** By the payment's number. */
  readonly disputes: Readonly<Record<string, HeldDispute>>;
  /** What was sent, by the payment's number. */
  readonly shipped: Readonly<Record<string, Shipped>>;
  readonly mail: readonly Mail[];
}

/** What the provider was told to be sent last, and how often: once, and one correction. */
interface Shipped {
  readonly items: string;
  readonly uploaded_at: string;
  readonly count: number;
}

export const nothingHeld: ProviderState = {
  held: {},
  out: {},
  refunds: {},
  returns: [],
  disputes: {},
  shipped: {},
  mail: [],
};

/** The request could not be made, or its answer not be used. */
export class ProviderDown extends Error {
  override readonly name = 'ProviderDown';
}

export const MERCHANT = '1900000001';

export type Answer =
  | CreatedPayment
  | PaymentAnswer
  | CloseAnswer
  | RefundAnswer
  | ShippingAnswer
  | ProviderDown;

/** What arriving at the provider makes of a request. */
export function arrive(
  state: ProviderState,
  call: ProviderCall,
  habits: Habits,
  now: number,
): { readonly state: ProviderState; readonly answer: Answer } {
  switch (call.ask) {
    case 'createPayment':
      return create(state, call.payment, habits, now);
    case 'query':
      return { state, answer: query(state, call.payment.payment_no, habits) };
    case 'close':
      return close(state, call.payment.payment_no, habits);
    case 'reportShipping':
      return ship(state, call);
    case 'refund':
      return refund(state, call.refund);
    case 'queryRefund':
      return { state, answer: answerOf(state.refunds[call.refund.refund_no], call.refund.refund_no) };
  }
}

/** Of two requests it goes by the later one; of one that is no later, or says the same, it knows already. */
function ship(state: ProviderState, { payment: { payment_no }, shipping }: ShippingCall) {
  const { items, requested_at: uploaded_at, version } = shipping;
  const known = state.shipped[payment_no];
  if (known && known.uploaded_at >= uploaded_at) return { state, answer: { state: 'told' } as const };
  const count = (known?.count ?? 0) + (known?.items === items ? 0 : 1);
  if (count > MOST_SHIPPED) {
    const answer =
      version === 1 ? ({ state: 'told' } as const) : ({ state: 'refused', code: '10060003' } as const);
    return { state, answer };
  }
  const shipped = { ...state.shipped, [payment_no]: { items, uploaded_at, count } };
  return { state: { ...state, shipped }, answer: { state: 'told' } as const };
}

const MOST_SHIPPED = 2;

const setHeld = (state: ProviderState, payment_no: string, held: Held): ProviderState => ({
  ...state,
  held: { ...state.held, [payment_no]: held },
});

/** The provider's clock may differ from ours: only then does it surely take no payment any more. */
export const isSurelyOver = (expires_at: string, now: number): boolean =>
  now > Date.parse(expires_at) + CLOCK_DIFFERENCE_MS;

export const pageOf = (payment_no: string): string => `page of ${payment_no}`;

function create(
  state: ProviderState,
  { payment_no, amount, expires_at }: PaymentCall['payment'],
  { holdsFrom, keepsPage, failsForGood }: Habits,
  now: number,
) {
  const page = pageOf(payment_no);
  const handed_out = { page: keepsPage ? page : null, id: null, good_until: expires_at };
  const answer = { outcome: 'created', page, handed_out } as const;
  const held = state.held[payment_no];
  // A signed address, which nobody has to be asked for.
  if (holdsFrom === 'opened') return { state, answer };
  const isOver =
    held?.state === 'closed' || held?.state === 'paid' || (held?.state === 'failed' && failsForGood);
  if (isOver) return { state, answer: { outcome: 'over' } as const };
  if (!held && isSurelyOver(expires_at, now)) return { state, answer: new ProviderDown('too late') };
  return {
    state: setHeld(state, payment_no, { transactions: [], ...held, state: 'open', amount, expires_at }),
    answer,
  };
}

function query(state: ProviderState, payment_no: string, habits: Habits): PaymentAnswer {
  const payment = state.held[payment_no];
  if (!payment) return { state: 'absent' };
  switch (payment.state) {
    case 'open':
      return { state: 'open' };
    case 'failed':
    case 'closed':
      return { state: 'decided', event: untold(payment_no, payment.state) };
    case 'paid': {
      const [transaction] = payment.transactions;
      if (!transaction) throw new Error('paid by nothing');
      const event = success(payment_no, payment, transaction, true, true);
      const sum = sumBack(state, payment_no, transaction.id);
      if (sum === 0 || habits.answersReturned === 'nothing') return { state: 'decided', event };
      const returned = habits.answersReturned === 'sum' ? sum : 'unknown';
      return { state: 'decided', event: { ...event, returned } };
    }
  }
}

/** What is said of a payment that was not paid. */
export const untold = (payment_no: string, type: 'failed' | 'closed'): PaymentEvent => ({
  type,
  payment_no,
  provider: 'wechat',
  merchant: MERCHANT,
  transaction_id: null,
});

const success = (
  payment_no: string,
  { amount }: Held,
  { id, paid_at }: Transaction,
  isNamed: boolean,
  tellsAmount: boolean,
): PaymentEvent => ({
  type: 'succeeded',
  payment_no,
  provider: 'wechat',
  merchant: MERCHANT,
  ...(tellsAmount && { amount, currency: 'CNY' }),
  transaction_id: isNamed ? id : null,
  paid_at,
});

function close(state: ProviderState, payment_no: string, habits: Habits) {
  const held = state.held[payment_no];
  if (!held) return { state, answer: 'absent' as const };
  if (held.state === 'paid' || held.isBeingPaid) return { state, answer: 'not_closed' as const };
  if (held.state === 'closed' && habits.closesOnce) return { state, answer: 'not_closed' as const };
  if (held.state === 'failed' && habits.failsForGood) return { state, answer: 'closed' as const };
  return { state: closed(state, payment_no, held, habits), answer: 'closed' as const };
}

function closed(state: ProviderState, payment_no: string, held: Held, habits: Habits): ProviderState {
  if (held.state === 'closed') return state;
  const after = setHeld(state, payment_no, { ...held, state: 'closed' });
  return habits.tellsClosed ? tell(after, untold(payment_no, 'closed'), habits) : after;
}

const tell = (
  state: ProviderState,
  event: ProviderEvent,
  { copies }: Pick<Habits, 'copies'>,
): ProviderState => ({
  ...state,
  mail: [...state.mail, { event, copies }].toSorted(byText),
});

const byText = (one: Mail, other: Mail) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);

function refund(state: ProviderState, request: RefundCall['refund']) {
  const { refund_no, payment_no, transaction_id, amount } = request;
  const known = state.refunds[refund_no];
  if (known) return { state, answer: answerOf(known, refund_no) };
  const payment = state.held[payment_no];
  const taken = (payment?.amount ?? 0) * (payment?.transactions.length ?? 0);
  const back = Object.values(state.refunds)
    .filter((other) => other.payment_no === payment_no && other.state !== 'failed')
    .reduce((sum, other) => sum + other.amount, amount);
  const [first] = payment?.transactions ?? [];
  const returns = sumBack(state, payment_no, transaction_id ?? first?.id ?? '');
  if (consoleRefunds(state, payment_no).length > 0 && returns + amount > (payment?.amount ?? 0)) {
    // There is not enough left.
    const refused = { state: 'failed', payment_no, transaction_id, amount } as const;
    return {
      state: { ...state, refunds: { ...state.refunds, [refund_no]: refused } },
      answer: { state: 'failed', refund_id: null } as const,
    };
  }
  if (back > taken)
    throw new Violation('never_more_back_than_paid', `${back} of ${taken} under ${payment_no}`);
  const after = { state: 'open', payment_no, transaction_id, amount } as const;
  return {
    state: { ...state, refunds: { ...state.refunds, [refund_no]: after } },
    answer: answerOf(after, refund_no),
  };
}

function answerOf(refund: HeldRefund | undefined, refund_no: string): RefundAnswer {
  if (!refund) return { state: 'absent' };
  return refund.state === 'open'
    ? { state: 'open' }
    : { state: refund.state, refund_id: `at-provider-${refund_no}` };
}

/** The payments that a payer can pay now. */
export const payable = (
  { held, out }: ProviderState,
  { holdsFrom, failsForGood }: Habits,
  now: number,
): readonly string[] =>
  Object.keys(out).filter((payment_no) => {
    const payment = held[payment_no];
    const { expires_at = '' } = out[payment_no] ?? {};
    if (isSurelyOver(expires_at, now)) return false;
    if (payment?.state === 'failed') return !failsForGood;
    return payment ? payment.state === 'open' : holdsFrom === 'opened';
  });

/** A page whose payment the provider does not hold before it is opened. */
export const openable = (state: ProviderState, habits: Habits, now: number): readonly string[] =>
  payable(state, habits, now).filter((payment_no) => !state.held[payment_no]);

export function open(state: ProviderState, payment_no: string): ProviderState {
  const page = state.out[payment_no];
  if (!page) throw new Error('nobody has this page');
  return setHeld(state, payment_no, { state: 'open', ...page, transactions: [] });
}

const transactionsOf = ({ held }: ProviderState): readonly Transaction[] =>
  Object.values(held).flatMap(({ transactions }) => transactions);

/** The payer pays, and the provider tells, as often and in as many ways as it does. */
export function pay(state: ProviderState, payment_no: string, habits: Habits, now: number): ProviderState {
  const held = state.held[payment_no];
  if (!held) throw new Error('nothing to pay');
  const count = transactionsOf(state).filter(({ isForeign }) => !isForeign).length;
  const transaction = {
    id: `t${count + 1}`,
    paid_at: isoTime(now),
    isForeign: false,
    isAfterClose: held.state === 'closed',
  };
  const { isBeingPaid: _isBeingPaid, ...known } = held;
  const paid: Held = { ...known, state: 'paid', transactions: [...held.transactions, transaction] };
  return habits.tells.reduce(
    (told, way) =>
      tell(told, success(payment_no, paid, transaction, way === 'named', habits.tellsAmount), habits),
    setHeld(state, payment_no, paid),
  );
}

/** The payer is about to pay, or thinks better of it. */
export function hesitate(state: ProviderState, payment_no: string, isBeingPaid: boolean): ProviderState {
  const held = state.held[payment_no];
  if (!held) throw new Error('nothing to pay');
  const { isBeingPaid: _isBeingPaid, ...known } = held;
  return setHeld(state, payment_no, isBeingPaid ? { ...known, isBeingPaid } : known);
}

export function failPayment(state: ProviderState, payment_no: string, habits: Habits): ProviderState {
  const held = state.held[payment_no];
  if (!held) throw new Error('nothing to fail');
  return tell(setHeld(state, payment_no, { ...held, state: 'failed' }), untold(payment_no, 'failed'), habits);
}

export function expire(state: ProviderState, payment_no: string, habits: Habits): ProviderState {
  const held = state.held[payment_no];
  return held?.state === 'open' ? closed(state, payment_no, held, habits) : state;
}

export function decideRefund(
  state: ProviderState,
  refund_no: string,
  outcome: 'succeeded' | 'failed',
  habits: Habits,
): ProviderState {
  const refund = state.refunds[refund_no];
  if (!refund) throw new Error('nothing to decide');
  const refunds = { ...state.refunds, [refund_no]: { ...refund, state: outcome } };
  const after = { ...state, refunds };
  const { payment_no, amount } = refund;
  const isSummed = outcome === 'succeeded' && habits.tellsReturns.includes('summed');
  const [first] = state.held[payment_no]?.transactions ?? [];
  const of = { transaction_id: refund.transaction_id ?? first?.id ?? '' };
  const event: RefundEvent = {
    type: `refund_${outcome}`,
    payment_no,
    provider: 'wechat',
    merchant: MERCHANT,
    refund_no,
    amount,
    refund_id: `at-provider-${refund_no}`,
    ...(isSummed && { ...of, total: sumBack(after, payment_no, of.transaction_id) }),
  };
  return tell(after, event, habits);
}

const consoleRefunds = ({ returns }: ProviderState, payment_no: string): readonly ConsoleRefund[] =>
  returns.filter((one) => one.payment_no === payment_no && one.state === 'succeeded');

/** What has gone back of a transaction, or is on its way, by now. */
function sumBack(state: ProviderState, payment_no: string, transaction_id: string): number {
  const ours = Object.values(state.refunds).filter(
    (one) =>
      one.payment_no === payment_no &&
      one.state !== 'failed' &&
      (one.transaction_id ?? transaction_id) === transaction_id,
  );
  const theirs = consoleRefunds(state, payment_no).filter((one) => one.transaction_id === transaction_id);
  return [...ours, ...theirs].reduce((sum, { amount }) => sum + amount, 0);
}

/** What the console could give back of each transaction. */
export const returnable = (
  state: ProviderState,
): readonly { readonly payment_no: string; readonly transaction_id: string; readonly rest: number }[] =>
  Object.entries(state.held).flatMap(([payment_no, { amount, transactions }]) =>
    transactions
      .filter(({ isForeign }) => !isForeign)
      .map(({ id }) => ({
        payment_no,
        transaction_id: id,
        rest: amount - sumBack(state, payment_no, id),
      })),
  );

/** Somebody gives money back by the provider's console. */
export function giveBack(
  state: ProviderState,
  { payment_no, transaction_id }: Pick<ConsoleRefund, 'payment_no' | 'transaction_id'>,
  amount: number,
  habits: Habits,
): ProviderState {
  const id = `c${state.returns.length + 1}`;
  const one: ConsoleRefund = { id, state: 'succeeded', payment_no, transaction_id, amount };
  const after = { ...state, returns: [...state.returns, one] };
  const total = sumBack(after, payment_no, transaction_id);
  return habits.tellsReturns.reduce<ProviderState>(
    (told, way) => tell(told, way === 'named' ? returnEvent(one) : { ...unnamedReturn(one), total }, habits),
    after,
  );
}

/** The payer's bank sends it back. */
export function sendBack(state: ProviderState, id: string, habits: Habits): ProviderState {
  const returns = state.returns.map((one) => (one.id === id ? { ...one, state: 'failed' as const } : one));
  const failed = returns.find((one) => one.id === id);
  if (!failed) throw new Error('nothing to send back');
  return tell({ ...state, returns }, { ...returnEvent(failed), type: 'refund_failed' }, habits);
}

const unnamedReturn = ({ payment_no, transaction_id }: ConsoleRefund): RefundEvent => ({
  ...{ type: 'refund_succeeded', payment_no, provider: 'wechat', merchant: MERCHANT, transaction_id },
  ...{ refund_no: null, refund_id: null },
});

const returnEvent = (one: ConsoleRefund): RefundEvent => ({
  ...unnamedReturn(one),
  refund_id: one.id,
  amount: one.amount,
});

/** What the bank keeps for a dispute. */
const DISPUTE_FEE = 15;

/** The payer's bank takes the money, or what it has decided since. */
export function dispute(
  state: ProviderState,
  payment_no: string,
  becomes: DisputeState,
  habits: Habits,
): ProviderState {
  const held = state.held[payment_no];
  const [transaction] = held?.transactions ?? [];
  if (!held || !transaction) throw new Error('nothing to dispute');
  const before = state.disputes[payment_no]?.movements ?? [];
  const { amount } = held;
  const moved: readonly DisputeMovement[] =
    becomes === 'open'
      ? [{ id: 'withdrawn', amount: -amount, fee: DISPUTE_FEE, fee_currency: 'CNY' }]
      : becomes === 'won'
        ? [{ id: 'reinstated', amount, fee: -DISPUTE_FEE, fee_currency: 'CNY' }]
        : [];
  const movements = [...before, ...moved];
  const event: DisputeEvent = {
    ...{ type: 'dispute', payment_no, provider: 'wechat', merchant: MERCHANT, dispute_id: 'd' },
    ...{
      transaction_id: transaction.id,
      amount,
      currency: 'CNY',
      reason: 'fraudulent',
      refundable: false,
      due_by: null,
    },
    ...{ state: becomes, movements },
  };
  const disputes = { ...state.disputes, [payment_no]: { state: becomes, movements } };
  return tell({ ...state, disputes }, event, habits);
}

/** What the provider holds for us, of all that it took. */
export function balanceOf({ held, refunds, returns, disputes }: ProviderState): number {
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
  const taken = Object.values(held).map(
    ({ amount, transactions }) => amount * transactions.filter(({ isForeign }) => !isForeign).length,
  );
  const back = [...Object.values(refunds), ...returns].filter(({ state }) => state === 'succeeded');
  const moved = Object.values(disputes).flatMap(({ movements }) => movements);
  return (
    sum(taken) - sum(back.map(({ amount }) => amount)) + sum(moved.map(({ amount, fee }) => amount - fee))
  );
}

/** The mail with one copy less of a message. */
export const taken = (state: ProviderState, mail: Mail): ProviderState => ({
  ...state,
  mail: state.mail.map((one) => (one === mail ? { ...one, copies: one.copies - 1 } : one)).toSorted(byText),
});
