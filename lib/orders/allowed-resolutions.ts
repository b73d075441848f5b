import type { ExceptionRecord } from './exception.ts';
import { type ExceptionKind, isOneOf, type Resolution } from './kinds.ts';
import { isMerchantName } from './ledger.ts';

/** What can be done about each kind of exception. */
export const allowedResolutions: Readonly<Record<ExceptionKind, readonly Resolution[]>> = {
  mismatch: ['attributed', 'returned', 'written_off', 'dismissed'],
  paid_after_close: ['attributed', 'returned', 'written_off', 'dismissed'],
  paid_twice: ['attributed', 'returned', 'written_off', 'dismissed'],
  paid_superseded: ['attributed', 'returned', 'written_off', 'dismissed'],
  number_spent: ['written_off', 'dismissed'],
  numbers_exhausted: ['dismissed'],
  merchant_missing: ['dismissed'],
  unknown_refund: ['attributed', 'written_off', 'dismissed'],
  refund_abnormal: ['written_off', 'dismissed'],
  refund_failed: ['attributed', 'written_off', 'dismissed'],
  disputed: ['attributed', 'written_off', 'dismissed'],
  missing_here: ['written_off', 'dismissed'],
  missing_there: ['written_off', 'dismissed'],
  other_amount: ['written_off', 'dismissed'],
  unknown_row: ['written_off', 'dismissed'],
  not_shipped: ['dismissed'],
};

/** Only these book nothing. */
const withoutBooking: readonly Resolution[] = ['written_off', 'dismissed'];

/** What can be done about an exception, whatever has become of its money. */
export function resolutionsOf(
  exception: Pick<ExceptionRecord, 'kind' | 'order_no' | 'merchant' | 'refund_no'>,
): readonly Resolution[] {
  const allowed = allowedResolutions[exception.kind];
  return canBook(exception) ? allowed : allowed.filter((one) => isOneOf(withoutBooking, one));
}

/**
 * What belongs to no order has no owner and no payer. A refund or a dispute that disagrees is no money that came in, and
 * of a merchant whose name can be none nobody can say who holds it.
 */
const canBook = ({
  kind,
  order_no,
  merchant,
  refund_no,
}: Pick<ExceptionRecord, 'kind' | 'order_no' | 'merchant' | 'refund_no'>): boolean =>
  order_no !== null &&
  (kind !== 'mismatch' ||
    (refund_no === null &&
      // Stryker disable next-line ConditionalExpression: null, taken for a text, is a name, too
      (merchant === null || isMerchantName(merchant))));
