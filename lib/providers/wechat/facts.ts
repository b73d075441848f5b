import type { CurrencyTable } from '../../money.ts';
import type { ProviderFacts } from '../provider.ts';

/** WeChat Pay takes yuan, counted in fen. No prototype: `constructor` is no currency. */
export const wechatCurrencies: CurrencyTable = Object.assign(Object.create(null), {
  CNY: { digits: 2, step: 1 },
});

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const wechatFacts: ProviderFacts = {
  label: '微信支付',
  currencies: wechatCurrencies,
  // WeChat Pay takes a `time_expire` at most 7 days ahead: a day less leaves room for clocks and repeats.
  limits: { longest_ms: 6 * DAY, shortest_ms: MINUTE, failedCanBePaid: true },
};
