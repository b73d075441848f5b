import type { ProviderFacts } from '../provider.ts';
import { alipayCurrencies } from './currencies.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const alipayFacts: ProviderFacts = {
  label: '支付宝',
  currencies: alipayCurrencies,
  // As at WeChat Pay; a tenant's order ends long before.
  limits: { longest_ms: 6 * DAY, shortest_ms: MINUTE, failedCanBePaid: true },
};
