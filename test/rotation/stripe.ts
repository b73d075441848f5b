import { expect } from 'vitest';
import type { DocumentSource } from '../../lib/config/documents.ts';
import { type Io, isoTime } from '../../lib/io.ts';
import { stripe as face } from '../../lib/providers/stripe/index.ts';
import { receiveStripe } from '../../lib/providers/stripe/message.ts';
import { paymentOf, tenantOrder } from '../support/orders.ts';
import { beginPayment } from '../support/parties.ts';
import { createStripeParty } from '../support/stripe.ts';
import { currentMerchant, type Deliver, startCallback, startMerchants } from './callback.ts';
import { createStage, type Rehearsal } from './stage.ts';

type Checkout = () => Promise<string>;

const startCheckout = (documents: DocumentSource, io: Io): Checkout => {
  const merchants = startMerchants(face)(documents, io);
  return async () => {
    const { gateway, name } = await currentMerchant(merchants, 'stripe');
    const payment = paymentOf(tenantOrder(), {
      merchant: name,
      begun_at: isoTime(io.now()),
      expires_at: isoTime(io.now() + 2 * 3_600_000),
    });
    const { outcome } = await gateway.createPayment({ ...payment, openid: null, payer_client_ip: null });
    return outcome;
  };
};

/** Stripe as far as it looks at who asks. */
function createStripe(...keys: readonly string[]) {
  const inForce = new Set(keys);
  const answer = async (request: Request) => {
    const key = request.headers.get('authorization')?.replace('Bearer ', '') ?? '';
    if (!inForce.has(key)) {
      return Response.json({ error: { type: 'invalid_request_error' } }, { status: 401 });
    }
    const form = new URLSearchParams(await request.text());
    return Response.json({
      id: 'cs_1',
      object: 'checkout.session',
      status: 'open',
      client_reference_id: form.get('client_reference_id'),
      amount_total: Number(form.get('line_items[0][price_data][unit_amount]')),
      currency: form.get('line_items[0][price_data][currency]'),
      url: 'https://checkout.stripe.com/c/pay/cs_1',
    });
  };
  return {
    inForce,
    fetch: (...parameters: Parameters<typeof fetch>) => answer(new Request(...parameters)),
  };
}

/** The key before stays in force for as long as was chosen when it was rotated. */
const secretKey: Rehearsal = async () => {
  const { document } = createStripeParty();
  const { secret_key } = createStripeParty().document;
  const stripe = createStripe(document.secret_key);
  const stage = await createStage({
    documents: { stripe: document },
    start: startCheckout,
    fetch: stripe.fetch,
  });
  const pay = async (checkout: Checkout) => expect(await checkout()).toBe('created');

  await stage.live(pay);
  stripe.inForce.add(secret_key);
  await stage.live(pay);
  stage.put('stripe', { secret_key });
  await stage.live(pay);
  stripe.inForce.delete(document.secret_key);
  await stage.live(pay);
  stage.put('stripe', document);
  await expect(stage.live(pay)).rejects.toThrow(expect.objectContaining({ status: 401 }));
};

/** While both secrets are in force, Stripe signs each event with either. */
const webhookSecret: Rehearsal = async () => {
  const party = createStripeParty();
  const [before, after] = [party.secret, createStripeParty().secret];
  const stage = await createStage({
    documents: { stripe: party.document },
    start: startCallback('stripe', receiveStripe),
  });
  const deliver =
    (secrets: readonly string[], expected: 'booked' | 'refused' = 'booked') =>
    async (call: Deliver) => {
      const merchant = `${party.document.account}.test`;
      const begun = beginPayment(tenantOrder(), { provider: 'stripe', merchant, appid: null });
      const { payment_no, amount } = begun.payment;
      const signed = secrets.map((secret) =>
        party.signEvent(party.paidEvent(payment_no, amount), { secret, at: stage.now() }),
      );
      const signatures = signed.map(({ headers }) => headers['stripe-signature'] ?? '');
      const [first = '', ...others] = signatures;
      const header = [first, ...others.map((signature) => signature.split(',')[1])].join(',');
      const body = signed[0]?.body ?? Buffer.alloc(0);
      expect(await call({ headers: { 'stripe-signature': header }, body }, begun)).toBe(expected);
    };

  await stage.live(deliver([before]));
  // Rolled at Stripe, which signs with both from now on.
  await stage.live(deliver([after, before]));
  stage.put('stripe', { webhook_secrets: [after, before] });
  await stage.live(deliver([after, before]));
  // The old one is over at Stripe.
  await stage.live(deliver([after]));
  stage.put('stripe', { webhook_secrets: [after] });
  await stage.live(deliver([after]));
  await stage.everywhere(deliver([before], 'refused'));
};

export const stripeRehearsals: Readonly<Record<string, Rehearsal>> = {
  'Stripe secret key': secretKey,
  'Stripe webhook secret': webhookSecret,
};
