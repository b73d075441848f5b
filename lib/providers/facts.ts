import type { CurrencyFormat } from '../money.ts';
import type { Provider } from '../orders/kinds.ts';
import type { BillTimes } from '../orders/provider-gateway.ts';
import { alipayFacts } from './alipay/facts.ts';
import type { ProviderFacts } from './provider.ts';
import { stripeFacts } from './stripe/facts.ts';
import { wechatFacts } from './wechat/facts.ts';

/** What each provider is, for those who have no business with it. */
export const providerFacts: Readonly<Record<Provider, ProviderFacts>> = {
  wechat: wechatFacts,
  alipay: alipayFacts,
  stripe: stripeFacts,
};

/** How the provider counts a currency; undefined when it does not take it. */
export const currencyFormat = (provider: Provider, currency: string): CurrencyFormat | undefined =>
  providerFacts[provider].currencies[currency];

/** When each provider's day begins, and when its bill is there. */
export const billTimes: Readonly<Record<Provider, BillTimes>> = {
  wechat: wechatFacts.bill,
  alipay: alipayFacts.bill,
  stripe: stripeFacts.bill,
};
