import { formatAmount } from '../../../lib/money.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import { currencyFormat } from '../../../lib/providers/facts.ts';

/** An amount as a decimal text, as its provider counts it; without a provider, as shops do. */
export function amountText(amount: number, currency: string, provider: Provider | null): string {
  const format = currencyFormat(provider ?? 'wechat', currency);
  return format ? formatAmount(amount, format) : String(amount);
}
