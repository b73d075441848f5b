import { formatAmount } from '../../../lib/money.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import { currencyFormat } from '../../../lib/providers/facts.ts';
import type { Difference, Summary } from '../../../lib/reconciliation/difference.ts';
import type { Money } from '../../../lib/reconciliation/match.ts';

const columnWidths = [13, 9, 32, 33, 18];

export const tableHeader = toLine(['kind', 'of', 'payment_no', 'transaction', 'ours', 'theirs']);

export function differenceLine(provider: Provider, difference: Difference): string {
  const { kind, of, payment_no, transaction, ours, theirs } = difference;
  return toLine([
    kind,
    of,
    payment_no ?? '-',
    transaction ?? '-',
    moneyText(provider, ours),
    moneyText(provider, theirs),
  ]);
}

export function summaryLine(provider: Provider, date: string, summary: Summary): string {
  const { rows, agreed, missing_here, missing_there, other_amount } = summary;
  const notes = [
    [summary.under_way, 'refunds under way'],
    [summary.undecided, 'entries that may be in the bill of the day before or after'],
    [summary.foreign, 'rows of orders that are not ours'],
  ] as const;
  return [
    `${provider} ${date}: ${rows} rows, ${agreed} agree`,
    `${missing_here} missing here, ${missing_there} missing there, ${other_amount} of another amount`,
    ...notes.filter(([count]) => count > 0).map((note) => note.join(' ')),
  ].join('; ');
}

export const differs = ({ missing_here, missing_there, other_amount }: Summary): boolean =>
  missing_here + missing_there + other_amount > 0;

function moneyText(provider: Provider, money: Money | null): string {
  if (!money) return '-';
  const { amount, currency } = money;
  const format = currencyFormat(provider, currency);
  return format ? `${formatAmount(amount, format)} ${currency}` : `${amount} smallest units of ${currency}`;
}

/** Rows are shown as they are found, so that the columns cannot be fitted to them. */
function toLine(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(columnWidths[index] ?? 0))
    .join('  ')
    .trimEnd();
}
