import * as z from 'zod/mini';
import { disputeStates, paymentStates, scenes } from '../../orders/kinds.ts';
import { ledgerEntry } from './books.ts';
import { exception } from './exceptions.ts';
import { amount, currency, merchant, paymentNumber, provider, time, transactionId } from './fields.ts';
import { listedOrder, refund, shippingState } from './orders.ts';

const at = time.check(z.meta({ description: 'Where it stands in the history.' }));

/** What of money that came in has gone back, and what still can. */
const refundable = {
  refunded_amount: amount.check(
    z.meta({ description: 'What of it has gone back, whether that was asked for here or not.' }),
  ),
  refundable_amount: amount.check(z.meta({ description: 'What is neither returned nor on its way back.' })),
};

const historyPayment = z.object({
  type: z.literal('payment'),
  at,
  payment_no: paymentNumber,
  provider,
  merchant,
  scene: z.enum(scenes),
  amount,
  currency,
  state: z.enum(paymentStates),
  current: z
    .boolean()
    .check(z.meta({ description: 'Whether it is the one that paid the order, or that is to pay it.' })),
  transaction_id: z.nullable(transactionId),
  paid_at: z.nullable(time),
  expires_at: time.check(z.meta({ description: 'When its provider stops taking it.' })),
  ...refundable,
});

const historySuspense = z.object({
  type: z.literal('suspense'),
  at,
  payment_no: paymentNumber,
  transaction_id: transactionId,
  provider,
  merchant,
  amount,
  currency,
  ...refundable,
});

const historyReturn = z.object({
  type: z.literal('return'),
  at,
  payment_no: paymentNumber,
  return_id: z.string().check(z.meta({ description: "The provider's own number for it." })),
  amount,
  currency,
  status: z
    .enum(['succeeded', 'failed'])
    .check(z.meta({ description: '`failed`: the money has come again.' })),
});

const historyDispute = z.object({
  type: z.literal('dispute'),
  at,
  dispute_id: z.string().check(z.meta({ description: "The provider's own number for it." })),
  payment_no: paymentNumber,
  amount,
  currency,
  state: z.enum(disputeStates),
  reason: z.string().check(z.meta({ description: 'What the provider names as the cause.' })),
  due_by: z.nullable(time).check(z.meta({ description: 'Until when evidence can be given.' })),
});

export const historyItem = z.discriminatedUnion('type', [
  historyPayment,
  historySuspense,
  z.extend(refund, { type: z.literal('refund'), at }),
  historyReturn,
  z.extend(ledgerEntry, { type: z.literal('entry'), at }),
  historyDispute,
  z.extend(shippingState, { type: z.literal('shipping'), at }),
  z.extend(exception, { type: z.literal('exception'), at }),
]);

export type HistoryItem = z.infer<typeof historyItem>;

export const orderHistory = z.object({
  order: listedOrder,
  history: z
    .array(historyItem)
    .check(z.meta({ description: 'All that is stored of the order, in the order of time.' })),
});

export type OrderHistory = z.infer<typeof orderHistory>;
