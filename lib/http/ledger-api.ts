import { formatAmount } from '../money.ts';
import type { Provider } from '../orders/kinds.ts';
import { parseAccount } from '../orders/ledger.ts';
import type { LedgerEntry, LedgerPart, LedgerRequest, LedgerSum } from '../orders/read-ledger.ts';
import { currencyFormat } from '../providers/facts.ts';
import { readPeriod } from './period.ts';
import { badCursor, decodeCursor, encodeCursor, readLimit } from './query-parameters.ts';
import { ApiError } from './reply.ts';
import type { LedgerEntryState, LedgerPage } from './responses.ts';

const DEFAULT_DAYS = 1;

type Parameters = Readonly<Record<string, string | undefined>>;

/**
 * What is asked of a ledger: by default its last 24 hours. A cursor carries the period that it was given out for, so
 * that a period that ends now does not move while it is read.
 * @throws ApiError
 */
export function readLedgerRequest(path: Parameters, query: Parameters, now: number): LedgerRequest {
  const account = parseAccount(path['account'] ?? '');
  if (!account) {
    throw new ApiError(
      400,
      'account 须为 tenant:<id>、shop:<mall 或 meal>、provider:<渠道>.<商户> 或 suspense:<渠道>.<商户>',
    );
  }
  const limit = readLimit(query['limit']);
  if (query['cursor'] === undefined)
    return { account, limit, after: null, period: readPeriod(query, now, DEFAULT_DAYS) };
  const { after, times } = decodeCursor(query['cursor'], 2);
  const [from = '', to = ''] = times;
  const period = readPeriod({ from, to, ...query }, now, DEFAULT_DAYS);
  const isOfPeriod =
    period.from === from && period.to === to && after.at >= period.from && after.at < period.to;
  if (!isOfPeriod) throw badCursor();
  return { account, limit, after, period };
}

/** What a client is told of a ledger. */
export function ledgerReply({ account, period }: LedgerRequest, { page, sums }: LedgerPart): LedgerPage {
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
