import type { CurrencyFormat, CurrencyTable } from '../../money.ts';
import type { ProviderFacts } from '../provider.ts';

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

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const stripeFacts: ProviderFacts = {
  label: 'Stripe',
  currencies: stripeCurrencies,
  limits: {
    // A session lives 30 min to 24 h by Stripe's clock, which may be as much behind ours.
    longest_ms: 24 * HOUR - 5 * MINUTE,
    shortest_ms: 30 * MINUTE,
    // A session whose payment failed is complete.
    failedCanBePaid: false,
  },
};
