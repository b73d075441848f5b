import type { CurrencyTable } from '../../money.ts';

/** WeChat Pay takes yuan, counted in fen. No prototype: `constructor` is no currency. */
export const wechatCurrencies: CurrencyTable = Object.assign(Object.create(null), {
  CNY: { digits: 2, step: 1 },
});
