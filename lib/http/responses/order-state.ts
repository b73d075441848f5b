import * as z from 'zod/mini';
import { amount, currency, orderNumber, orderStatus, provider, time, transactionId } from './fields.ts';

export const orderState = z.object({
  order_no: orderNumber,
  status: orderStatus,
  amount,
  currency,
  provider: z
    .nullable(provider)
    .check(z.meta({ description: 'Null for an order that costs nothing, and before a payment was begun.' })),
  transaction_id: z.nullable(transactionId),
  created_at: time,
  paid_at: z.nullable(time),
});

export type OrderState = z.infer<typeof orderState>;
