import type { Exception, ExceptionView } from '../../http/responses/exceptions.ts';
import { accountLabel, suspenseOf } from './account-label.ts';
import { formatAmount } from './format.ts';
import type { Text } from './text.ts';

type Preview = ExceptionView['previews'][number];

/** What an end of an exception will book and return, in words: it is the API that foretells it. */
export function endingText(text: Text, view: ExceptionView, preview: Preview): string {
  const { exception, status } = view;
  const { refused, entries, refund } = preview;
  if (refused) return text('ending_refused', { why: refused.message });
  const suspense = suspenseOf(exception) ?? '';
  const said = [
    ...entries.map(({ amount, currency, debit, credit }) =>
      text('ending_books', {
        amount: formatAmount(amount, currency),
        from: accountLabel(text, debit),
        to: accountLabel(text, credit),
      }),
    ),
    refund &&
      text('ending_returns', {
        amount: formatAmount(refund.amount, refund.currency),
        from: accountLabel(text, suspense),
      }),
    preview.status === 'paid' && status !== 'paid' && text('ending_pays'),
  ].filter((sentence) => typeof sentence === 'string');
  return said.length > 0 ? said.join(' ') : nothingBooked(text, view, preview);
}

function nothingBooked(
  text: Text,
  { exception, previews }: ExceptionView,
  { resolution, checks_payment }: Preview,
): string {
  if (resolution === 'returned') return text('ending_nothing_left');
  if (checks_payment) return text('ending_checks_payment');
  const left = leftInSuspense(exception, previews);
  return left
    ? text('ending_stays', {
        amount: formatAmount(left.amount, left.currency),
        from: accountLabel(text, suspenseOf(exception) ?? ''),
      })
    : text('ending_nothing');
}

/** What another end would take out of suspense; null where that is nothing. */
function leftInSuspense(exception: Exception, previews: readonly Preview[]) {
  const entries = previews.flatMap((preview) => preview.entries);
  const refunds = previews.flatMap(({ refund }) => refund ?? []);
  return entries.find(({ debit }) => debit === suspenseOf(exception)) ?? refunds[0] ?? null;
}
