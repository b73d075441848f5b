import * as z from 'zod/mini';
import type { Courier, Delivery } from './delivery.ts';
import { type Answer, json } from './http.ts';
import { paymentOptions, unknownPayment } from './payment-actions.ts';
import type { MerchantSimulator } from './provider-simulator.ts';
import { type Refund, type RefundState, returnedOf } from './refunds.ts';

export type RefundAction = 'succeed' | 'fail' | 'refuse';

/** How what is said about a refund is sent; each as for a payment. */
export const refundOptions = z.pick(paymentOptions, {
  times: true,
  concurrency: true,
  alter: true,
  forge: true,
  deliver: true,
  drop_answer: true,
});

/** All that is left of the payment where no amount is given; in smallest units. */
export const consoleRefundOptions = z.extend(refundOptions, {
  amount: z.optional(z.int().check(z.positive())),
});

type RefundOptions = z.infer<typeof refundOptions>;

const PLAIN: RefundOptions = refundOptions.parse({});
const STATE_AFTER = { succeed: 'succeeded', fail: 'failed', refuse: 'abnormal' } as const satisfies Record<
  RefundAction,
  RefundState
>;

/** WeChat Pay takes minutes and a bank days. */
const DECIDED_AFTER_MS = 500;

export interface RefundParts {
  readonly simulator: MerchantSimulator;
  readonly courier: Courier;
  readonly now: () => number;
}

/** Takes a new refund, says so where the provider does, and lets it succeed after a while if nobody decides before. */
export function openRefund<T extends Refund>(parts: RefundParts, refund: T): T {
  const { simulator, courier } = parts;
  simulator.refunds.put(refund);
  courier.later(0, () => tell(parts, refund, PLAIN));
  succeedByItself(parts, refund);
  return refund;
}

/** A refund that waited for the merchant is on its way again. */
export function reopenRefund<T extends Refund>(parts: RefundParts, refund: T): T {
  const reopened: T = { ...refund, state: 'pending', decided_at: null };
  parts.simulator.refunds.put(reopened);
  succeedByItself(parts, reopened);
  return reopened;
}

function succeedByItself(parts: RefundParts, { id, state }: Refund): void {
  const { simulator, courier } = parts;
  if (state !== 'pending' || !simulator.refunds.isAutomatic()) return;
  courier.later(DECIDED_AFTER_MS, async () => {
    const current = simulator.refunds.get(id);
    if (current?.state === 'pending') await decide(parts, current, 'succeeded', PLAIN);
  });
}

/** The merchant's operator returns a payment in the provider's console, where this system is not asked. */
export async function refundByConsole(
  parts: RefundParts,
  payment_no: string,
  { amount, ...options }: z.infer<typeof consoleRefundOptions>,
): Promise<Answer> {
  const { simulator } = parts;
  const payment = simulator.payments.find(payment_no);
  if (!payment) return unknownPayment('the provider', payment_no);
  const left = payment.state === 'paid' ? payment.amount - returnedOf(simulator.refunds.of(payment)) : 0;
  const returned = amount ?? left;
  if (left === 0 || returned > left) return json(409, { error: `${left} of the payment can be returned` });
  const refund = simulator.refunds.put(simulator.consoleRefund(payment, returned));
  const deliveries = await tell(parts, refund, options);
  if (refund.state === 'pending') deliveries.push(...(await decide(parts, refund, 'succeeded', options)));
  return json(200, {
    refund: simulator.refunds.get(refund.id),
    deliveries: deliveries.map(({ status, answer }) => ({ status, body: answer })),
  });
}

/** Decides on a refund as its provider would, and tells the merchant. What it already came to can be told again. */
export async function actOnRefund(
  parts: RefundParts,
  refund_no: string,
  action: RefundAction,
  options: RefundOptions,
): Promise<Answer> {
  const { simulator } = parts;
  const refund = simulator.refunds.find(refund_no) ?? simulator.refunds.get(refund_no);
  if (!refund) return json(404, { error: `the provider knows no refund ${refund_no}` });
  if (!options.forge && !canCome(simulator, refund, STATE_AFTER[action])) {
    return json(409, { error: `the refund has ${refund.state}` });
  }
  const deliveries = await decide(parts, refund, STATE_AFTER[action], options);
  return json(200, {
    refund: simulator.refunds.get(refund.id),
    deliveries: deliveries.map(({ status, answer }) => ({ status, body: answer })),
  });
}

const canCome = ({ refundSteps }: MerchantSimulator, { state }: Refund, next: RefundState): boolean =>
  state === next || refundSteps[state].includes(next);

function decide(
  parts: RefundParts,
  refund: Refund,
  state: RefundState,
  options: RefundOptions,
): Promise<Delivery[]> {
  if (refund.state === state) return tell(parts, refund, options);
  const decided_at = new Date(parts.now()).toISOString();
  const left_at = state === 'succeeded' ? decided_at : refund.left_at;
  const decided = { ...refund, state, decided_at, left_at };
  if (!options.forge) parts.simulator.refunds.put(decided);
  return tell(parts, decided, options);
}

/** Sends what the provider says of a refund in this state, one message after another. */
async function tell(
  { simulator, courier }: RefundParts,
  refund: Refund,
  { alter, forge, deliver, times, concurrency, drop_answer }: RefundOptions,
): Promise<Delivery[]> {
  const { notify_url: url, provider, payment_no } = refund;
  if (url === null || !deliver) return [];
  const told = { ...refund, amount: alter.amount ?? refund.amount };
  const messages = () => simulator.refundMessages(told, { forge, otherMerchant: alter.merchant });
  const deliveries: Delivery[] = [];
  for (const index of messages().keys()) {
    const delivered = await courier.deliver({
      provider,
      payment_no,
      url,
      message: () => messages()[index] ?? null,
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
