import * as z from 'zod/mini';
import { refundStatuses } from '../../orders/kinds.ts';
import { amount, currency, orderNumber, refundNumber, time } from './fields.ts';

export const refund = z.object({
  order_no: orderNumber,
  refund_no: refundNumber,
  status: z.enum(refundStatuses).check(z.meta({ description: '`open` until the provider has decided.' })),
  amount,
  currency,
  created_at: time,
});

export type RefundState = z.infer<typeof refund>;
