import * as z from 'zod/mini';
import { baseUrl, formerMerchants, parseDocument, secureUrl, text } from './document.ts';
import { STRIPE_ACCOUNT, type StripeMode, stripeMerchant } from './stripe-merchant.ts';

export interface StripeConfig {
  readonly secretKey: string;
  /** The current signing secret, and during a rotation the one before. */
  readonly webhookSecrets: readonly string[];
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly baseUrl: string;
  /** The account that is paid; the secret key does not say which it is. */
  readonly account: string;
  /** The side of the account that the secret key opens. */
  readonly mode: StripeMode;
  /** As `stripeMerchant` names it. */
  readonly merchant: string;
  readonly former: readonly string[];
}

const secretKey = text.check(
  z.regex(/^[sr]k_(live|test)_[0-9A-Za-z_]{10,}$/, {
    error: 'must be a secret or restricted key: sk_live_…, rk_live_…, sk_test_… or rk_test_…',
  }),
);

const webhookSecret = text.check(
  z.regex(/^whsec_[\x21-\x7e]{24,}$/, { error: 'must be whsec_ and at least 24 characters' }),
);

const schema = z.object({
  account: text.check(z.regex(STRIPE_ACCOUNT, { error: 'must be the number of an account: acct_…' })),
  former: formerMerchants,
  secret_key: secretKey,
  webhook_secrets: z
    .array(webhookSecret, { error: 'must be a list of secrets' })
    .check(z.minLength(1, { error: 'must hold a secret' })),
  // Of the payer's browser; may have a query, with Stripe's `{CHECKOUT_SESSION_ID}` in it.
  success_url: secureUrl,
  cancel_url: secureUrl,
  base_url: z._default(baseUrl, 'https://api.stripe.com'),
});

/** @throws DocumentError */
export function parseStripeDocument(document: unknown): StripeConfig {
  const fields = parseDocument('stripe', schema, document);
  const mode = fields.secret_key.slice(3).startsWith('live') ? 'live' : 'test';
  return {
    account: fields.account,
    mode,
    merchant: stripeMerchant(fields.account, mode),
    former: fields.former,
    secretKey: fields.secret_key,
    webhookSecrets: fields.webhook_secrets,
    successUrl: fields.success_url,
    cancelUrl: fields.cancel_url,
    baseUrl: fields.base_url,
  };
}
