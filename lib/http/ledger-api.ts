import { formatAmount } from '../money.ts';
import type { Provider } from '../orders/kinds.ts';
import { type Account, parseAccount } from '../orders/ledger.ts';
import type { LedgerEntry, LedgerPart, LedgerRequest, LedgerSum } from '../orders/read-ledger.ts';
import { currencyFormat } from '../providers/facts.ts';
import { invalidField } from './api-error.ts';
import { csvTable } from './csv.ts';
import { readListedPeriod } from './period.ts';
import { encodeCursor, readLimit, readTogether } from './query-parameters.ts';
import type { LedgerEntryState, LedgerPage } from './responses/books.ts';

const DEFAULT_DAYS = 1;

type Parameters = Readonly<Record<string, string | undefined>>;

/** What is asked of a ledger: by default its last 24 hours. @throws ApiError */
export function readLedgerRequest(path: Parameters, query: Parameters, now: number): LedgerRequest {
  const { account, limit, listed } = readTogether({
    account: () => readAccount(path['account']),
    limit: () => readLimit(query['limit']),
    listed: () => readListedPeriod(query, now, DEFAULT_DAYS),
  });
  return { account, limit, ...listed };
}

/** @throws ApiError */
function readAccount(text = ''): Account {
  const account = parseAccount(text);
  if (account) return account;
  throw invalidField('account', {
    zh: '须为 tenant:<id>、shop:<mall 或 meal>、provider:<渠道>.<商户>、suspense:<渠道>.<商户> 或 fees:<渠道>.<商户>',
    en: 'must be tenant:<id>, shop:<mall or meal>, provider:<name>.<merchant>, suspense:<name>.<merchant> or fees:<name>.<merchant>',
  });
}

/** What a client is told of a ledger. */
export function ledgerReply(
  { account, period }: LedgerRequest,
  { page, days, sums }: LedgerPart,
): LedgerPage {
  const { from, to } = period;
  return {
    account: account.name,
    from,
    to,
    entries: page.items.map(entryState),
    sums: sums && showSums(sums),
    days: days?.map((day) => ({ from: day.from, sums: showSums(day.sums) })) ?? null,
    cursor: page.next && encodeCursor(page.next, from, to),
  };
}

export const ledgerCsv = csvTable(
  [
    ...(['order_no', 'kind', 'debit', 'credit', 'amount', 'currency'] as const),
    ...(['provider', 'merchant', 'transaction_id', 'booked_at'] as const),
  ],
  ({ entries }: LedgerPage) => entries,
);

/** What a client is told of a booking. */
export function entryState({ amount, ...entry }: LedgerEntry): LedgerEntryState {
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
