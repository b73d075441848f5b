import * as z from 'zod/mini';
import type { MismatchField } from '../../orders/exception.ts';
import { amount, cursor, exceptionKind, orderNumber, provider, time, transactionId } from './fields.ts';

const exception = z.object({
  order_no: orderNumber,
  kind: exceptionKind,
  provider: z.nullable(provider),
  transaction_id: z.nullable(transactionId),
  fields: z
    .readonly(z.array(z.enum(['provider', 'merchant', 'amount', 'currency'] satisfies MismatchField[])))
    .check(z.meta({ description: 'In which the message and its order disagree.' })),
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
