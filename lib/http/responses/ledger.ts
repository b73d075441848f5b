import * as z from 'zod/mini';
import { entryKinds } from '../../orders/kinds.ts';
import { amount, currency, cursor, merchant, orderNumber, provider, time, transactionId } from './fields.ts';

const account = z.string().check(z.meta({ examples: ['shop:mall'] }));

const ledgerEntry = z.object({
  order_no: orderNumber,
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

export const ledgerPage = z.object({
  account,
  from: time,
  to: time.check(z.meta({ description: 'The first instant that is no part of the period.' })),
  entries: z.array(ledgerEntry),
  sums: z
    .nullable(z.array(ledgerSum))
    .check(z.meta({ description: 'Of the whole period, by currency; only on the first page, else null.' })),
  cursor,
});

export type LedgerEntryState = z.infer<typeof ledgerEntry>;
export type LedgerPage = z.infer<typeof ledgerPage>;
