import { endpointPath } from '../../../endpoints.ts';
import type { Counterparts } from '../../documents.ts';
import { cashierPage } from '../cashier-page.ts';
import { type Answer, type Call, html, json, router } from '../http.ts';
import { createPayments } from '../payments.ts';
import type { ProviderSimulator, SimulatorContext } from '../provider-simulator.ts';
import { randomText } from '../random.ts';
import { errorAnswer, StripeError } from './error.ts';
import { eventBody, signedMessage } from './event.ts';
import { idempotent } from './idempotency.ts';
import { listSessions } from './list.ts';
import { parseSessionParameters } from './parameters.ts';
import { type StripePayment, session } from './payment.ts';

/** Stripe Checkout Sessions (creation, retrieval, list, expiry), their payment page and their events. */
export function createStripe(
  document: NonNullable<Counterparts['stripe']>,
  { consoleUrl, publicUrl, now, recorder }: SimulatorContext,
): ProviderSimulator<StripePayment> {
  const payments = createPayments<StripePayment>(now, recorder);
  const livemode = document.secret_key.startsWith('sk_live_');
  const webhookSecret = document.webhook_secrets[0] ?? '';
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
      order_no: client_reference_id,
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

  function known(id: string): StripePayment {
    const payment = payments.get(id);
    if (payment) return payment;
    throw new StripeError(404, `No such checkout.session: ${id}`, {
      code: 'resource_missing',
      param: 'session',
    });
  }

  function expire(_call: Call, id = ''): Answer {
    const payment = known(id);
    if (payment.state === 'open') return show(payments.put({ ...payment, state: 'closed' }));
    throw new StripeError(400, 'Only Checkout Sessions with a status in ["open"] can be expired.');
  }

  function list(call: Call): Answer {
    const { data, has_more } = listSessions(payments.list().reverse(), call.query);
    const sessions = data.map((payment) => session(payment, livemode));
    return json(200, { object: 'list', url: '/v1/checkout/sessions', has_more, data: sessions });
  }

  function authorized(call: Call): Answer | Promise<Answer> {
    if (call.headers.authorization === `Bearer ${document.secret_key}`) return api(call);
    throw new StripeError(401, 'Invalid API Key provided.');
  }

  const api = router([
    ['POST', /^\/v1\/checkout\/sessions$/, idempotent(create)],
    ['GET', /^\/v1\/checkout\/sessions$/, list],
    ['GET', /^\/v1\/checkout\/sessions\/(\w+)$/, (_call, id = '') => show(known(id))],
    ['POST', /^\/v1\/checkout\/sessions\/(\w+)\/expire$/, expire],
  ]);

  const pages = router([
    ['GET', /^\/pay\/(\w+)$/, (_call, id = '') => paymentPage(known(id))],
    ['GET', /^\/(success|cancel)$/, (_call, page = '') => html(200, `<h1>Stripe: ${page}</h1>`)],
  ]);

  return {
    payments,
    handle(call) {
      try {
        return call.path.startsWith('/v1/') ? authorized(call) : pages(call);
      } catch (error) {
        if (error instanceof StripeError) return errorAnswer(error);
        throw error;
      }
    },
    newTransactionId: () => `pi_${randomText(24)}`,
    message(payment, { forge, otherMerchant = false } = {}) {
      const body = eventBody(payment, livemode !== otherMerchant, now());
      return body === null ? null : signedMessage(body, forge ? 'whsec_forged' : webhookSecret, now());
    },
    flatMessage: (fields) => signedMessage(JSON.stringify(fields), webhookSecret, now()),
    acknowledged: (status) => status >= 200 && status < 300,
    // Stripe promises three days with growing waits and no exact ones.
    retryAfterSeconds: [300, 1800, 7200, 18000, 36000, 36000, 43200, 43200, 43200],
  };
}

const paymentPage = ({ order_no, description, amount, currency }: StripePayment): Answer =>
  cashierPage('Stripe Checkout', order_no, [
    description,
    order_no,
    `${amount} ${currency} in smallest units`,
  ]);
