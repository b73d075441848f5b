import { expect, it } from 'vitest';
import { parseStripeDocument } from '../../../../lib/config/stripe.ts';
import { findStripeAccount } from '../../../../lib/providers/stripe/index.ts';
import { createStripeParty } from '../../../support/stripe.ts';

const { document } = createStripeParty();

it('findStripeAccount asks whose account the secret key opens', async () => {
  const asked: unknown[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    asked.push([String(input), new Headers(init?.headers).get('authorization')]);
    return Response.json({ id: 'acct_1SomebodyElse', object: 'account' });
  };
  expect(await findStripeAccount(parseStripeDocument(document), { fetch })).toBe('acct_1SomebodyElse');
  expect(asked).toEqual([['https://api.stripe.com/v1/account', `Bearer ${document.secret_key}`]]);
});
