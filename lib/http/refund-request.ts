import * as z from 'zod/mini';
import type { Holding, RefundOrderRequest } from '../orders/request-refund.ts';
import { currencyFormat } from '../providers/facts.ts';
import { ApiError } from './api-error.ts';
import { amountText, readAmount, text } from './fields.ts';

export const refundSchema = z.object({
  order_no: text(64),
  amount: z.optional(amountText),
  reason: text(80),
  transaction_id: z.optional(text(64)),
});

export type RefundBody = z.infer<typeof refundSchema>;

/** The refund that a body asks for. Its amount is read as the money is counted that it is taken from. */
export const readRefundRequest = ({
  order_no,
  amount,
  reason,
  transaction_id,
}: RefundBody): RefundOrderRequest => ({
  order_no,
  reason,
  transaction_id: transaction_id ?? null,
  amountText: amount ?? null,
  amountOf: (holding) => (amount === undefined ? null : amountFrom(amount, holding)),
});

/** @throws ApiError */
function amountFrom(text: string, { provider, currency }: Holding): number {
  const format = currencyFormat(provider, currency);
  if (!format) throw new Error('money is stored in a currency that its provider does not take');
  const amount = readAmount(text, format, 1);
  if (typeof amount !== 'number') throw new ApiError(400, `amount ${amount.error}`);
  return amount;
}
