import type { ResolvedExceptionState } from '../../../../http/responses/exceptions.ts';
import { accountLabel } from '../../account-label.ts';
import { OrderBadge } from '../../components/badge.tsx';
import { formatAmount } from '../../format.ts';
import { named, useText } from '../../text.ts';

/** What an exception's end came to, as the API says it: what was booked, what goes back, and how its order is. */
export function Outcome({ outcome }: { readonly outcome: ResolvedExceptionState }) {
  const text = useText();
  const { exception, entries, refund, status } = outcome;
  return (
    <ul class="stack">
      {entries.map(({ kind, debit, credit, amount, currency }) => (
        <li key={`${kind} ${debit} ${credit}`}>
          {text('was_booked', {
            amount: formatAmount(amount, currency),
            from: accountLabel(text, debit),
            to: accountLabel(text, credit),
          })}
        </li>
      ))}
      {refund && (
        <li>
          {text('refund_asked', {
            refund_no: refund.refund_no,
            amount: formatAmount(refund.amount, refund.currency),
            status: named(text, 'refund', refund.status),
          })}
        </li>
      )}
      {entries.length === 0 && !refund && <li>{text('nothing_booked')}</li>}
      {status && (
        <li>
          {exception.order_no} <OrderBadge status={status} />
        </li>
      )}
    </ul>
  );
}
