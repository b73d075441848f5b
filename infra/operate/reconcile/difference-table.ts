import { formatAmount } from '../../../lib/money.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import { currencyFormat } from '../../../lib/providers/facts.ts';
import type { Money } from '../../../lib/reconciliation/books.ts';
import type { Difference } from '../../../lib/reconciliation/difference.ts';
import type { Tally } from '../../../lib/reconciliation/tally.ts';

const columnWidths = [13, 9, 32, 33, 18];

export const tableHeader = toLine(['kind', 'of', 'payment_no', 'transaction', 'ours', 'theirs']);

export function differenceLine(provider: Provider, difference: Difference): string {
  const { kind, of, payment_no, transaction_id, movement, ours, theirs } = difference;
  return toLine([
    kind,
    of ?? '-',
    payment_no ?? '-',
    movement ?? transaction_id ?? '-',
    moneyText(provider, ours),
    moneyText(provider, theirs),
  ]);
}

/** @param of whose bill it was */
export function summaryLine(of: string, date: string, tally: Tally): string {
  const { rows, agreed, settled, differences } = tally;
  const { missing_here, missing_there, other_amount, unknown_row } = differences;
  const others = Object.entries(tally.others).map(([name, count]) => [count, `rows of ${name}`] as const);
  const notes = [
    [settled, 'settled'],
    [unknown_row, 'kinds of rows that are not understood'],
    [tally.under_way, 'refunds under way'],
    [tally.undecided, 'entries that may be in the bill of the day before or after'],
    [tally.foreign, 'rows of orders that are not ours'],
    ...others,
  ] as const;
  return [
    `${of} ${date}: ${rows} rows, ${agreed} agree`,
    `${missing_here} missing here, ${missing_there} missing there, ${other_amount} of another amount`,
    ...notes.filter(([count]) => count > 0).map((note) => note.join(' ')),
  ].join('; ');
}

function moneyText(provider: Provider, money: Money | null): string {
  if (!money) return '-';
  const { amount, currency } = money;
  const sign = amount < 0 ? '-' : '';
  const format = currencyFormat(provider, currency);
  return format
    ? `${sign}${formatAmount(Math.abs(amount), format)} ${currency}`
    : `${amount} smallest units of ${currency}`;
}

/** Rows are shown as they are found, so that the columns cannot be fitted to them. */
function toLine(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(columnWidths[index] ?? 0))
    .join('  ')
    .trimEnd();
}
