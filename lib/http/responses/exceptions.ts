import * as z from 'zod/mini';
import {
  comparedFields,
  type ExceptionKind,
  entryKinds,
  exceptionEnds,
  exceptionKinds,
  exceptionStates,
  resolutions,
} from '../../orders/kinds.ts';
import {
  account,
  amount,
  currency,
  cursor,
  merchant,
  orderNumber,
  orderStatus,
  paymentNumber,
  provider,
  refundNumber,
  time,
  transactionId,
} from './fields.ts';
import { refund } from './orders.ts';

const exceptionMeanings: Readonly<Record<ExceptionKind, string>> = {
  mismatch: 'it disagrees with the payment',
  paid_after_close: 'money for an order that was given up',
  paid_twice: 'money for an order or payment that is paid already',
  paid_superseded: 'money for a payment that the order has given up for another',
  number_spent: 'the number was used for a payment of before',
  numbers_exhausted: 'the order has had all the payments that it can have',
  merchant_missing: 'the merchant of the payment is not configured any more',
  unknown_refund: 'money that went back without being asked for here',
  refund_abnormal: "a refund that the payer's bank refused, and that waits for a person",
  refund_failed: 'a refund that failed, or was done and sent back',
  disputed: "the payer's bank takes the payment back",
  missing_here: "in a provider's bill and not in the books",
  missing_there: "in the books and not in the provider's bill",
  other_amount: "in the provider's bill with another amount",
  unknown_row: 'a row of a bill that is not understood',
  not_shipped: 'paid for, and its provider has not been told that it was sent',
};

const exceptionKind = z.enum(exceptionKinds).check(
  z.meta({
    description: exceptionKinds.map((kind) => `\`${kind}\`: ${exceptionMeanings[kind]}.`).join(' '),
  }),
);

const exceptionEnd = z.object({
  resolution: z.enum(exceptionEnds).check(
    z.meta({
      description:
        "`attributed`: its money is the order's owner's. `returned`: it goes back to the payer. `written_off`: it is given up. `dismissed`: there was nothing to do. `repaired`: the provider was asked to repair the refund. `named`: the provider has said what had gone back, and another exception tells of that.",
    }),
  ),
  reason: z.string(),
  by: z.string().check(z.meta({ description: 'The `sub` of who said so.' })),
  at: time,
});

export const exception = z.object({
  id: z
    .string()
    .check(z.meta({ description: 'By which it is resolved; opaque.', examples: ['WyJtYWxsLTEiXQ'] })),
  order_no: z
    .nullable(orderNumber)
    .check(z.meta({ description: "Null where it names no order of ours: it is its merchant's." })),
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
  reason: z
    .nullable(z.string())
    .check(z.meta({ description: 'What the provider names as the cause: of a dispute.' })),
  due_by: z.nullable(time).check(z.meta({ description: 'Until when something can be done about it.' })),
  recorded_at: time,
  resolutions: z
    .readonly(z.array(z.enum(resolutions)))
    .check(z.meta({ description: 'What it may be resolved as; nothing once it is resolved.' })),
  resolved: z.nullable(exceptionEnd).check(z.meta({ description: 'How it ended; null while it is open.' })),
});

export const exceptionsPage = z.object({ exceptions: z.array(exception), cursor });

export type Exception = z.infer<typeof exception>;

export type ExceptionsPage = z.infer<typeof exceptionsPage>;

const endEntry = z.object({ kind: z.enum(entryKinds), debit: account, credit: account, amount, currency });

const resolutionPreview = z.object({
  resolution: z.enum(resolutions),
  refused: z
    .nullable(
      z.object({
        error: z.string().check(z.meta({ description: 'As `settle-error` would say it.' })),
        message: z.string().check(z.meta({ description: 'What to do instead.' })),
      }),
    )
    .check(z.meta({ description: 'Why it would be refused as things are; null where it would not.' })),
  entries: z.array(endEntry).check(z.meta({ description: 'What would be booked by it.' })),
  refund: z
    .nullable(z.object({ amount, currency }))
    .check(z.meta({ description: 'What would go back to the payer by it.' })),
  checks_payment: z.boolean().check(
    z.meta({
      description:
        'Its provider would be asked about the payment: one that it has taken otherwise is closed.',
    }),
  ),
  status: z
    .nullable(orderStatus)
    .check(z.meta({ description: "The order's afterwards; null where it belongs to no order." })),
});

/** An exception, and what each end that it can have would come to. */
export const exceptionView = z.object({
  exception,
  status: z
    .nullable(orderStatus)
    .check(z.meta({ description: "The order's now; null where it belongs to no order." })),
  previews: z
    .array(resolutionPreview)
    .check(
      z.meta({ description: 'One for each of its `resolutions`, as things are; decided anew when it ends.' }),
    ),
});

export type ExceptionView = z.infer<typeof exceptionView>;

/** What an exception's end came to. */
export const resolvedException = z.object({
  exception,
  entries: z.array(endEntry).check(z.meta({ description: 'What was booked by it.' })),
  refund: z.nullable(refund).check(z.meta({ description: 'What goes back to the payer by it.' })),
  status: z
    .nullable(orderStatus)
    .check(z.meta({ description: "The order's afterwards; null where it belongs to no order." })),
});

export type ResolvedExceptionState = z.infer<typeof resolvedException>;
