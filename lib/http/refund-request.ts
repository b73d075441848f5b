import * as z from 'zod/mini';
import type { Order } from '../orders/order.ts';
import type { RefundOrderRequest } from '../orders/request-refund.ts';
import { currencyFormat } from '../providers/currencies.ts';
import { ApiError } from './api-error.ts';
import { amountText, readAmount, text } from './fields.ts';

export const refundSchema = z.object({
  order_no: text(64),
  amount: z.optional(amountText),
  reason: text(80),
  transaction_id: z.optional(text(64)),
});

export type RefundBody = z.infer<typeof refundSchema>;

/** The refund that a body asks for, its amount read as the order's currency is counted. @throws ApiError */
export function readRefundRequest(
  { order_no, amount: text, reason, transaction_id }: RefundBody,
  order: Order,
): RefundOrderRequest {
  const format = order.provider && currencyFormat(order.provider, order.currency);
  if (!format) throw new ApiError(409, 'order_no 对应的订单没有可退的款项');
  const request = { order_no, reason, transaction_id: transaction_id ?? null };
  if (text === undefined) return { ...request, amount: null };
  const amount = readAmount(text, format, 1);
  if (typeof amount !== 'number') throw new ApiError(400, `amount ${amount.error}`);
  return { ...request, amount };
}
