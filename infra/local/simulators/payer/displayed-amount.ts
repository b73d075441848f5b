import type { Language } from '../../../../lib/http/language.ts';
import { formatAmount } from '../../../../lib/money.ts';
import { currencyFormat } from '../../../../lib/providers/facts.ts';
import type { Payment } from '../payments.ts';

/**
 * An amount as people of a language write it: `¥1,234.50`, `US$1,234.50`. Its decimals are those that the provider counts
 * in; one in a currency that the provider does not take is left in its smallest unit.
 */
export function displayedAmount(
  { amount, currency, provider }: Pick<Payment, 'amount' | 'currency' | 'provider'>,
  language: Language,
): string {
  const format = currencyFormat(provider, currency);
  if (!format) return `${amount} ${currency}`;
  const { digits } = format;
  return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', {
    ...{ style: 'currency', currency },
    ...{ minimumFractionDigits: digits, maximumFractionDigits: digits },
  }).format(Number(formatAmount(amount, format)));
}
