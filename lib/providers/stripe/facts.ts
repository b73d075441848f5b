import type { ProviderFacts } from '../provider.ts';
import { stripeCurrencies } from './currencies.ts';

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
