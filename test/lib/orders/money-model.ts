import type { DisputeEvent, DisputeMovement, ProviderEvent, RefundEvent } from '../../../lib/orders/event.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import type { RefundAnswer, RefundRequest } from '../../../lib/orders/provider-gateway.ts';
import type { Refund } from '../../../lib/orders/refund.ts';

/**
 * Money at a provider, as the provider knows it: what came in, what went back and what a bank took, and the messages that
 * tell of it. None of it is taken from what is stored here, so that the books can be held against it.
 */

/** Money that came in. */
export interface Transaction {
  readonly id: string;
  readonly payment: Payment;
  readonly refunds: SentBack[];
  dispute: { state: DisputeEvent['state']; readonly movements: DisputeMovement[] } | null;
  /** What the books have been told: that it came in, and which movements of its dispute. */
  isTold: boolean;
  readonly toldMovements: Set<string>;
  /** The largest sum of which the books were told that it went back in all. */
  toldTotal: number;
}

/** Money that goes back, whoever asked for it. */
interface SentBack {
  readonly id: string;
  readonly refund_no: string | null;
  readonly amount: number;
  /** It was asked for here, and not said to be refused. */
  readonly isOurs: boolean;
  /** `refused`: no money moved; `failed`: it went, and came again. */
  state: 'done' | 'refused' | 'failed';
  readonly told: Set<RefundEvent['type']>;
}

export interface Message {
  readonly event: ProviderEvent;
  readonly of: Transaction;
  /** Which refund it names, where it is more than a sum in all. */
  readonly names: SentBack | null;
}

/** What becomes of a refund that is asked for, and what is answered. */
export const refundAnswers = ['done', 'open', 'refused', 'refused, yet done', 'lost', 'never came'] as const;
export type AnswerToRefund = (typeof refundAnswers)[number];

const sumOf = (amounts: readonly { readonly amount: number }[]): number =>
  amounts.reduce((sum, { amount }) => sum + amount, 0);

const isDone = ({ state }: SentBack): boolean => state === 'done';

/** What has gone back of it by now. */
export const goneOf = ({ refunds }: Transaction): number => sumOf(refunds.filter(isDone));

export const goneAsAsked = ({ refunds }: Transaction): number =>
  sumOf(refunds.filter(isDone).filter(({ isOurs }) => isOurs));

const withdrawnOf = ({ dispute }: Transaction): number => 0 - sumOf(dispute?.movements ?? []);

export const heldOf = (transaction: Transaction): number =>
  transaction.payment.amount - goneOf(transaction) - withdrawnOf(transaction);

/** The least and the most that can have gone back, by what was told: a sum in all says only what went at some time. */
export function toldGone({ refunds }: Transaction): { readonly least: number; readonly most: number } {
  const lasting = refunds.filter(({ told }) => !told.has('refund_failed'));
  return {
    least: sumOf(lasting.filter(({ told }) => told.has('refund_succeeded'))),
    most: sumOf(lasting.filter(({ state }) => state !== 'refused')),
  };
}

/** The largest sum of which the books were told, where nothing names what it was, and nothing comes again. */
export const toldSum = ({ payment, toldTotal }: Transaction): number =>
  payment.provider === 'alipay' ? toldTotal : 0;

export const toldWithdrawn = ({ dispute, toldMovements }: Transaction): number =>
  0 - sumOf((dispute?.movements ?? []).filter(({ id }) => toldMovements.has(id)));

/** What has come again, or was given back, and the books have not been told. */
export function untoldBack(transaction: Transaction): number {
  const failed = transaction.refunds.filter(
    ({ state, told }) => state === 'failed' && !told.has('refund_failed'),
  );
  return sumOf(failed) + Math.max(0, toldWithdrawn(transaction) - withdrawnOf(transaction));
}

/** The message was taken: the books know what it says. */
export function taken({ event, of, names }: Message): void {
  if (event.type === 'succeeded') of.isTold = true;
  if (event.type === 'dispute') for (const { id } of event.movements) of.toldMovements.add(id);
  if ('refund_no' in event) names?.told.add(event.type);
  const total = ('total' in event && event.total) || ('returned' in event && event.returned) || 0;
  if (total !== 'unknown') of.toldTotal = Math.max(of.toldTotal, total);
}

interface Unasked {
  readonly isNumbered: boolean;
  readonly isRefused: boolean;
  /** It is told of by its number first, without its amount. */
  readonly isVague: boolean;
}

/** @param say takes each message, which may arrive at any time, in any order, and again */
export function createMoney(say: (message: Message) => void) {
  const transactions: Transaction[] = [];
  let refunds = 0;

  const success = (of: Transaction, returned: { readonly returned?: number | 'unknown' } = {}): void => {
    const { provider, merchant, payment_no, amount, currency } = of.payment;
    const about = { provider, merchant, payment_no, amount, currency, transaction_id: of.id };
    say({ event: { type: 'succeeded', ...about, ...returned }, of, names: null });
  };

  const tellRefund = (of: Transaction, refund: SentBack, isVague = false): void => {
    const { provider, merchant, payment_no } = of.payment;
    const type = isDone(refund) ? 'refund_succeeded' : 'refund_failed';
    const about = { type, provider, merchant, payment_no, transaction_id: of.id } as const;
    const { id: refund_id, refund_no, amount } = refund;
    if (provider !== 'alipay' && isVague) say({ event: { ...about, refund_no, refund_id }, of, names: null });
    if (provider !== 'alipay') say({ event: { ...about, refund_no, refund_id, amount }, of, names: refund });
    if (provider === 'wechat' || !isDone(refund)) return;
    const sum = { ...about, refund_id: null, total: goneOf(of) };
    const isNamed = provider === 'alipay' && refund_no?.startsWith(`${of.payment.order_no}-r`);
    say({
      event: { ...sum, refund_no: provider === 'alipay' ? refund_no : null },
      of,
      names: isNamed ? refund : null,
    });
  };

  const tellDispute = (of: Transaction): void => {
    if (!of.dispute) return;
    const { provider, merchant, payment_no, amount, currency } = of.payment;
    const { state, movements } = of.dispute;
    const about = { provider, merchant, payment_no, amount, currency, transaction_id: of.id };
    const said = { dispute_id: `du-${of.id}`, reason: 'fraudulent', refundable: false, due_by: null, state };
    say({ event: { type: 'dispute', ...about, ...said, movements: [...movements] }, of, names: null });
  };

  const sendBack = (
    of: Transaction,
    { state = 'done', ...said }: Pick<SentBack, 'refund_no' | 'amount' | 'isOurs'> & Partial<SentBack>,
    isVague = false,
  ): SentBack => {
    refunds += 1;
    const refund: SentBack = { ...said, id: `R${refunds}`, state, told: new Set() };
    of.refunds.push(refund);
    tellRefund(of, refund, isVague);
    return refund;
  };

  const move = (of: Transaction, amount: number): void => {
    const id = `${of.id}-${of.dispute?.movements.length}`;
    of.dispute?.movements.push({ id, amount, fee: 0, fee_currency: of.payment.currency });
  };

  return {
    transactions,
    pay: (payment: Payment): void => {
      const id = `T${transactions.length + 1}`;
      const transaction = {
        ...{ id, payment, refunds: [], dispute: null, isTold: false },
        toldMovements: new Set<string>(),
        toldTotal: 0,
      };
      transactions.push(transaction);
      success(transaction);
    },
    /** Asked about the payment, the provider says what has gone back as well: how much, or only that some has. */
    answerOf: (of: Transaction): void => {
      const returned = of.payment.provider === 'wechat' ? 'unknown' : goneOf(of);
      success(of, goneOf(of) > 0 ? { returned } : {});
    },
    /** By the provider's console; one of Stripe's has no number but the provider's. */
    sendBackUnasked: (of: Transaction, wanted: number, { isNumbered, isRefused, isVague }: Unasked): void => {
      const { provider } = of.payment;
      const amount = Math.min(wanted, heldOf(of));
      if (amount <= 0) return;
      const isNamed = provider === 'wechat' || (provider === 'alipay' && isNumbered);
      const refund_no = isNamed ? `console-${refunds + 1}` : null;
      const state = isRefused && provider !== 'alipay' ? 'refused' : 'done';
      sendBack(of, { refund_no, amount, isOurs: false, state }, isVague);
    },
    /** What had gone back comes again. */
    fail: (of: Transaction): void => {
      const isFinal = of.payment.provider !== 'stripe';
      const refund = of.refunds.find(isDone);
      if (isFinal || !refund) return;
      refund.state = 'failed';
      tellRefund(of, refund);
    },
    /** The next thing that a bank does, if there is one: it asks, takes, decides, or gives back. */
    dispute: (of: Transaction, wanted: 'open' | 'withdraw' | 'reinstate' | 'lost' | 'won'): void => {
      of.dispute ??= { state: 'open', movements: [] };
      const { dispute } = of;
      const withdrawn = withdrawnOf(of);
      if (wanted === 'withdraw' && withdrawn === 0 && heldOf(of) > 0) move(of, -heldOf(of));
      if (wanted === 'reinstate' && withdrawn > 0) move(of, withdrawn);
      if (wanted === 'lost' && dispute.state === 'open') dispute.state = 'lost';
      if (wanted === 'won') dispute.state = 'won';
      tellDispute(of);
    },
    /** What is decided here of what was asked for: its answer was believed, and not one that could not be yet. */
    heard: (decided: readonly Pick<Refund, 'refund_no' | 'status'>[]): void => {
      for (const { refund_no, status } of decided) {
        const refund = transactions
          .flatMap(({ refunds }) => refunds)
          .find((one) => one.isOurs && one.refund_no === refund_no);
        if (status === 'succeeded') refund?.told.add('refund_succeeded');
        if (status === 'failed') refund?.told.add('refund_failed');
      }
    },
    /** @throws Error when the answer is lost, or the request was */
    refund: (request: RefundRequest, wanted: AnswerToRefund): RefundAnswer => {
      const of = transactions.find(({ id }) => id === request.transaction_id);
      if (!of) throw new Error('a refund is asked for of money that never came');
      if (wanted === 'never came') throw new Error('the request was lost');
      const known = of.refunds.find(({ refund_no }) => refund_no === request.refund_no);
      if (!known && (wanted === 'refused' || heldOf(of) < request.amount)) {
        return { state: 'failed', refund_id: null };
      }
      const isOurs = wanted !== 'refused, yet done';
      const refund = known ?? sendBack(of, { refund_no: request.refund_no, amount: request.amount, isOurs });
      if (!refund.isOurs) return { state: 'failed', refund_id: null };
      if (wanted === 'lost') throw new Error('the answer was lost');
      if (wanted === 'open') return { state: 'open' };
      const refund_id = of.payment.provider === 'alipay' ? null : refund.id;
      return { state: isDone(refund) ? 'succeeded' : 'failed', refund_id };
    },
  };
}
