import type { OrderRow, Provider } from '../rows.ts';
import type { TextKey } from './dictionary.ts';
import { type Answer, type Outcome, type Payment, simulate } from './server.ts';

export interface Trouble {
  readonly name: TextKey;
  readonly promise: TextKey;
  /** Makes sense only while the order is not paid. */
  readonly needsPending: boolean;
  /** Of which providers; all when left out. */
  readonly providers?: readonly Provider[];
  readonly make: (payment: Payment) => Promise<Answer<Outcome | null>>;
}

const pay = ({ provider, order_no }: Payment, options: object) =>
  simulate(`/payments/${provider}/${order_no}/pay`, options);

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
  { name: 'to_closed', promise: 'to_closed_promise', needsPending: true, make: payAfterClose },
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
];

/** WeChat Pay sends no message about a close, so that a flat body closes the order there. */
async function payAfterClose(payment: Payment): Promise<Answer<Outcome | null>> {
  if (payment.provider !== 'wechat') return pay(payment, { messages: ['closed', 'paid'] });
  const closed = await simulate('/flat/wechat', { order_no: payment.order_no, status: 'CLOSED' });
  return closed.status === 200 ? pay(payment, {}) : closed;
}

export const isPayable = ({ status }: OrderRow): boolean => status === 'pending' || status === 'failed';
