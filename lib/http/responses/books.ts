import * as z from 'zod/mini';
import { entryKinds } from '../../orders/kinds.ts';
import { type DayState, dayStates } from '../../reconciliation/day-result.ts';
import {
  account,
  amount,
  currency,
  cursor,
  date,
  howMany,
  merchant,
  orderNumber,
  provider,
  time,
  transactionId,
} from './fields.ts';

export const ledgerEntry = z.object({
  order_no: z.nullable(orderNumber).check(z.meta({ description: 'Null of what belongs to no order.' })),
  kind: z.enum(entryKinds),
  debit: account,
  credit: account,
  amount,
  currency,
  provider,
  merchant,
  transaction_id: z.nullable(transactionId),
  booked_at: time,
});

const ledgerSum = z.object({ currency, debit: amount, credit: amount });

const ledgerDay = z.object({
  from: time.check(
    z.meta({ description: 'Its first instant; it has 24 hours, or what is left of the period.' }),
  ),
  sums: z.array(ledgerSum),
});

export const ledgerPage = z.object({
  account,
  from: time,
  to: time.check(z.meta({ description: 'The first instant that is no part of the period.' })),
  entries: z.array(ledgerEntry),
  sums: z
    .nullable(z.array(ledgerSum))
    .check(z.meta({ description: 'Of the whole period, by currency; only on the first page, else null.' })),
  days: z.nullable(z.array(ledgerDay)).check(
    z.meta({
      description: 'The same of each 24 hours of the period from its start on; null where `sums` is.',
    }),
  ),
  cursor,
});

export type LedgerEntryState = z.infer<typeof ledgerEntry>;

export type LedgerPage = z.infer<typeof ledgerPage>;

const movementSum = z.object({
  kind: z.enum(['payment', 'refund', 'dispute']),
  currency,
  amount: z.nullable(z.string().check(z.regex(/^-?\d+(\.\d+)?$/))).check(
    z.meta({
      description:
        "In the currency's own unit; below zero where more came back. Fees have three decimals more. Null where the provider does not take the currency.",
      examples: ['19.99'],
    }),
  ),
});

const dayStateMeanings: Readonly<Record<DayState, string>> = {
  running: 'it is not finished',
  late: 'the provider has no bill yet',
  agreed: 'the bill and the books agree',
  differs: 'they do not: each difference is an exception',
};

export const reconciliation = z.object({
  provider,
  merchant,
  day: date.check(z.meta({ description: "By the provider's calendar." })),
  state: z.enum(dayStates).check(
    z.meta({
      description: dayStates.map((state) => `\`${state}\`: ${dayStateMeanings[state]}.`).join(' '),
    }),
  ),
  rows: howMany('Rows of the bill that were compared.'),
  agreed: howMany('Rows that the books have.'),
  settled: howMany('Rows that the books had not, and have now.'),
  under_way: howMany('Payments and refunds in the bill that are not decided yet.'),
  undecided: howMany('Bookings that may belong into the bill of another day, which was not known yet.'),
  foreign: howMany('Rows of orders that are not ours.'),
  differences: z.object({
    missing_here: howMany('In the bill and not in the books.'),
    missing_there: howMany('In the books and not in the bill.'),
    other_amount: howMany('In both, with different amounts.'),
    unknown_row: howMany('Kinds of rows that are not understood.'),
  }),
  others: z
    .array(z.object({ name: z.string(), count: howMany('Rows of this kind.') }))
    .check(
      z.meta({ description: "Rows that moved no money of a payment, by the bill's name for their kind." }),
    ),
  sums: z.array(movementSum).check(z.meta({ description: 'What moved of our payments.' })),
  fees: z.array(movementSum).check(z.meta({ description: 'What the provider kept of them, exactly.' })),
  started_at: time,
  finished_at: z.nullable(time),
});

export const reconciliationsPage = z.object({ reconciliations: z.array(reconciliation), cursor });

export type Reconciliation = z.infer<typeof reconciliation>;

export type ReconciliationsPage = z.infer<typeof reconciliationsPage>;
