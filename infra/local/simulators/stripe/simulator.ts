import type { StripeDocument } from '../../documents.ts';
import { type Handler, json, router } from '../http.ts';
import { cashierRoutes, type Visit } from '../payer/cashier.ts';
import { payerPage } from '../payer/page.ts';
import { createPayments } from '../payments.ts';
import type {
  Fees,
  MerchantSimulator,
  ProviderSimulator,
  RegisteredMerchant,
  SimulatorContext,
} from '../provider-simulator.ts';
import { randomText } from '../random.ts';
import { openRefund } from '../refund-actions.ts';
import { createRefunds } from '../refunds.ts';
import { balanceRoutes } from './balance.ts';
import { checkoutPath, createCheckoutCashier, shopPage } from './checkout-page.ts';
import { createDisputes } from './dispute.ts';
import { errorAnswer, StripeError } from './error.ts';
import { type EventContent, eventBody, sessionEvent, signedMessage } from './event.ts';
import type { StripePayment } from './payment.ts';
import { refundEvents, type StripeRefund } from './refund.ts';
import { newRefund, refundRoutes } from './refund-requests.ts';
import { sessionRoutes } from './sessions.ts';

/** As for cards of the account's own country; what a refunded payment has cost is kept (stripe.com/pricing). */
const fees: Fees = { payment: (amount) => Math.round((amount * 29) / 1000) + 30, refund: () => 0 };

/** Stripe, for all its accounts: whose request it is says its secret key. Its payment pages are for everybody. */
export function createStripe(
  registered: readonly RegisteredMerchant<StripeDocument>[],
  context: SimulatorContext,
): ProviderSimulator {
  const byKey = new Map(
    registered.map((one) => [`Bearer ${one.counterpart.secret_key}`, createAccount(one, context)]),
  );
  const accounts = [...byKey.values()];
  const serve: Handler = (call) => {
    const account = byKey.get(call.headers.authorization ?? '');
    if (account) return account.handle(call);
    throw new StripeError(401, 'Invalid API Key provided.');
  };
  const find = (id: string): Visit<StripePayment> | null => {
    for (const simulator of accounts) {
      const payment = simulator.payments.get(id);
      if (payment) return { simulator, payment };
    }
    return null;
  };
  const pages = router([
    ...cashierRoutes(checkoutPath, createCheckoutCashier(find, context.now), context),
    ['GET', /^\/(success|cancel)$/, (call, name = '') => payerPage(shopPage(name), call)],
  ]);
  return {
    merchants: accounts,
    handle(call) {
      try {
        return call.path.startsWith('/v1/') ? serve(call) : pages(call);
      } catch (error) {
        if (error instanceof StripeError) return errorAnswer(error);
        throw error;
      }
    },
  };
}

/** One account: its Checkout Sessions, refunds, disputes, balance and events, which go to its webhook endpoint. */
function createAccount(
  { counterpart: document, callbackUrl }: RegisteredMerchant<StripeDocument>,
  { consoleUrl, now, recorder, courier, state }: SimulatorContext,
): MerchantSimulator<StripePayment, StripeRefund> {
  const livemode = document.secret_key.startsWith('sk_live_');
  const merchant = `${document.account}.${livemode ? 'live' : 'test'}`;
  const kept = <T>(name: string) => state.map<T>(`stripe.${merchant} ${name}`);
  const payments = createPayments(kept<StripePayment>('payments'), now, recorder);
  const refunds = createRefunds(kept<StripeRefund>('refunds'));
  const webhookSecret = document.webhook_secrets[0] ?? '';
  const open = (refund: StripeRefund) => openRefund({ simulator, courier, now }, refund);
  const signed = (content: EventContent, mode: boolean, isForged: boolean) =>
    signedMessage(eventBody(content, mode, now()), isForged ? 'whsec_forged' : webhookSecret, now());
  const disputes = createDisputes({
    byId: kept('disputes'),
    payments,
    livemode,
    now,
    signed: (content) => signed(content, livemode, false),
  });

  const api = router([
    ...sessionRoutes({
      answered: kept('session keys'),
      payments,
      refunds,
      disputes,
      merchant,
      livemode,
      consoleUrl,
      callbackUrl,
      now,
    }),
    ...refundRoutes({ answered: kept('refund keys'), payments, refunds, disputes, open, now }),
    ...balanceRoutes({ payments, refunds, disputes, fees, livemode }),
    ['GET', /^\/v1\/account$/, () => json(200, { id: document.account, object: 'account' })],
  ]);

  const simulator: MerchantSimulator<StripePayment, StripeRefund> = {
    merchant,
    callbackUrl,
    payments,
    refunds,
    handle: api,
    newTransactionId: () => `pi_${randomText(24)}`,
    message(payment, { forge, otherMerchant = false } = {}) {
      const mode = livemode !== otherMerchant;
      const event = sessionEvent(payment, mode);
      return event && signed(event, mode, forge !== undefined);
    },
    refundMessages(refund, { forge, otherMerchant = false } = {}) {
      const payment = payments.get(refund.payment_id);
      if (!payment) return [];
      const mode = livemode !== otherMerchant;
      return refundEvents(refund, payment, refunds.of(payment), mode).map((event) =>
        signed(event, mode, forge !== undefined),
      );
    },
    // A payer's bank may send a refund back after it succeeded.
    refundSteps: { pending: ['succeeded', 'failed'], abnormal: [], succeeded: ['failed'], failed: [] },
    consoleRefund: (payment, amount) => ({
      ...newRefund(payment, { amount, reason: '', metadata: {} }, now()),
      by_console: true,
    }),
    disputes,
    fees,
    discounts: false,
    flatMessage: (fields) => signedMessage(JSON.stringify(fields), webhookSecret, now()),
    acknowledged: (status) => status >= 200 && status < 300,
    // Stripe promises three days with growing waits and no exact ones.
    retryAfterSeconds: [300, 1800, 7200, 18000, 36000, 36000, 43200, 43200, 43200],
  };
  return simulator;
}
