import { isJsonObject } from '../../json.ts';
import type { Discount } from '../../orders/payment.ts';

/**
 * What of a transaction's amount its payer did not pay, in fen (docs: "支付通知", `amount.payer_total` and
 * `promotion_detail`). A coupon of the type NOCASH is the merchant's own, which WeChat Pay does not make good. Null where
 * the transaction does not say, or nothing that adds up: it is for people to read, and decides nothing.
 */
export function readDiscount({
  amount,
  promotion_detail,
}: Readonly<Record<string, unknown>>): Discount | null {
  if (!isJsonObject(amount)) return null;
  const { total, payer_total } = amount;
  if (!isFen(total) || !isFen(payer_total)) return null;
  // Stryker disable next-line ArrayDeclaration: what is no object, and no coupon, has no share
  const promotions = Array.isArray(promotion_detail) ? promotion_detail.filter(isJsonObject) : [];
  const merchant = promotions.reduce((sum, promotion) => sum + merchantShare(promotion), 0);
  const provider = total - payer_total - merchant;
  return provider < 0 ? null : { merchant, provider };
}

function merchantShare({ type, amount, merchant_contribute }: Readonly<Record<string, unknown>>): number {
  if (isFen(merchant_contribute)) return merchant_contribute;
  return type === 'NOCASH' && isFen(amount) ? amount : 0;
}

const isFen = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
