import { type CurrencyFormat, formatAmount } from '../money.ts';
import type { Provider } from '../orders/kinds.ts';
import type { BillFacts } from '../orders/provider-gateway.ts';
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

/** The decimal text of an amount; null of none, or in a currency that the provider does not take: its unit is not known. */
export function amountText({
  amount,
  currency,
  provider,
}: {
  readonly amount: number | null;
  readonly currency: string | null;
  readonly provider: Provider | null;
}): string | null {
  const format = provider && currency && currencyFormat(provider, currency);
  return format && amount !== null ? formatAmount(amount, format) : null;
}

/** The decimal text of an amount that was counted as its provider does. @throws Error when it does not take the currency */
export function countedAmountText(counted: {
  readonly amount: number;
  readonly currency: string;
  readonly provider: Provider;
}): string {
  const text = amountText(counted);
  if (text === null) throw new Error('an amount is stored in a currency that its provider does not take');
  return text;
}

/** When each provider's day begins, when its bill is there, and whose it is. */
export const billFacts: Readonly<Record<Provider, BillFacts>> = {
  wechat: wechatFacts.bill,
  alipay: alipayFacts.bill,
  stripe: stripeFacts.bill,
};
