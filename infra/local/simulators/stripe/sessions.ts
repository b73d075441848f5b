import type { KeptMap } from '../../kept-state.ts';
import { type Answer, type Call, json, type Route } from '../http.ts';
import { NO_DISCOUNT, type Payments } from '../payments.ts';
import { randomText } from '../random.ts';
import type { Refunds } from '../refunds.ts';
import type { createDisputes } from './dispute.ts';
import { missing, StripeError } from './error.ts';
import { type Answered, idempotent } from './idempotency.ts';
import { isExpanded, listAnswer } from './list.ts';
import { parseSessionParameters } from './parameters.ts';
import { chargeId, paymentIntent, type StripePayment, session } from './payment.ts';
import { chargeObject, type StripeRefund } from './refund.ts';

interface Parts {
  /** Requests that came with a key. */
  readonly answered: KeptMap<Answered>;
  readonly payments: Payments<StripePayment>;
  readonly refunds: Refunds<StripeRefund>;
  readonly disputes: Pick<ReturnType<typeof createDisputes>, 'of'>;
  readonly merchant: string;
  readonly livemode: boolean;
  readonly consoleUrl: string;
  /** The account's webhook endpoint. */
  readonly callbackUrl: string;
  readonly now: () => number;
}

/** Checkout Sessions (creation, retrieval, list, expiry) and their payment intents. */
export function sessionRoutes({
  answered,
  payments,
  refunds,
  disputes,
  merchant,
  livemode,
  consoleUrl,
  callbackUrl,
  now,
}: Parts): Route[] {
  const show = (payment: StripePayment) => json(200, session(payment, livemode));

  function create(call: Call): Answer {
    const { client_reference_id, currency, expires_at, ...rest } = parseSessionParameters(
      new URLSearchParams(call.body.toString()),
      Math.floor(now() / 1000),
    );
    const id = `cs_${livemode ? 'live' : 'test'}_${randomText(58)}`;
    const version = call.headers['stripe-version'];
    const payment: StripePayment = {
      ...rest,
      provider: 'stripe',
      merchant,
      id,
      payment_no: client_reference_id,
      currency: currency.toUpperCase(),
      state: 'open',
      notify_url: callbackUrl,
      pay_url: `${consoleUrl}/stripe/pay/${id}`,
      prepay_id: null,
      transaction_id: null,
      created_at: new Date(now()).toISOString(),
      expires_at: new Date(expires_at * 1000).toISOString(),
      paid_at: null,
      discount: NO_DISCOUNT,
      api_version: typeof version === 'string' ? version : null,
    };
    return show(payments.put(payment));
  }

  function expire(_call: Call, id = ''): Answer {
    const payment = knownSession(payments, id);
    if (payment.state === 'open') return show(payments.put({ ...payment, state: 'closed' }));
    throw new StripeError(400, 'Only Checkout Sessions with a status in ["open"] can be expired.');
  }

  function list({ query }: Call): Answer {
    const sessions = payments
      .list()
      .filter(({ further_of }) => further_of === undefined)
      .reverse()
      .map((payment) => session(payment, livemode));
    return listAnswer('/v1/checkout/sessions', sessions, query);
  }

  const charge = (payment: StripePayment) =>
    payment.state === 'paid'
      ? chargeObject(payment, refunds.of(payment), livemode, disputes.of(payment) !== undefined)
      : null;

  function retrieve({ query }: Call, id = ''): Answer {
    const payment = knownSession(payments, id);
    const shown = session(payment, livemode);
    const isWhole = isExpanded(query, 'payment_intent') && payment.transaction_id !== null;
    return json(
      200,
      isWhole ? { ...shown, payment_intent: intent(payment, query, 'payment_intent.') } : shown,
    );
  }

  function intent(payment: StripePayment, query: URLSearchParams, path = '') {
    const made = charge(payment);
    const isWhole = isExpanded(query, `${path}latest_charge`);
    return paymentIntent(payment, livemode, isWhole ? made : (made?.id ?? null));
  }

  function retrieveIntent({ query }: Call, id = ''): Answer {
    const payment = payments.list().find(({ transaction_id }) => transaction_id === id);
    if (!payment) throw missing('payment_intent', id, 'intent');
    return json(200, intent(payment, query));
  }

  function retrieveCharge(_call: Call, id = ''): Answer {
    const found = payments.list().find(({ transaction_id }) => chargeId(transaction_id ?? '') === id);
    const made = found && charge(found);
    if (!made) throw missing('charge', id, 'id');
    return json(200, made);
  }

  return [
    ['POST', /^\/v1\/checkout\/sessions$/, idempotent(answered, create)],
    ['GET', /^\/v1\/checkout\/sessions$/, list],
    ['GET', /^\/v1\/checkout\/sessions\/(\w+)$/, retrieve],
    ['POST', /^\/v1\/checkout\/sessions\/(\w+)\/expire$/, expire],
    ['GET', /^\/v1\/payment_intents\/(\w+)$/, retrieveIntent],
    ['GET', /^\/v1\/charges\/(\w+)$/, retrieveCharge],
  ];
}

/** @throws StripeError */
function knownSession(payments: Payments<StripePayment>, id: string): StripePayment {
  const payment = payments.get(id);
  if (payment) return payment;
  throw missing('checkout.session', id, 'session');
}
