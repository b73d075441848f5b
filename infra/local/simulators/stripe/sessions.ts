import { endpointPath } from '../../../endpoints.ts';
import { type Answer, type Call, json, type Route } from '../http.ts';
import type { Payments } from '../payments.ts';
import { randomText } from '../random.ts';
import { missing, StripeError } from './error.ts';
import { idempotent } from './idempotency.ts';
import { listAnswer } from './list.ts';
import { parseSessionParameters } from './parameters.ts';
import { paymentIntent, type StripePayment, session } from './payment.ts';

interface Parts {
  readonly payments: Payments<StripePayment>;
  readonly livemode: boolean;
  readonly consoleUrl: string;
  readonly publicUrl: string;
  readonly now: () => number;
}

/** Checkout Sessions (creation, retrieval, list, expiry) and their payment intents. */
export function sessionRoutes({ payments, livemode, consoleUrl, publicUrl, now }: Parts): Route[] {
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
      id,
      payment_no: client_reference_id,
      currency: currency.toUpperCase(),
      state: 'open',
      notify_url: `${publicUrl}${endpointPath('stripe-callback')}`,
      pay_url: `${consoleUrl}/stripe/pay/${id}`,
      prepay_id: null,
      transaction_id: null,
      created_at: new Date(now()).toISOString(),
      expires_at: new Date(expires_at * 1000).toISOString(),
      paid_at: null,
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
      .reverse()
      .map((payment) => session(payment, livemode));
    return listAnswer('/v1/checkout/sessions', sessions, query);
  }

  function retrieveIntent(_call: Call, id = ''): Answer {
    const payment = payments.list().find(({ transaction_id }) => transaction_id === id);
    if (!payment) throw missing('payment_intent', id, 'intent');
    return json(200, paymentIntent(payment, livemode));
  }

  return [
    ['POST', /^\/v1\/checkout\/sessions$/, idempotent(create)],
    ['GET', /^\/v1\/checkout\/sessions$/, list],
    ['GET', /^\/v1\/checkout\/sessions\/(\w+)$/, (_call, id = '') => show(knownSession(payments, id))],
    ['POST', /^\/v1\/checkout\/sessions\/(\w+)\/expire$/, expire],
    ['GET', /^\/v1\/payment_intents\/(\w+)$/, retrieveIntent],
  ];
}

/** @throws StripeError */
export function knownSession(payments: Payments<StripePayment>, id: string): StripePayment {
  const payment = payments.get(id);
  if (payment) return payment;
  throw missing('checkout.session', id, 'session');
}
