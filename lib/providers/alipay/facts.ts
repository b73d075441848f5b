import type { CurrencyFormat, CurrencyTable } from '../../money.ts';
import type { ProviderFacts } from '../provider.ts';

export const CNY: CurrencyFormat = { digits: 2, step: 1 };

/** Alipay in mainland China takes yuan only. Without a prototype, so that no inherited name passes for a currency. */
export const alipayCurrencies: CurrencyTable = Object.assign(Object.create(null), { CNY });

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const alipayFacts: ProviderFacts = {
  label: '支付宝',
  currencies: alipayCurrencies,
  // As at WeChat Pay; a tenant's order ends long before.
  limits: { longest_ms: 6 * DAY, shortest_ms: MINUTE, failedCanBePaid: true },
};
