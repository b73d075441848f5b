import { isOneOf, type Provider, payableStatuses } from '../../../../lib/orders/kinds.ts';
import type { OrderRow } from '../rows.ts';
import { changeAmount } from './create-order.ts';
import type { TextKey } from './dictionary.ts';
import { type Answer, type Outcome, type Payment, simulate } from './server.ts';

export interface Trouble {
  readonly name: TextKey;
  readonly promise: TextKey;
  /** Makes sense only while the order is not paid. */
  readonly needsPending: boolean;
  /** Makes sense only once the payer has paid. */
  readonly needsPaid?: boolean;
  /** Of which providers; all when left out. */
  readonly providers?: readonly Provider[];
  /** Of a shop's orders alone: a tenant's is never changed. */
  readonly isOfShops?: boolean;
  readonly make: (payment: Payment, order: OrderRow, user_id: string) => Promise<Answer<Outcome | null>>;
}

const pay = ({ provider, payment_no }: Payment, options: object) =>
  simulate(`/payments/${provider}/${payment_no}/pay`, options);

/** What can go wrong with a callback, and can be made to. */
export const troubles: readonly Trouble[] = [
  {
    name: 'twice',
    promise: 'twice_promise',
    needsPending: false,
    make: (payment) => pay(payment, { times: 2 }),
  },
  {
    name: 'hundred',
    promise: 'hundred_promise',
    needsPending: false,
    make: (payment) => pay(payment, { times: 100, concurrency: 100 }),
  },
  {
    name: 'late',
    promise: 'late_promise',
    needsPending: true,
    make: (payment) => pay(payment, { delay_ms: 3_000 }),
  },
  {
    name: 'out_of_order',
    promise: 'out_of_order_promise',
    needsPending: false,
    // Alipay never tells of a failure: there the older news is that the trade was closed.
    make: (payment) =>
      pay(payment, { messages: ['paid', payment.provider === 'alipay' ? 'closed' : 'failed'] }),
  },
  { name: 'closed_first', promise: 'closed_first_promise', needsPending: true, make: payAfterClose },
  { name: 'pay_twice', promise: 'pay_twice_promise', needsPending: true, make: payTwice },
  {
    name: 'pay_changed',
    promise: 'pay_changed_promise',
    needsPending: true,
    isOfShops: true,
    make: payChanged,
  },
  {
    name: 'changed_amount',
    promise: 'changed_amount_promise',
    needsPending: true,
    make: (payment) => pay(payment, { alter: { amount: payment.amount + 1 } }),
  },
  {
    name: 'wrong_merchant',
    promise: 'wrong_merchant_promise',
    needsPending: true,
    make: (payment) => pay(payment, { alter: { merchant: true } }),
  },
  {
    name: 'broken_signature',
    promise: 'broken_signature_promise',
    needsPending: false,
    make: (payment) => pay(payment, { forge: 'signature' }),
  },
  {
    name: 'probe_signature',
    promise: 'probe_signature_promise',
    needsPending: false,
    providers: ['wechat'],
    make: (payment) => pay(payment, { forge: 'probe' }),
  },
  {
    name: 'drop_answer',
    promise: 'drop_answer_promise',
    needsPending: false,
    make: (payment) => pay(payment, { drop_answer: true }),
  },
  {
    name: 'console_refund',
    promise: 'console_refund_promise',
    needsPending: false,
    needsPaid: true,
    make: (payment) => refundByConsole(payment, {}),
  },
  {
    name: 'console_refund_part',
    promise: 'console_refund_part_promise',
    needsPending: false,
    needsPaid: true,
    make: (payment) => refundByConsole(payment, { amount: Math.ceil(payment.amount / 4) }),
  },
  {
    name: 'console_refund_untold',
    promise: 'console_refund_untold_promise',
    needsPending: false,
    needsPaid: true,
    make: (payment) => refundByConsole(payment, { deliver: false }),
  },
  {
    name: 'dispute',
    promise: 'dispute_promise',
    needsPending: false,
    needsPaid: true,
    providers: ['stripe'],
    make: (payment) => disputeInTurn(payment, ['open', 'withdraw']),
  },
  {
    name: 'dispute_won',
    promise: 'dispute_won_promise',
    needsPending: false,
    needsPaid: true,
    providers: ['stripe'],
    make: (payment) => disputeInTurn(payment, ['win', 'reinstate']),
  },
  {
    name: 'dispute_lost',
    promise: 'dispute_lost_promise',
    needsPending: false,
    needsPaid: true,
    providers: ['stripe'],
    make: (payment) => disputeInTurn(payment, ['lose']),
  },
];

/** As the operator does it in the provider's console. */
const refundByConsole = ({ provider, payment_no }: Payment, options: object) =>
  simulate(`/payments/${provider}/${payment_no}/refund`, options);

/** What the payer's bank does, one after another. */
async function disputeInTurn(
  { provider, payment_no }: Payment,
  actions: readonly string[],
): Promise<Answer<Outcome | null>> {
  let answer: Answer<Outcome | null> = { status: 200, body: null };
  for (const action of actions) {
    answer = await simulate(`/disputes/${provider}/${payment_no}/${action}`);
    if (answer.status !== 200) break;
  }
  return answer;
}

/** A further transaction under the number that the first one paid. */
async function payTwice(payment: Payment): Promise<Answer<Outcome | null>> {
  const first = await pay(payment, {});
  return first.status === 200 ? pay(payment, { alter: { transaction: true } }) : first;
}

/** The order's amount changes, which closes its payment; whose money comes all the same. */
async function payChanged(
  payment: Payment,
  order: OrderRow,
  user_id: string,
): Promise<Answer<Outcome | null>> {
  const { status, body } = await changeAmount(order, user_id);
  if (status !== 200) return { status, body: body && { error: body.message ?? '' } };
  return pay(payment, { late: true });
}

/** WeChat Pay sends no message about a close, so that a flat body tells of it there. */
async function payAfterClose(payment: Payment): Promise<Answer<Outcome | null>> {
  if (payment.provider !== 'wechat') return pay(payment, { messages: ['closed', 'paid'] });
  const closed = await simulate('/flat/wechat', { order_no: payment.payment_no, status: 'CLOSED' });
  return closed.status === 200 ? pay(payment, {}) : closed;
}

export const isPayable = ({ status }: OrderRow): boolean => isOneOf(payableStatuses, status);
