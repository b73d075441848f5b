import { formatAmount } from '../money.ts';
import type { Provider } from '../orders/kinds.ts';
import type { LedgerEntry, LedgerPart, LedgerRequest, LedgerSum } from '../orders/ledger.ts';
import { currencyFormat } from '../providers/facts.ts';
import { encodeCursor } from './paging.ts';
import type { LedgerEntryState, LedgerPage } from './responses/ledger.ts';

/** What a client is told of a ledger. */
export function ledgerAnswer({ account, period }: LedgerRequest, { page, sums }: LedgerPart): LedgerPage {
  const { from, to } = period;
  return {
    account: account.name,
    from,
    to,
    entries: page.items.map(showEntry),
    sums: sums && showSums(sums),
    cursor: page.next && encodeCursor(page.next, from, to),
  };
}

function showEntry({ amount, ...entry }: LedgerEntry): LedgerEntryState {
  const { order_no, kind, debit, credit, currency, provider, merchant, transaction_id, booked_at } = entry;
  const text = formatAmount(amount, formatOf(provider, currency));
  return {
    ...{ order_no, kind, debit, credit, amount: text, currency },
    ...{ provider, merchant, transaction_id, booked_at },
  };
}

/** Providers may count a currency in different units, so each sum is brought to the finest of them. */
function showSums(sums: readonly LedgerSum[]) {
  const currencies = [...new Set(sums.map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const parts = sums
      .filter((sum) => sum.currency === currency)
      .map((sum) => ({ ...sum, format: formatOf(sum.provider, currency) }));
    const digits = Math.max(...parts.map(({ format }) => format.digits));
    const total = (side: 'debit' | 'credit') =>
      parts.reduce((sum, part) => sum + part[side] * 10n ** BigInt(digits - part.format.digits), 0n);
    const show = (side: 'debit' | 'credit') => formatAmount(total(side), { digits, step: 1 });
    return { currency, debit: show('debit'), credit: show('credit') };
  });
}

/** @throws Error for an entry that could not have been booked */
function formatOf(provider: Provider, currency: string) {
  const format = currencyFormat(provider, currency);
  if (!format) throw new Error('an entry is booked in a currency that its provider does not take');
  return format;
}
