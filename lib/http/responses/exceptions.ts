import * as z from 'zod/mini';
import { comparedFields, exceptionStates } from '../../orders/kinds.ts';
import {
  amount,
  cursor,
  exceptionKind,
  merchant,
  orderNumber,
  paymentNumber,
  provider,
  refundNumber,
  time,
  transactionId,
} from './fields.ts';

const exception = z.object({
  order_no: orderNumber,
  payment_no: z
    .nullable(paymentNumber)
    .check(z.meta({ description: 'Null where it is about no payment of the order.' })),
  kind: exceptionKind,
  state: z.enum(exceptionStates),
  provider: z.nullable(provider),
  merchant: z.nullable(merchant),
  transaction_id: z.nullable(transactionId),
  refund_no: z.nullable(refundNumber),
  fields: z
    .readonly(z.array(z.enum(comparedFields)))
    .check(z.meta({ description: 'In which the message and its payment disagree.' })),
  amount: z
    .nullable(amount)
    .check(
      z.meta({ description: 'As the message says; null where it names none or its unit is not known.' }),
    ),
  currency: z.nullable(z.string()).check(z.meta({ description: 'As the message says.' })),
  recorded_at: time,
});

export const exceptionsPage = z.object({ exceptions: z.array(exception), cursor });

export type Exception = z.infer<typeof exception>;
export type ExceptionsPage = z.infer<typeof exceptionsPage>;
