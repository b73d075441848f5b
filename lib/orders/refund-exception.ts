import { changeOf } from './change.ts';
import type { Step } from './commit.ts';
import type { RefundEvent } from './event.ts';
import { exceptionOnce } from './exception.ts';
import type { ComparedField, OrderStatus } from './kinds.ts';
import type { Holding } from './payment.ts';
import { parseRefundNumber, returnedSumName } from './refund.ts';
import type { Snapshot } from './snapshot.ts';

/** What is said of a refund and cannot be booked: it is recorded for a person to see, and changes nothing else. */

/** As a message says it, or an answer about its payment, which may not name the transaction. */
export type SaidRefund = Omit<RefundEvent, 'transaction_id'> & { readonly transaction_id?: string | null };

export type RefundExceptionResult =
  | { readonly outcome: 'mismatch'; readonly order_no: string; readonly fields: readonly ComparedField[] }
  | {
      readonly outcome: 'unknown_refund';
      readonly order_no: string;
      /** The order's. */
      readonly status: OrderStatus;
    };

/** Whether it is said to be of money of another amount, or to be more than that money was. */
export const isOfAnotherAmount = (
  paid_amount: number,
  { paid = paid_amount, amount = 0, total = 0 }: Pick<SaidRefund, 'paid' | 'amount' | 'total'>,
): boolean => paid !== paid_amount || amount > paid_amount || total > paid_amount;

/**
 * @param money that it is said to be of
 * @param fields in which it disagrees with what is known here; none of what is not known here
 */
export function decideException(
  snapshot: Snapshot,
  money: Pick<Holding, 'currency'>,
  event: SaidRefund,
  fields: readonly ComparedField[],
  now: number,
): Extract<Step<RefundExceptionResult>, { result: unknown }> {
  const { order_no, status } = snapshot.order;
  const isMismatch = fields.length > 0;
  const kind = isMismatch ? 'mismatch' : 'unknown_refund';
  const { provider, merchant, payment_no, transaction_id = null } = event;
  // A mismatch without a number would be taken for money that came in.
  const sum = isMismatch ? event.total : undefined;
  const name = nameOf(order_no, event);
  const refund_no = name ?? (sum === undefined ? null : returnedSumName(sum, transaction_id));
  const { amount = sum ?? null } = event;
  // An amount that comes without its currency is taken to be in that of the money.
  const { currency = amount === null ? null : money.currency } = event;
  const about = { provider, merchant, payment_no, refund_no, transaction_id } as const;
  const writes = exceptionOnce(snapshot, { kind, ...about, fields, amount, currency }, now);
  return {
    result: isMismatch
      ? { outcome: 'mismatch', order_no, fields }
      : { outcome: 'unknown_refund', order_no, status },
    change: changeOf(order_no, writes),
  };
}

/** One that is none of ours has the number of the return that it may turn out to be. */
function nameOf(order_no: string, { refund_no, refund_id }: SaidRefund): string | null {
  const isOurs = refund_no !== null && parseRefundNumber(refund_no, order_no) !== null;
  return isOurs ? refund_no : (refund_id ?? refund_no);
}
