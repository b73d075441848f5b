import { createHmac } from 'node:crypto';
import type { Surroundings } from '../../surroundings.ts';
import { json, type Post, type Reply, type WireAnswer, type WireRequest } from '../../wire.ts';
import { newTransaction, type Transaction, type Word } from '../books.ts';
import { type Habits, tellAbout } from '../telling.ts';
import { createDisputes } from './disputes.ts';
import {
  describeCharge,
  describeIntent,
  describeSession,
  type Fields,
  type Intent,
  misstated,
  nested,
  page,
  Refusal,
  type Session,
  type StripeAccount,
  type StripeMisstated,
  stripeMerchantName,
  toSeconds,
  wholeNumber,
} from './forms.ts';
import { createRefunds } from './refunds.ts';

/** Stripe, from its API reference: Checkout Sessions, Payment Intents, Refunds and signed events. */

export const stripeHosts = ['api.stripe.com'];

export interface Stripe {
  readonly handle: (request: WireRequest) => WireAnswer;
  readonly sessionOf: (url: string) => Session | undefined;
  /** The payer pays by card, or in a way that is decided later. @returns why not */
  readonly pay: (session: Session, how: 'card' | 'later' | 'later_in_vain') => string | null;
  readonly sessions: () => Session[];
  readonly isPayable: (session: Session) => boolean;
  /** Somebody expires the session in the dashboard. */
  readonly closeEarly: (session: Session) => void;
  readonly misstate: (session: Session, field: StripeMisstated) => void;
  /** Genuine events that are about nothing of ours. */
  readonly chatter: (account: StripeAccount) => void;
  /** Somebody gives some of a payment back in the dashboard. */
  readonly giveBack: (transaction: Transaction, amount: number) => void;
  /** The payer's bank takes a payment back, or asks about it. */
  readonly dispute: (transaction: Transaction) => void;
}

/** The address that the account's events are sent to. */
const eventPathOf = ({ tenant_id }: StripeAccount) =>
  `/api/pay/callback/stripe${tenant_id === null ? '' : `/${tenant_id}`}`;

const retries = [60, 300, 1800, 7200, 18000, 36000, 43200, 43200, 43200];
const SHORTEST_EXPIRY_MS = 30 * 60_000;
const LONGEST_EXPIRY_MS = 24 * 3_600_000;
/** For so long the same key gets the same answer. */
const KEY_LIVES_MS = 24 * 3_600_000;
const zeroDecimal = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
/** docs.stripe.com/currencies: the least that can be charged. */
const minimum: Readonly<Record<string, number>> = { USD: 50, EUR: 50, GBP: 30, JPY: 50, HKD: 400, CNY: 400 };

export function createStripe(
  world: Surroundings,
  accounts: readonly StripeAccount[],
  habits: Habits,
): Stripe {
  const { clock, random, faults, books, marks, tell } = world;
  const sessions = new Map<string, Session>();
  const replies = new Map<
    string,
    { readonly body: string; readonly answer: WireAnswer; readonly at: number }
  >();
  /** What the account sells besides. */
  const strangers: Intent[] = [];
  const seconds = (time_ms = clock.now()) => toSeconds(time_ms);

  const refresh = (session: Session) => {
    if (session.status === 'open' && clock.now() >= session.expires_at) expire(session);
    return session;
  };
  const expire = (session: Session) => {
    session.status = 'expired';
    if (session.intent) session.intent.status = 'canceled';
    event(session.account, 'checkout.session.expired', describeSession(session));
  };
  const demandSession = (account: StripeAccount, id: string) => {
    const session = sessions.get(id);
    if (session?.account !== account)
      throw new Refusal(404, 'resource_missing', `No such checkout.session: '${id}'`);
    return refresh(session);
  };

  // Checkout Sessions ---------------------------------------------------------------------------------------------

  const createSession = (account: StripeAccount, form: Fields): object => {
    const currency = (form['line_items[0][price_data][currency]'] ?? '').toUpperCase();
    const unit = wholeNumber(form, 'line_items[0][price_data][unit_amount]');
    const amount = unit * wholeNumber(form, 'line_items[0][quantity]');
    if (!/^[A-Z]{3}$/.test(currency)) throw new Refusal(400, 'parameter_invalid', 'Invalid currency');
    if (form['mode'] !== 'payment') throw new Refusal(400, 'parameter_invalid', 'mode');
    if (!form['line_items[0][price_data][product_data][name]'])
      throw new Refusal(400, 'parameter_missing', 'name');
    if (!form['success_url']) throw new Refusal(400, 'parameter_missing', 'success_url');
    if ((form['client_reference_id'] ?? '').length > 200)
      throw new Refusal(400, 'parameter_invalid', 'client_reference_id');
    if (amount < (minimum[currency] ?? (zeroDecimal.has(currency) ? 50 : 50)))
      throw new Refusal(400, 'amount_too_small', 'The amount is below the minimum');
    if (amount > 99_999_999) throw new Refusal(400, 'amount_too_large', 'The amount is above the maximum');
    const expires_at =
      form['expires_at'] === undefined
        ? clock.now() + LONGEST_EXPIRY_MS
        : wholeNumber(form, 'expires_at') * 1_000;
    // Stripe is not to the second about its own clock.
    if (expires_at < clock.now() + SHORTEST_EXPIRY_MS - 1_000)
      throw new Refusal(400, 'parameter_invalid', 'expires_at must be at least 30 minutes from now');
    if (expires_at > clock.now() + LONGEST_EXPIRY_MS + 1_000)
      throw new Refusal(400, 'parameter_invalid', 'expires_at must be less than 24 hours from now');
    const metadata = nested(form, 'metadata');
    const session: Session = {
      account,
      id: `cs_${account.livemode ? 'live' : 'test'}_${random.text(40)}`,
      url: `https://checkout.stripe.com/c/pay/${random.text(40)}`,
      amount,
      currency,
      number: metadata['order_no'] ?? '',
      client_reference_id: form['client_reference_id'] ?? null,
      metadata,
      intentMetadata: nested(form, 'payment_intent_data[metadata]'),
      success_url: form['success_url'],
      created: clock.now(),
      expires_at,
      status: 'open',
      payment_status: 'unpaid',
      intent: null,
    };
    sessions.set(session.id, session);
    tell(`Stripe opens ${session.id.slice(0, 16)} for ${session.number}: ${amount} ${currency}`);
    return describeSession(session);
  };
  const expireSession = (account: StripeAccount, id: string): object => {
    const session = demandSession(account, id);
    if (session.status !== 'open')
      throw new Refusal(
        400,
        'resource_invalid',
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
      );
    tell(`Stripe expires the session of ${session.number}`);
    expire(session);
    return describeSession(session);
  };
  const listSessions = (account: StripeAccount, url: URL): object => {
    const created = {
      gte: url.searchParams.get('created[gte]'),
      lte: url.searchParams.get('created[lte]'),
      gt: url.searchParams.get('created[gt]'),
      lt: url.searchParams.get('created[lt]'),
    };
    const all = [...sessions.values()]
      .filter((session) => session.account === account)
      .map(refresh)
      .filter((session) => {
        const at = seconds(session.created);
        const intent = url.searchParams.get('payment_intent');
        const status = url.searchParams.get('status');
        return (
          (created.gte === null || at >= Number(created.gte)) &&
          (created.lte === null || at <= Number(created.lte)) &&
          (created.gt === null || at > Number(created.gt)) &&
          (created.lt === null || at < Number(created.lt)) &&
          (intent === null || session.intent?.id === intent) &&
          (status === null || session.status === status)
        );
      })
      .reverse();
    return page(url, '/v1/checkout/sessions', all, describeSession);
  };

  // Payment Intents and Refunds -----------------------------------------------------------------------------------

  /** By its own id, or by its charge's. */
  const demandPaid = (
    account: StripeAccount,
    name: string | undefined,
    kind: 'payment_intent' | 'charge',
  ) => {
    const field = kind === 'charge' ? 'charge' : 'id';
    const own = [...sessions.values()].find(
      (each) => each.account === account && each.intent?.[field] === name,
    )?.intent;
    const found = own ?? strangers.find((each) => each[field] === name);
    if (!found) throw new Refusal(404, 'resource_missing', `No such ${kind}: '${name}'`);
    return found;
  };

  // Idempotency and routes ----------------------------------------------------------------------------------------

  const route = (account: StripeAccount, { method, url, body }: WireRequest): object => {
    const form = Object.fromEntries(new URLSearchParams(body));
    const path = url.pathname;
    const note = (
      verb: 'create' | 'query' | 'close' | 'refund' | 'query_refund',
      number: string,
      work: () => object,
    ) => {
      const add = (status: number) =>
        books.asked.push({
          time: clock.now(),
          provider: 'stripe',
          merchant: stripeMerchantName(account),
          verb,
          number,
          status,
        });
      try {
        const value = work();
        add(200);
        return value;
      } catch (error) {
        add(error instanceof Refusal ? error.status : 500);
        if (error instanceof Refusal) tell(`Stripe refuses to ${verb} ${number}: ${error.code}`);
        throw error;
      }
    };
    const numberOf = (id: string) => sessions.get(id)?.number ?? id;
    if (path === '/v1/checkout/sessions') {
      if (method === 'POST')
        return note('create', form['metadata[order_no]'] ?? '', () => createSession(account, form));
      return note('query', '', () => listSessions(account, url));
    }
    const session = /^\/v1\/checkout\/sessions\/(\w+)(\/expire)?$/.exec(path);
    if (session?.[1]) {
      const id = session[1];
      if (method === 'POST' && session[2])
        return note('close', numberOf(id), () => expireSession(account, id));
      if (method === 'GET')
        return note('query', numberOf(id), () => overheard(demandSession(account, id), url));
    }
    const intent = /^\/v1\/payment_intents\/(\w+)$/.exec(path)?.[1];
    if (intent && method === 'GET')
      return note('query', intent, () => {
        marks.take('stripe_asked_for_intent');
        return describeIntent(account, demandPaid(account, intent, 'payment_intent'));
      });
    const charge = /^\/v1\/charges\/(\w+)$/.exec(path)?.[1];
    if (charge && method === 'GET')
      return note('query', charge, () => {
        marks.take('stripe_asked_for_charge');
        return describeCharge(account, demandPaid(account, charge, 'charge'));
      });
    const disputed = /^\/v1\/disputes\/(\w+)$/.exec(path)?.[1];
    if (disputed && method === 'GET')
      return note('query', disputed, () => disputes.describe(account, disputed));
    if (path === '/v1/refunds') {
      if (method === 'POST')
        return note('refund', form['metadata[refund_no]'] ?? '', () =>
          refunds.refund(account, demandPaid(account, form['payment_intent'], 'payment_intent'), form),
        );
      const of = url.searchParams.get('payment_intent');
      return note('query_refund', of ?? '', () => refunds.list(account, url));
    }
    const asked = /^\/v1\/refunds\/(\w+)$/.exec(path)?.[1];
    if (asked && method === 'GET')
      return note('query_refund', refunds.nameOf(asked), () => refunds.describe(asked));
    if (path === '/v1/account' && method === 'GET') return { id: account.account, object: 'account' };
    throw new Refusal(404, 'resource_missing', `Unrecognized request URL (${method}: ${path})`);
  };
  const overheard = (session: Session, url: URL) => {
    const other = faults.happens('provider_other_order')
      ? [...sessions.values()].find((each) => each !== session && each.account === session.account)
      : undefined;
    return describeSession(
      other ?? session,
      url.searchParams
        .getAll('expand[]')
        .concat(url.searchParams.getAll('expand[0]'))
        .some((path) => /^payment_intent(?:\.|$)/.test(path)),
    );
  };
  const answerOnce = (account: StripeAccount, request: WireRequest): WireAnswer => {
    try {
      return json(200, route(account, request), { 'request-id': `req_${random.text(14)}` });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message, param } = error;
      return json(
        status,
        { error: { code, message, param, type: 'invalid_request_error' } },
        { 'request-id': `req_${random.text(14)}` },
      );
    }
  };

  // Telling -------------------------------------------------------------------------------------------------------

  const event = (
    account: StripeAccount,
    type: string,
    object: object,
    says: readonly Word[] = [],
    how: Habits = habits,
    alter: (event: object) => object = (it) => it,
  ) => {
    const id = `evt_${random.text(24)}`;
    const created = seconds();
    const body = JSON.stringify(
      alter({
        id,
        object: 'event',
        api_version: '2026-01-28.clover',
        created,
        data: { object },
        livemode: account.livemode,
        pending_webhooks: 1,
        request: { id: null, idempotency_key: null },
        type,
      }),
      null,
      2,
    );
    const compose = (): Post => {
      const time = seconds();
      const v1 = createHmac('sha256', account.webhook_secret).update(`${time}.${body}`).digest('hex');
      const old = createHmac('sha256', 'whsec_of_another_time').update(`${time}.${body}`).digest('hex');
      const signature = random.chance(0.1) ? `t=${time},v1=${old},v1=${v1}` : `t=${time},v1=${v1}`;
      return {
        path: eventPathOf(account),
        headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
        body,
      };
    };
    tellAbout(world, how, { name: `Stripe ${type}`, compose, isAccepted, retries, says: () => says });
  };
  const refunds = createRefunds(world, habits, event);
  const disputes = createDisputes(world, event);

  const succeed = (session: Session, intent: Intent) => {
    intent.status = 'succeeded';
    session.payment_status = 'paid';
    const transaction = newTransaction({
      provider: 'stripe',
      merchant: stripeMerchantName(session.account),
      number: session.number,
      id: intent.id,
      amount: session.amount,
      currency: session.currency,
      taken_at: clock.now(),
      origin: 'ours',
    });
    // Of what was given back no session says anything.
    transaction.whole.isSent = true;
    intent.transaction = transaction;
    books.transactions.push(transaction);
    tell(`the payer pays ${session.number} at Stripe: ${session.amount} ${session.currency} by ${intent.id}`);
  };

  return {
    handle(request) {
      const account = accounts.find(
        ({ secret_key }) => request.headers.get('authorization') === `Bearer ${secret_key}`,
      );
      if (!account)
        return json(401, { error: { message: 'Invalid API Key provided', type: 'invalid_request_error' } });
      const key = request.headers.get('idempotency-key');
      if (request.method !== 'POST' || key === null) return answerOnce(account, request);
      const id = `${account.account} ${key}`;
      const text = `${request.url.pathname} ${request.body}`;
      const kept = replies.get(id);
      const known = kept && clock.now() - kept.at < KEY_LIVES_MS ? kept : undefined;
      if (known && known.body !== text)
        return json(400, {
          error: {
            type: 'idempotency_error',
            message:
              'Keys for idempotent requests can only be used with the same parameters they were first used with.',
          },
        });
      if (known) {
        marks.take('stripe_replays_answer');
        return { ...known.answer, headers: { ...known.answer.headers, 'idempotent-replayed': 'true' } };
      }
      // What fails inside Stripe is remembered under the key for a day as well.
      const fails = faults.happens('provider_server_error');
      const answer = fails
        ? json(500, { error: { type: 'api_error', message: 'An unknown error occurred' } })
        : answerOnce(account, request);
      // A request that is refused before it began to work is not remembered.
      if (answer.status === 200 || answer.status >= 500)
        replies.set(id, { body: text, answer, at: clock.now() });
      return answer;
    },
    sessionOf: (url) => [...sessions.values()].find((session) => session.url === url),
    pay(session, how) {
      refresh(session);
      if (session.status !== 'open') return session.status;
      const intent: Intent = {
        id: `pi_${random.text(24)}`,
        charge: `${how === 'card' ? 'ch' : 'py'}_${random.text(24)}`,
        amount: session.amount,
        currency: session.currency,
        metadata: session.intentMetadata,
        created: clock.now(),
        status: 'processing',
        transaction: null,
      };
      session.intent = intent;
      session.status = 'complete';
      if (how === 'card') {
        succeed(session, intent);
        event(session.account, 'checkout.session.completed', describeSession(session));
        return null;
      }
      marks.take('stripe_pays_later');
      tell(`the payer of ${session.number} pays at Stripe in a way that is decided later`);
      event(session.account, 'checkout.session.completed', describeSession(session));
      clock.after(random.pick([60_000, 7_200_000, 172_800_000]), () => {
        if (how === 'later') {
          succeed(session, intent);
          event(session.account, 'checkout.session.async_payment_succeeded', describeSession(session));
          return;
        }
        intent.status = 'requires_payment_method';
        marks.take('payment_fails');
        tell(`the payment of ${session.number} fails at Stripe`);
        event(session.account, 'checkout.session.async_payment_failed', describeSession(session));
      });
      return null;
    },
    sessions: () => [...sessions.values()],
    isPayable: (session) => refresh(session).status === 'open' || session.intent?.status === 'processing',
    closeEarly(session) {
      if (refresh(session).status !== 'open') return;
      marks.take('closed_early');
      tell(`the session of ${session.number} is expired in the dashboard`);
      expire(session);
    },
    misstate(session, field) {
      marks.take('message_misstated');
      tell(`Stripe misstates the ${field} of ${session.number}`);
      event(
        session.account,
        'checkout.session.completed',
        describeSession(session),
        [],
        { ...habits, forgets: 0 },
        (it) => misstated(it, field),
      );
    },
    chatter(account) {
      marks.take('stripe_chatter');
      event(account, 'customer.created', { id: `cus_${random.text(14)}`, object: 'customer' });
      event(account, 'checkout.session.completed', {
        id: `cs_test_${random.text(40)}`,
        object: 'checkout.session',
        amount_total: 100,
        currency: 'usd',
        client_reference_id: 'mall-1',
        livemode: account.livemode,
        metadata: {},
        mode: 'payment',
        payment_intent: `pi_${random.text(24)}`,
        payment_status: 'paid',
        status: 'complete',
      });
      const stranger: Intent = {
        id: `pi_${random.text(24)}`,
        charge: `ch_${random.text(24)}`,
        amount: 100,
        currency: 'USD',
        metadata: {},
        created: clock.now(),
        status: 'succeeded',
        transaction: null,
      };
      strangers.push(stranger);
      const refund = { id: `re_${random.text(24)}`, object: 'refund', amount: 100, currency: 'usd' };
      const of = { charge: stranger.charge, payment_intent: random.chance(0.5) ? stranger.id : null };
      event(account, 'refund.created', { ...refund, ...of, metadata: {}, status: 'succeeded' });
    },
    giveBack(transaction, amount) {
      const paid = paidWith(transaction);
      if (paid) refunds.giveBack(paid.account, paid.intent, amount);
    },
    dispute(transaction) {
      const paid = paidWith(transaction);
      if (paid) disputes.open(paid.account, paid.intent);
    },
  };
  function paidWith(transaction: Transaction) {
    const session = [...sessions.values()].find(({ intent }) => intent?.transaction === transaction);
    return session?.intent ? { account: session.account, intent: session.intent } : null;
  }
}

const isAccepted = (reply: Reply) => reply !== null && reply.status >= 200 && reply.status < 300;
