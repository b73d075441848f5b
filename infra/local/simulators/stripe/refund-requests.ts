import type { KeptMap } from '../../kept-state.ts';
import { type Answer, type Call, json, type Route } from '../http.ts';
import type { Payments } from '../payments.ts';
import { randomText } from '../random.ts';
import { type RefundRefusal, type Refunds, returnedOf } from '../refunds.ts';
import type { createDisputes } from './dispute.ts';
import { missing, StripeError } from './error.ts';
import { type Answered, idempotent } from './idempotency.ts';
import { listAnswer } from './list.ts';
import { parseRefundParameters } from './parameters.ts';
import type { StripePayment } from './payment.ts';
import { refundObject, type StripeRefund } from './refund.ts';

interface Parts {
  /** Requests that came with a key. */
  readonly answered: KeptMap<Answered>;
  readonly payments: Payments<StripePayment>;
  readonly refunds: Refunds<StripeRefund>;
  readonly disputes: Pick<ReturnType<typeof createDisputes>, 'of'>;
  readonly open: (refund: StripeRefund) => void;
  readonly now: () => number;
}

const PATH = '/v1/refunds';

/** Creation, retrieval and list of refunds (docs.stripe.com/api/refunds); each is pending at first. */
export function refundRoutes({ answered, payments, refunds, disputes, open, now }: Parts): Route[] {
  function create(call: Call): Answer {
    const { payment_intent, amount, reason, metadata } = parseRefundParameters(
      new URLSearchParams(call.body.toString()),
    );
    const payment = payments.list().find(({ transaction_id }) => transaction_id === payment_intent);
    if (!payment) throw missing('payment_intent', payment_intent, 'payment_intent');
    const refusal = refunds.refusal();
    if (refusal) throw REFUSALS[refusal]();
    const dispute = disputes.of(payment);
    if (dispute && dispute.status !== 'won') throw disputed();
    const left = refundableRest(payment);
    checkRefund(amount ?? left, left);
    const refund = newRefund(payment, { amount: amount ?? left, reason, metadata }, now());
    open(refund);
    return json(200, refundObject(refund));
  }

  /** @throws StripeError for a payment that was not made */
  function refundableRest(payment: StripePayment): number {
    if (payment.state === 'paid') return payment.amount - returnedOf(refunds.of(payment));
    const message = `This PaymentIntent (${payment.transaction_id}) does not have a successful charge to refund.`;
    throw new StripeError(400, message, { param: 'payment_intent' });
  }

  function list({ query }: Call): Answer {
    const wanted = query.get('payment_intent');
    const found = refunds
      .list()
      .filter(({ payment_intent }) => wanted === null || payment_intent === wanted)
      .reverse();
    return listAnswer(PATH, found.map(refundObject), query);
  }

  function retrieve(_call: Call, id = ''): Answer {
    const refund = refunds.get(id);
    if (!refund) throw missing('refund', id, 'id');
    return json(200, refundObject(refund));
  }

  return [
    ['POST', /^\/v1\/refunds$/, idempotent(answered, create)],
    ['GET', /^\/v1\/refunds$/, list],
    ['GET', /^\/v1\/refunds\/(\w+)$/, retrieve],
  ];
}

export const newRefund = (
  payment: StripePayment,
  { amount, reason, metadata }: Pick<StripeRefund, 'amount' | 'reason' | 'metadata'>,
  now: number,
): StripeRefund => ({
  provider: 'stripe',
  id: `re_${randomText(24)}`,
  refund_no: metadata['refund_no'] ?? '',
  payment_id: payment.id,
  payment_no: payment.payment_no,
  payment_intent: payment.transaction_id ?? '',
  amount,
  currency: payment.currency,
  reason,
  metadata,
  state: 'pending',
  notify_url: payment.notify_url,
  created_at: new Date(now).toISOString(),
  decided_at: null,
  left_at: null,
  by_console: false,
});

/** What passes. */
const REFUSALS: Readonly<Record<RefundRefusal, () => StripeError>> = {
  balance: () =>
    new StripeError(400, 'Insufficient funds in your Stripe balance to refund this amount.', {
      code: 'balance_insufficient',
    }),
  frequency: () => new StripeError(429, 'Too many requests', { code: 'rate_limit' }),
};

/** What the payer's bank has taken back, or may. */
const disputed = (): StripeError =>
  new StripeError(400, 'Charge has been charged back; cannot issue a refund.', { code: 'charge_disputed' });

/** @throws StripeError */
function checkRefund(amount: number, left: number): void {
  if (left === 0) {
    throw new StripeError(400, 'Charge has already been refunded.', { code: 'charge_already_refunded' });
  }
  if (amount > left) {
    const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`;
    throw new StripeError(400, message, { param: 'amount' });
  }
}
