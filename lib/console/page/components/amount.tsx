import { formatAmount } from '../format.ts';

interface AmountProps {
  /** A decimal text; null where it is not known. */
  readonly amount: string | null;
  readonly currency: string | null;
}

export function Amount({ amount, currency }: AmountProps) {
  if (amount === null) return <span class="muted">–</span>;
  return <span class="amount">{currency === null ? amount : formatAmount(amount, currency)}</span>;
}
