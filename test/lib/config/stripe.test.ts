import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../../lib/config/document.ts';
import { parseStripeDocument } from '../../../lib/config/stripe.ts';
import { createStripeParty } from '../../support/stripe.ts';

const { document } = createStripeParty();

describe('parseStripeDocument', () => {
  it('reads every field, and defaults to the real address', () => {
    expect(parseStripeDocument(document)).toEqual({
      account: 'acct_1SettleParty',
      mode: 'test',
      merchant: 'acct_1SettleParty.test',
      former: [],
      secretKey: document.secret_key,
      webhookSecrets: document.webhook_secrets,
      successUrl: document.success_url,
      cancelUrl: document.cancel_url,
      baseUrl: 'https://api.stripe.com',
    });
  });

  it.each([
    ['sk_live_', 'live'],
    ['rk_live_', 'live'],
    ['sk_test_', 'test'],
    ['rk_test_', 'test'],
  ])('knows the side of the account by %s', (prefix, mode) => {
    expect(parseStripeDocument({ ...document, secret_key: `${prefix}live0test0123456789` })).toMatchObject({
      mode,
      merchant: `acct_1SettleParty.${mode}`,
    });
  });

  it("takes a second secret, another address and Stripe's placeholder", () => {
    const changes = {
      webhook_secrets: [`whsec_${'n'.repeat(24)}`, `whsec_${'o'.repeat(24)}`],
      base_url: 'http://127.0.0.1:3001/stripe',
      success_url: 'https://shop.example/paid?session={CHECKOUT_SESSION_ID}',
    };
    expect(parseStripeDocument({ ...document, ...changes })).toMatchObject({
      webhookSecrets: changes.webhook_secrets,
      baseUrl: changes.base_url,
      successUrl: changes.success_url,
    });
  });

  it.each(Object.keys(document))('refuses a document without %s', (field) => {
    expectRefusal({ ...document, [field]: undefined }, field);
    expectRefusal({ ...document, [field]: '' }, field);
    expectRefusal({ ...document, [field]: 7 }, field);
  });

  it.each([
    ['account', { account: 'acct_1Short' }],
    ['account', { account: '1SettleParty' }],
    ['account', { account: 'acct_1Settle.live' }],
    ['account', { account: `acct_${'1'.repeat(65)}` }],
    ['secret_key', { secret_key: 'pk_live_0123456789abcdef' }],
    ['secret_key', { secret_key: 'sk_prod_0123456789abcdef' }],
    ['secret_key', { secret_key: 'sk_test_short' }],
    ['secret_key', { secret_key: 'sk_test_0123456789abcdef\n' }],
    ['webhook_secrets', { webhook_secrets: [] }],
    ['webhook_secrets.1', { webhook_secrets: [...document.webhook_secrets, 'whsec_short'] }],
    ['webhook_secrets.0', { webhook_secrets: ['0123456789abcdef0123456789abcdef'] }],
    ['webhook_secrets.0', { webhook_secrets: [`whsec_${' '.repeat(24)}`] }],
    ['success_url', { success_url: 'shop.example/paid' }],
    ['cancel_url', { cancel_url: 'javascript:alert(1)' }],
    ['base_url', { base_url: 'https://api.stripe.com/' }],
    ['base_url', { base_url: 'http://api.stripe.com' }],
    ['success_url', { success_url: 'http://shop.example/paid' }],
    ['cancel_url', { cancel_url: 'http://shop.example/cart' }],
  ])('refuses a bad %s', (field, change) => {
    expectRefusal({ ...document, ...change }, field);
  });

  it.each([[null], [[]], ['text'], [undefined]])('refuses %j', (value) => {
    expect(() => parseStripeDocument(value)).toThrow(DocumentError);
  });
});

function expectRefusal(value: unknown, field: string) {
  expect(() => parseStripeDocument(value)).toThrow(expect.objectContaining({ name: 'DocumentError', field }));
}
