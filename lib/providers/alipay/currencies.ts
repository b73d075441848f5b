import type { CurrencyFormat, CurrencyTable } from '../../money.ts';

export const CNY: CurrencyFormat = { digits: 2, step: 1 };

/** Alipay in mainland China takes yuan only. Without a prototype, so that no inherited name passes for a currency. */
export const alipayCurrencies: CurrencyTable = Object.assign(Object.create(null), { CNY });
