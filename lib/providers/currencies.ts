import type { CurrencyFormat, CurrencyTable } from '../money.ts';
import type { Provider } from '../orders/order.ts';
import { alipayCurrencies } from './alipay/currencies.ts';
import { stripeCurrencies } from './stripe/currencies.ts';
import { wechatCurrencies } from './wechat/currencies.ts';

const tables: Readonly<Record<Provider, CurrencyTable>> = {
  wechat: wechatCurrencies,
  alipay: alipayCurrencies,
  stripe: stripeCurrencies,
};

/** How the provider counts a currency; undefined when it does not take it. */
export const currencyFormat = (provider: Provider, currency: string): CurrencyFormat | undefined =>
  tables[provider][currency];
