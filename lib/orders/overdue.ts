import type { ExceptionKind } from './kinds.ts';

const DAY_MS = 86_400_000;

/** How many days an exception of a kind may stay open before somebody is called: a bank takes months over a dispute. */
const patienceInDays: Readonly<Record<ExceptionKind, number>> = {
  mismatch: 3,
  paid_after_close: 3,
  paid_twice: 3,
  paid_superseded: 3,
  number_spent: 7,
  numbers_exhausted: 7,
  merchant_missing: 3,
  unknown_refund: 7,
  refund_abnormal: 3,
  refund_failed: 3,
  disputed: 120,
  missing_here: 3,
  missing_there: 7,
  other_amount: 3,
  unknown_row: 7,
  not_shipped: 3,
};

/** Whether an open exception has been so for longer than its kind allows. */
export const isOverdue = (
  { kind, recorded_at }: { readonly kind: ExceptionKind; readonly recorded_at: string },
  now: number,
): boolean => now - Date.parse(recorded_at) > patienceInDays[kind] * DAY_MS;
