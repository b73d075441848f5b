import { randomBytes } from 'node:crypto';
import Stripe from 'stripe';
import type { RawMessage } from '../../lib/providers/message.ts';

/** Stripe's side of an account. What it sends is signed by the `stripe` package. */
export type StripeParty = ReturnType<typeof createStripeParty>;

interface SignOptions {
  /** When it is signed, in milliseconds. */
  readonly at?: number;
  readonly secret?: string;
}

const { webhooks } = new Stripe('sk_test_for_signing_only');

export function createStripeParty({ account = 'acct_1SettleParty' }: { readonly account?: string } = {}) {
  const secret = `whsec_${randomBytes(24).toString('hex')}`;
  const document = {
    account,
    secret_key: `sk_test_${randomBytes(24).toString('hex')}`,
    webhook_secrets: [secret],
    success_url: 'https://shop.example/paid',
    cancel_url: 'https://shop.example/cart',
  };

  const signText = (
    payload: string,
    { at = Date.now(), secret: key = secret }: SignOptions = {},
  ): RawMessage => ({
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': webhooks.generateTestHeaderString({
        payload,
        secret: key,
        timestamp: Math.floor(at / 1000),
      }),
    },
    body: Buffer.from(payload),
  });

  const signEvent = (event: object, options?: SignOptions): RawMessage =>
    signText(JSON.stringify(event, null, 2), options);

  const signFlat = (fields: Readonly<Record<string, string>>, options?: SignOptions): RawMessage =>
    signText(JSON.stringify(fields), options);

  /** The event of a Checkout Session; `amount_total` in the currency's smallest unit. */
  const sessionEvent = (type: string, session: object, changes: object = {}) => ({
    id: 'evt_1PGTestEvent0000000000000',
    object: 'event',
    api_version: '2026-10-28.endive',
    created: 1_715_593_762,
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    data: {
      object: { id: 'cs_test_a1', object: 'checkout.session', mode: 'payment', livemode: false, ...session },
    },
    ...changes,
  });

  /** The event of a session that is paid. */
  const paidEvent = (payment_no: string, amount_total: number, currency = 'usd', session: object = {}) =>
    sessionEvent('checkout.session.completed', {
      client_reference_id: payment_no,
      metadata: { order_no: payment_no },
      amount_total,
      currency,
      payment_intent: `pi_${payment_no}`,
      payment_status: 'paid',
      status: 'complete',
      ...session,
    });

  return { secret, document, signText, signEvent, signFlat, sessionEvent, paidEvent };
}
