import * as z from 'zod/mini';
import type { Courier, Delivery } from './delivery.ts';
import { type Answer, json } from './http.ts';
import { type Discount, NO_DISCOUNT, type Payment, type PaymentState } from './payments.ts';
import type { MerchantSimulator } from './provider-simulator.ts';

export type PaymentAction = 'pay' | 'fail' | 'close';

const copies = z.int().check(z.minimum(1), z.maximum(10_000));
const delay = z._default(z.int().check(z.minimum(0), z.maximum(3_600_000)), 0);

/** How a payment's message is sent. The amount is in smallest units; copies go one after another by default. */
export const paymentOptions = z.strictObject({
  times: z._default(copies, 1),
  concurrency: z._default(copies, 1),
  alter: z._default(
    z.strictObject({
      amount: z.optional(z.int().check(z.nonnegative())),
      merchant: z._default(z.boolean(), false),
      /** Names a further transaction under the same number. */
      transaction: z._default(z.boolean(), false),
    }),
    { merchant: false, transaction: false },
  ),
  forge: z.optional(z.enum(['signature', 'probe'])),
  deliver: z._default(z.boolean(), true),
  /** Messages of other states, one after another, in place of the one about the state that the payment comes to. */
  messages: z.optional(z.array(z.enum(['paid', 'failed', 'closed'])).check(z.minLength(1), z.maxLength(10))),
  /** Coupons that it is paid with, in smallest units: the merchant's own, and those that the provider pays for. */
  discount: z.optional(
    z.strictObject({
      merchant: z._default(z.int().check(z.nonnegative()), 0),
      provider: z._default(z.int().check(z.nonnegative()), 0),
    }),
  ),
  /** The payer's money comes although the payment was closed. */
  late: z._default(z.boolean(), false),
  /** The payer acts only after so many milliseconds. */
  wait_ms: delay,
  /** The message is under way for so long. */
  delay_ms: delay,
  /** What the first attempt is answered gets lost. */
  drop_answer: z._default(z.boolean(), false),
});

type PaymentOptions = z.infer<typeof paymentOptions>;

const STATE_AFTER = { pay: 'paid', fail: 'failed', close: 'closed' } as const satisfies Record<
  PaymentAction,
  PaymentState
>;

/** What can still become of a payment; what it already is can be told again. */
const POSSIBLE: Readonly<Record<PaymentState, readonly PaymentState[]>> = {
  open: ['paid', 'failed', 'closed'],
  failed: ['paid', 'failed', 'closed'],
  paid: ['paid'],
  closed: ['closed'],
};

interface Parts {
  readonly simulator: MerchantSimulator;
  readonly courier: Courier;
  readonly now: () => number;
}

/**
 * Brings a payment to its next state and tells the API; 202 for what comes later. It is named by the merchant's number,
 * or as the provider does.
 */
export async function actOnPayment(
  parts: Parts,
  name: string,
  action: PaymentAction,
  options: PaymentOptions,
): Promise<Answer> {
  const { simulator, courier } = parts;
  const payment = simulator.payments.find(name) ?? simulator.payments.get(name);
  if (!payment) return unknownPayment('the provider', name);
  if (!options.forge && !canCome(payment, STATE_AFTER[action], options)) {
    return json(409, { error: `the payment is ${payment.state}` });
  }
  const { wait_ms, delay_ms, discount } = options;
  if (discount && !simulator.discounts) return json(409, { error: 'this provider tells of no discount' });
  if (discount && discount.merchant + discount.provider > payment.amount) {
    return json(409, { error: 'the discount is more than the payment' });
  }
  if (wait_ms > 0) {
    courier.later(wait_ms, () => actOnPayment(parts, name, action, { ...options, wait_ms: 0 }));
    return json(202, { payment, deliveries: [] });
  }
  const claimed = come(parts, payment, STATE_AFTER[action], discount);
  const stored = options.forge || claimed.state === payment.state ? payment : simulator.payments.put(claimed);
  if (delay_ms > 0) {
    courier.later(delay_ms, () => tell(parts, claimed, options));
    return json(202, { payment: stored, deliveries: [] });
  }
  const deliveries = await tell(parts, claimed, options);
  return json(200, {
    payment: stored,
    deliveries: deliveries.map(({ status, answer }) => ({ status, body: answer })),
  });
}

const canCome = ({ state }: Payment, next: PaymentState, { late }: PaymentOptions): boolean =>
  POSSIBLE[state].includes(next) || (late && state === 'closed' && next === 'paid');

export const unknownPayment = (provider: string, payment_no: string): Answer =>
  json(404, { error: `${provider} knows no payment ${payment_no}` });

/** The payment in a new state; one that was tried has a transaction. */
function come(
  { simulator, now }: Parts,
  payment: Payment,
  state: PaymentState,
  discount: Discount = NO_DISCOUNT,
): Payment {
  if (state === payment.state || state === 'closed' || state === 'open') return { ...payment, state };
  return {
    ...payment,
    state,
    transaction_id: payment.transaction_id ?? simulator.newTransactionId(),
    paid_at: state === 'paid' ? new Date(now()).toISOString() : null,
    discount: state === 'paid' ? discount : NO_DISCOUNT,
  };
}

/** What the payer paid once more under the same number: the provider holds both, and gives back either. */
function furtherTransaction(simulator: MerchantSimulator, payment: Payment): Payment {
  const transaction_id = simulator.newTransactionId();
  return { ...payment, id: transaction_id, transaction_id, further_of: payment.id };
}

/** Sends the messages in turn, each with its copies. */
async function tell(
  { simulator, courier }: Parts,
  payment: Payment,
  options: PaymentOptions,
): Promise<Delivery[]> {
  const { alter, forge, deliver, times, concurrency, drop_answer, messages = [payment.state] } = options;
  const deliveries: Delivery[] = [];
  for (const state of messages) {
    const paid = alter.transaction ? furtherTransaction(simulator, payment) : payment;
    if (paid.further_of !== undefined && !forge) simulator.payments.put(paid);
    const told = { ...paid, state, amount: alter.amount ?? payment.amount };
    const delivered = await courier.deliver({
      provider: payment.provider,
      payment_no: payment.payment_no,
      url: payment.notify_url,
      message: () =>
        deliver
          ? simulator.message(state === 'paid' ? told : { ...told, paid_at: null }, {
              forge,
              otherMerchant: alter.merchant,
            })
          : null,
      acknowledged: simulator.acknowledged,
      retryAfterSeconds: forge ? [] : simulator.retryAfterSeconds,
      times,
      concurrency,
      dropAnswer: drop_answer,
    });
    deliveries.push(...delivered);
  }
  return deliveries;
}
