import { formatAmount, parseAmount } from '../../../../lib/money.ts';

/** What a refund would return, and what would be left to return, as decimal texts. */
export interface RefundPreview {
  readonly amount: string;
  readonly left: string;
}

/** Null for what is no amount, nothing, or more than there is to return. Both are decimal texts of one currency. */
export function previewRefund(typed: string, refundable: string): RefundPreview | null {
  const format = { digits: refundable.split('.')[1]?.length ?? 0, step: 1 };
  try {
    const amount = parseAmount(typed.trim(), format);
    const left = parseAmount(refundable, format) - amount;
    if (amount === 0 || left < 0) return null;
    return { amount: formatAmount(amount, format), left: formatAmount(left, format) };
  } catch {
    return null;
  }
}
