import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import Stripe from 'stripe';
import { parseStripeDocument } from '../../../lib/config/stripe.ts';
import { systemIo } from '../../../lib/io.ts';
import type { RawMessage } from '../../../lib/providers/message.ts';
import { receiveStripeMessage } from '../../../lib/providers/stripe/message.ts';
import { createStripeParty, type StripeParty } from '../../support/stripe.ts';
import {
  assertGenuine,
  type Contest,
  type Contestant,
  header,
  orderNumbers,
  type Peer,
  receiveWithSettle,
} from './contest.ts';
import { measureCallback } from './measure.ts';

const omits = 'strict UTF-8, nesting and names; every field but the order number';

/** The fields of a Checkout Session that Stripe's reference shows besides those that Settle reads. */
const unread = {
  adaptive_pricing: { enabled: false },
  after_expiration: null,
  allow_promotion_codes: null,
  amount_subtotal: 1999,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  cancel_url: 'https://shop.example/cart',
  client_secret: null,
  collected_information: { business_name: null, individual_name: null, shipping_details: null },
  consent: null,
  consent_collection: null,
  created: 1_715_593_700,
  currency_conversion: null,
  custom_fields: [],
  custom_text: {
    after_submit: null,
    shipping_address: null,
    submit: null,
    terms_of_service_acceptance: null,
  },
  customer: null,
  customer_creation: 'if_required',
  customer_details: {
    address: { city: null, country: 'US', line1: null, line2: null, postal_code: '94107', state: null },
    email: 'jenny.rosen@example.com',
    name: 'Jenny Rosen',
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  },
  customer_email: null,
  discounts: [],
  expires_at: 1_715_600_900,
  invoice: null,
  invoice_creation: null,
  locale: null,
  payment_link: null,
  payment_method_collection: 'if_required',
  payment_method_options: { card: { request_three_d_secure: 'automatic' } },
  payment_method_types: ['card'],
  permissions: null,
  phone_number_collection: { enabled: false },
  recovered_from: null,
  saved_payment_method_options: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  submit_type: null,
  subscription: null,
  success_url: 'https://shop.example/paid',
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  ui_mode: 'hosted',
  url: null,
  wallet_options: null,
};

export const measure = () => measureCallback(createStripeContest());

/** Stripe's event of a Checkout Session that is paid: HMAC-SHA256 over indented JSON. */
function createStripeContest(): Contest {
  const party = createStripeParty();
  const { document } = party;
  const messages = orderNumbers.map((number) =>
    party.signEvent(party.paidEvent(number, 1999, 'usd', unread)),
  );
  return {
    provider: 'stripe',
    messages,
    document,
    settle: receiveWithSettle(receiveStripeMessage(parseStripeDocument(document), systemIo)),
    floor: bareStripe(party),
    floorGoal: null,
    peers: [constructEvent(party), constructEventOfText(party, messages), constructEventAsync(party)],
  };
}

/** In the forms that are fastest in Node 24. */
function bareStripe({ secret }: StripeParty): Contestant {
  const key = createSecretKey(secret, 'utf8');
  return {
    name: 'node:crypto and JSON.parse',
    omits: `the clock; ${omits}`,
    receive(message) {
      const [, timestamp = '', signature = ''] =
        /^t=([0-9]+),v1=([0-9a-f]{64})$/.exec(header(message, 'stripe-signature')) ?? [];
      const hmac = createHmac('sha256', key).update(`${timestamp}.`).update(message.body).digest();
      assertGenuine(timingSafeEqual(hmac, Buffer.from(signature, 'hex')));
      return readOrderNumber(JSON.parse(message.body.toString()) as Stripe.Event);
    },
  };
}

const { webhooks } = new Stripe('sk_test_unused');

function constructEvent({ secret }: StripeParty): Peer {
  return {
    name: 'stripe, constructEvent',
    omits: `clocks ahead, a repeated timestamp, several secrets; ${omits}`,
    goal: 1,
    receive: (message) =>
      readOrderNumber(webhooks.constructEvent(message.body, header(message, 'stripe-signature'), secret)),
  };
}

/** API Gateway hands JSON over as text, of which Settle makes bytes first. */
function constructEventOfText(party: StripeParty, messages: readonly RawMessage[]): Peer {
  const texts = new Map(messages.map((message) => [message, message.body.toString()]));
  const peer = constructEvent(party);
  return {
    ...peer,
    name: 'stripe, constructEvent given text',
    omits: `making text of bytes; ${peer.omits}`,
    goal: null,
    receive: (message) =>
      readOrderNumber(
        webhooks.constructEvent(texts.get(message) ?? '', header(message, 'stripe-signature'), party.secret),
      ),
  };
}

function constructEventAsync(party: StripeParty): Peer {
  return {
    ...constructEvent(party),
    name: 'stripe, constructEventAsync',
    receive: async (message) =>
      readOrderNumber(
        await webhooks.constructEventAsync(message.body, header(message, 'stripe-signature'), party.secret),
      ),
  };
}

function readOrderNumber(event: Stripe.Event): string {
  if (event.type !== 'checkout.session.completed') return '';
  return event.data.object.client_reference_id ?? '';
}
