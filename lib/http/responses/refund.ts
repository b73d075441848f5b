import * as z from 'zod/mini';
import type { RefundStatus } from '../../orders/refund.ts';
import { amount, currency, orderNumber, time } from './fields.ts';

export const refund = z.object({
  order_no: orderNumber,
  refund_no: z
    .string()
    .check(z.meta({ description: 'The number under which the provider holds it.', examples: ['mall-1-r1'] })),
  status: z
    .enum(['open', 'succeeded', 'failed'] satisfies RefundStatus[])
    .check(z.meta({ description: '`open` until the provider has decided.' })),
  amount,
  currency,
  created_at: time,
});

export type RefundState = z.infer<typeof refund>;
