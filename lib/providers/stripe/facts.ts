import type { CurrencyFormat, CurrencyTable } from '../../money.ts';
import type { ProviderFacts } from '../provider.ts';

/** The version that requests ask for. Change it together with the `stripe` package and the webhook endpoint's. */
export const STRIPE_API_VERSION = '2026-10-28.endive';

/** The events that are read: what the webhook endpoint has to send, and no more (docs.stripe.com/api/events/types). */
export const stripeEvents = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.refund.updated',
  'charge.refunded',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'charge.dispute.closed',
] as const;

export type StripeEventName = (typeof stripeEvents)[number];

/** The currencies that Stripe takes and how it counts each (docs.stripe.com/currencies). */
export const stripeCurrencies: CurrencyTable = Object.assign(
  Object.create(null),
  table(
    { digits: 2, step: 1 },
    `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC
     CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS KHR KYD
     KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
     PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS
     WST XCD XCG YER ZAR ZMW`,
  ),
  table({ digits: 0, step: 1 }, 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'),
  // Once had two decimals, and the API still has: only whole units pass.
  table({ digits: 2, step: 100 }, 'ISK UGX'),
  // Card networks drop the third decimal.
  table({ digits: 3, step: 10 }, 'BHD JOD KWD OMR TND'),
);

function table(format: CurrencyFormat, codes: string): CurrencyTable {
  return Object.fromEntries(codes.split(/\s+/).map((code) => [code, format]));
}

/**
 * The least that can be charged in a currency (docs.stripe.com/currencies, "Minimum and maximum charge amounts"). In what
 * the account settles another currency to, Stripe may ask for more, which only its refusal tells.
 */
const leastAmounts: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{
      AED: 200,
      ARS: 50,
      AUD: 50,
      BRL: 50,
      CAD: 50,
      CHF: 50,
      COP: 50,
      CZK: 1500,
      DKK: 250,
      EUR: 50,
      GBP: 30,
    },
    ...{
      HKD: 400,
      HUF: 17500,
      IDR: 50,
      ILS: 50,
      INR: 50,
      JPY: 50,
      KRW: 50,
      MXN: 1000,
      MYR: 200,
      NOK: 300,
      NZD: 50,
    },
    ...{ PHP: 50, PLN: 200, RON: 200, RUB: 50, SEK: 300, SGD: 50, THB: 1000, USD: 50, ZAR: 50 },
  }),
);

/** "up to twelve digits for IDR, and up to eight digits for all other currencies" (the same page). */
const mostAmount = (currency: string): number => (currency === 'IDR' ? 999_999_999_999 : 99_999_999);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const stripeFacts = {
  label: 'Stripe',
  currencies: stripeCurrencies,
  flatStatuses: {},
  limits: {
    // A session lives 30 min to 24 h by Stripe's clock, which may be as much behind ours.
    longest_ms: 24 * HOUR - 5 * MINUTE,
    shortest_ms: 30 * MINUTE,
    // A session whose payment failed is complete.
    failedCanBePaid: false,
  },
  // There at once, in UTC; so late, whatever of the day was still to come in is booked here too.
  bill: { utcOffset_h: 0, ready_h: 6, listsUnpaid: true, accountOf: (merchant) => merchant },
  // docs.stripe.com/api: idempotency keys, metadata values and strings. An address is set with the endpoint, not sent.
  texts: {
    // Its idempotency key is the number and an attempt.
    payment_no: { most: 200, unit: 'characters' },
    refund_no: { most: 200, unit: 'characters' },
    notify_url: null,
    description: { most: 250, unit: 'characters' },
    openid: null,
    reason: null,
  },
  amounts: (currency) => ({ least: leastAmounts.get(currency) ?? 1, most: mostAmount(currency) }),
} satisfies ProviderFacts;
