import { resolutionsOf } from '../orders/allowed-resolutions.ts';
import { type EndEntry, type ExceptionRecord, encodeExceptionId } from '../orders/exception.ts';
import type { Provider } from '../orders/kinds.ts';
import { amountText } from '../providers/facts.ts';
import type { Exception } from './responses/exceptions.ts';

/** What a client is told of an exception. */
export function exceptionState(record: ExceptionRecord): Exception {
  const { order_no, payment_no, kind, state, provider, merchant, currency, recorded_at } = record;
  const { transaction_id, refund_no, fields, reason, due_by, resolved } = record;
  const amount = amountText(record);
  return {
    id: encodeExceptionId(record),
    ...{ order_no, payment_no, kind, state, provider, merchant, transaction_id, refund_no },
    ...{ fields, amount, currency, reason, due_by, recorded_at },
    resolutions: resolved ? [] : resolutionsOf(record),
    resolved: resolved && {
      resolution: resolved.resolution,
      reason: resolved.reason,
      by: resolved.by,
      at: resolved.at,
    },
  };
}

/** What a client is told of what was, or would be, booked by an exception's end. */
export const entryState = (
  { kind, debit, credit, amount, currency }: EndEntry,
  provider: Provider | null,
) => ({ kind, debit, credit, amount: amountText({ amount, currency, provider }) ?? '', currency });
