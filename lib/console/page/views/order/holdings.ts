import type { HistoryItem } from '../../../../http/responses/history.ts';
import type { PaymentState } from '../../../../orders/kinds.ts';
import { isNothing } from '../../format.ts';

type OfType<Type extends HistoryItem['type']> = Extract<HistoryItem, { type: Type }>;

/** Money that came in for an order, or that may: a payment, or a further transaction under its number. */
export interface Holding
  extends Pick<
    OfType<'payment'>,
    'payment_no' | 'provider' | 'merchant' | 'amount' | 'currency' | 'refunded_amount' | 'refundable_amount'
  > {
  readonly transaction_id: string | null;
  readonly state: PaymentState;
  /** Whether its money is nobody's yet. */
  readonly isSuspense: boolean;
  readonly isRefundable: boolean;
  /** How a refund names it; undefined of what paid the order. */
  readonly refundedAs: string | undefined;
}

export const holdingKey = ({ payment_no, transaction_id }: Holding): string =>
  `${payment_no} ${transaction_id}`;

/** What of an order's history is money that came in, or may. */
export const holdingsOf = (history: readonly HistoryItem[]): Holding[] =>
  history.flatMap((item) => {
    if (item.type === 'payment') return [ofPayment(item)];
    return item.type === 'suspense' ? [ofSuspense(item)] : [];
  });

function ofPayment(payment: OfType<'payment'>): Holding {
  const { state, current, transaction_id, payment_no, refundable_amount } = payment;
  const isSuspense = state === 'paid' && !current;
  return {
    ...payment,
    isSuspense,
    isRefundable: !isNothing(refundable_amount),
    refundedAs: isSuspense ? (transaction_id ?? payment_no) : undefined,
  };
}

const ofSuspense = (suspense: OfType<'suspense'>): Holding => ({
  ...suspense,
  state: 'paid',
  isSuspense: true,
  isRefundable: !isNothing(suspense.refundable_amount),
  refundedAs: suspense.transaction_id,
});
