import type { Provider } from '../../../../lib/orders/kinds.ts';
import { stepsOf, type TroubleName, type TroubleStep } from '../../trouble-steps.ts';
import type { OrderRow } from '../rows.ts';
import { changeAmount } from './create-order.ts';
import type { TextKey } from './dictionary.ts';
import { type Answer, type Outcome, type Payment, simulate } from './server.ts';
import type { TroubleNeeds } from './trouble-lock.ts';

export interface Trouble extends TroubleNeeds {
  readonly name: TextKey;
  readonly promise: TextKey;
  /** Of which providers; all when left out. */
  readonly providers?: readonly Provider[];
  /** Of a shop's orders alone: a tenant's is never changed. */
  readonly isOfShops?: boolean;
  readonly make: (payment: Payment, order: OrderRow, user_id: string) => Promise<Answer<Outcome | null>>;
}

/** One request after another, until one is not taken. */
async function make(steps: readonly TroubleStep[]): Promise<Answer<Outcome | null>> {
  let answer: Answer<Outcome | null> = { status: 200, body: null };
  for (const { path, body } of steps) {
    answer = await simulate(path, body);
    if (answer.status !== 200) break;
  }
  return answer;
}

const by =
  (name: TroubleName): Trouble['make'] =>
  (payment) =>
    make(stepsOf(name, payment));

/** What can go wrong with a callback, and can be made to. */
export const troubles: readonly Trouble[] = [
  { name: 'twice', promise: 'twice_promise', needsPending: false, make: by('twice') },
  { name: 'hundred', promise: 'hundred_promise', needsPending: false, make: by('hundred') },
  { name: 'late', promise: 'late_promise', needsPending: true, make: by('late') },
  { name: 'out_of_order', promise: 'out_of_order_promise', needsPending: false, make: by('out-of-order') },
  { name: 'closed_first', promise: 'closed_first_promise', needsPending: true, make: by('closed-first') },
  { name: 'pay_twice', promise: 'pay_twice_promise', needsPending: true, make: by('paid-twice') },
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
    make: by('changed-amount'),
  },
  {
    name: 'wrong_merchant',
    promise: 'wrong_merchant_promise',
    needsPending: true,
    make: by('wrong-merchant'),
  },
  {
    name: 'broken_signature',
    promise: 'broken_signature_promise',
    needsPending: false,
    make: by('broken-signature'),
  },
  {
    name: 'probe_signature',
    promise: 'probe_signature_promise',
    needsPending: false,
    providers: ['wechat'],
    make: by('probe-signature'),
  },
  { name: 'drop_answer', promise: 'drop_answer_promise', needsPending: false, make: by('drop-answer') },
  {
    name: 'console_refund',
    promise: 'console_refund_promise',
    needsPending: false,
    needsPaid: true,
    make: by('console-refund'),
  },
  {
    name: 'console_refund_part',
    promise: 'console_refund_part_promise',
    needsPending: false,
    needsPaid: true,
    make: by('console-refund-part'),
  },
  {
    name: 'console_refund_untold',
    promise: 'console_refund_untold_promise',
    needsPending: false,
    needsPaid: true,
    make: by('console-refund-untold'),
  },
  {
    name: 'dispute',
    promise: 'dispute_promise',
    needsPending: false,
    needsPaid: true,
    providers: ['stripe'],
    make: by('dispute'),
  },
  {
    name: 'dispute_won',
    promise: 'dispute_won_promise',
    needsPending: false,
    needsPaid: true,
    providers: ['stripe'],
    make: by('dispute-won'),
  },
  {
    name: 'dispute_lost',
    promise: 'dispute_lost_promise',
    needsPending: false,
    needsPaid: true,
    providers: ['stripe'],
    make: by('dispute-lost'),
  },
];

/** The order's amount changes, which closes its payment; whose money comes all the same. */
async function payChanged(
  { provider, payment_no }: Payment,
  order: OrderRow,
  user_id: string,
): Promise<Answer<Outcome | null>> {
  const { status, body } = await changeAmount(order, user_id);
  if (status !== 200) return { status, body: body && { error: body.message ?? '' } };
  return simulate(`/payments/${provider}/${payment_no}/pay`, { late: true });
}
