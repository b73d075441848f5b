import * as z from 'zod/mini';
import {
  comparedFields,
  disputeStates,
  type ExceptionKind,
  entryKinds,
  eventTypes,
  exceptionEnds,
  exceptionKinds,
  exceptionStates,
  logisticsTypes,
  orderKinds,
  orderStatuses,
  paymentStates,
  providers,
  refundStatuses,
  resolutions,
  scenes,
  shippingStates,
} from '../orders/kinds.ts';
import { type DayState, dayStates } from '../reconciliation/day-result.ts';
import { attemptErrors, deliveryStates, givenUpReasons } from '../webhooks/delivery.ts';

/** Field types of replies. Replies are written and not parsed: their schemas are for documents and tests. */

const time = z
  .string()
  .check(
    z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    z.meta({ description: 'ISO 8601 in UTC.', examples: ['2026-11-22T08:00:00.000Z'] }),
  );

const amount = z
  .string()
  .check(
    z.regex(/^\d+(\.\d+)?$/),
    z.meta({ description: "In the currency's own unit, with all of its decimals.", examples: ['19.99'] }),
  );

const currency = z
  .string()
  .check(z.regex(/^[A-Z]{3}$/), z.meta({ description: 'ISO 4217.', examples: ['CNY'] }));

const orderNumber = z
  .string()
  .check(z.meta({ description: '`mall-<id>`, `meal-<id>`, or `p` and a ULID.', examples: ['mall-1'] }));

const transactionId = z
  .string()
  .check(z.meta({ description: "The provider's number for the payment.", examples: ['4200000000000001'] }));

const cursor = z
  .nullable(z.string())
  .check(z.meta({ description: 'Hand it back to go on; null at the end.' }));

const paymentNumber = z.string().check(
  z.meta({
    description: "The payment's number at its provider: the order's, `<order_no>-<n>` for its n-th.",
    examples: ['mall-1-2'],
  }),
);

const refundNumber = z
  .string()
  .check(z.meta({ description: 'The number under which the provider holds it.', examples: ['mall-1-r1'] }));

const provider = z.enum(providers);

const merchant = z
  .string()
  .check(z.meta({ description: 'Who is paid at the provider.', examples: ['1900000001'] }));

const orderStatus = z.enum(orderStatuses);

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

const status = z.int().check(z.gte(400), z.lte(599), z.meta({ description: 'The HTTP status.' }));
const message = z.string().check(z.meta({ description: 'What is wrong; of a field, which one.' }));

/** Of `/api/pay/*`. */
export const payError = z.object({ code: status, msg: message, data: z.null() });

/** Of `/v2/*`. */
export const v2Error = z.object({ code: status, message, data: z.null() });

/** Of `/v2/*` at 401. */
export const v2Unauthenticated = z.object({ code: z.literal(401), message: z.literal('用户未认证') });

/** To WeChat Pay, of a message that it must send again. */
export const wechatFailure = z.object({ code: z.literal('FAIL'), message: z.string() });

/** The order after the message. */
export const callbackOrder = z.object({ order_no: orderNumber, status: orderStatus });

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
  refunded_amount: amount.check(
    z.meta({ description: 'What of it has gone back, whether that was asked for here or not.' }),
  ),
  exceptions: z.int().check(
    z.gte(0),
    z.meta({
      description: 'How many exceptions of the order are open: `GET /api/pay/exceptions` has them.',
    }),
  ),
});

export type OrderState = z.infer<typeof orderState>;

const subject = z.string().check(z.meta({ description: 'A `sub`.', examples: ['operator-1'] }));

const ofTenant = z.nullable(z.int().check(z.gte(1)));

/** An order as those see it who look after many. */
export const listedOrder = z.extend(orderState, {
  kind: z.enum(orderKinds),
  tenant_id: ofTenant.check(z.meta({ description: "Whose it is; null of a shop's." })),
  description: z
    .string()
    .check(z.meta({ description: 'What the payer reads at the provider; empty once the user was erased.' })),
  expires_at: z
    .nullable(time)
    .check(z.meta({ description: 'When it is given up unless it is paid; null when it is not.' })),
  closed_by: z.nullable(subject).check(
    z.meta({
      description: 'Who asked for it to be closed; null where nobody did, or its user was erased.',
    }),
  ),
  disputes: z.int().check(z.gte(0), z.meta({ description: 'How many disputes of its payments are open.' })),
});

export type ListedOrder = z.infer<typeof listedOrder>;

export const ordersPage = z.object({ orders: z.array(listedOrder), cursor });
export type OrdersPage = z.infer<typeof ordersPage>;

export const paymentPage = z.object({
  order_no: orderNumber,
  pay_url: z.string().check(
    z.meta({
      description:
        'Where the payer pays: a page of Alipay or Stripe, or a `weixin://` address to be shown as a QR code.',
      examples: ['weixin://wxpay/bizpayurl?pr=p4lpSuKzz'],
    }),
  ),
});

/** What a mini-program hands to `wx.requestPayment`, with the app's id. */
export const paymentParameters = z.object({
  appId: z.string(),
  timeStamp: z.string().check(z.regex(/^\d+$/), z.meta({ description: 'Seconds since 1970.' })),
  nonceStr: z.string(),
  package: z.string().check(z.regex(/^prepay_id=/)),
  signType: z.literal('RSA'),
  paySign: z.string(),
});

export type PaymentParameters = z.infer<typeof paymentParameters>;

/** The order cost nothing and is paid. */
export const paidAtOnce = z.object({ paid: z.literal(true) });

export type PaidAtOnce = z.infer<typeof paidAtOnce>;

export const refund = z.object({
  order_no: orderNumber,
  refund_no: refundNumber,
  payment_no: paymentNumber.check(z.meta({ description: 'The payment that it returns.' })),
  transaction_id: z
    .nullable(transactionId)
    .check(z.meta({ description: 'The transaction that it returns; null while no message has named it.' })),
  provider,
  merchant,
  status: z.enum(refundStatuses).check(z.meta({ description: '`open` until the provider has decided.' })),
  amount,
  currency,
  reason: z.string().check(z.meta({ description: 'As it was asked for; empty once the user was erased.' })),
  requested_by: z
    .nullable(subject)
    .check(z.meta({ description: 'Who asked for it; null once that user was erased.' })),
  created_at: time,
  decided_at: z
    .nullable(time)
    .check(
      z.meta({ description: 'When it was known what the provider has decided; null while it is open.' }),
    ),
});

export type RefundState = z.infer<typeof refund>;

export const refundsPage = z.object({ refunds: z.array(refund) });
export type RefundsPage = z.infer<typeof refundsPage>;

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

const account = z.string().check(z.meta({ examples: ['shop:mall'] }));

/** What an exception's end came to. */
export const resolvedException = z.object({
  exception,
  entries: z
    .array(z.object({ kind: z.enum(entryKinds), debit: account, credit: account, amount, currency }))
    .check(z.meta({ description: 'What was booked by it.' })),
  refund: z.nullable(refund).check(z.meta({ description: 'What goes back to the payer by it.' })),
  status: z
    .nullable(orderStatus)
    .check(z.meta({ description: "The order's afterwards; null where it belongs to no order." })),
});

export type ResolvedExceptionState = z.infer<typeof resolvedException>;

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

const date = z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/), z.meta({ examples: ['2026-11-22'] }));
const howMany = (description: string) => z.int().check(z.gte(0), z.meta({ description }));

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
  under_way: howMany('Refunds in the bill that are not decided here.'),
  undecided: howMany('Bookings that may belong into the bill of the day before or after.'),
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

/** What was sent, and whether its provider knows. */
export const shippingState = z.object({
  order_no: orderNumber,
  state: z.enum(shippingStates),
  logistics_type: z.enum(logisticsTypes),
  items: z.string(),
  parcels: z.array(
    z.object({ express_company: z.string(), tracking_no: z.string(), contact: z.nullable(z.string()) }),
  ),
  requested_at: time,
  told_at: z.nullable(time),
});
export type ShippingState = z.infer<typeof shippingState>;

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

const eventType = z.enum(eventTypes);

const endpointStates = ['ok', 'paused', 'failing'] as const;

const endpointHealth = {
  tenant_id: ofTenant.check(z.meta({ description: "Whose it is; null of the stage's own." })),
  state: z.enum(endpointStates).check(
    z.meta({
      description:
        '`paused`: it has failed again and again, and new events wait until it takes one. `failing`: it has taken nothing for a day.',
    }),
  ),
  failing_since: z
    .nullable(time)
    .check(
      z.meta({ description: 'When it failed first since it last took something; null while it takes all.' }),
    ),
  failures: howMany('Attempts that failed since then.'),
  paused_until: z.nullable(time).check(z.meta({ description: 'When one of the events that wait is tried.' })),
};

const failingEndpoint = z.object(endpointHealth);

export const webhookEndpoint = z.object({
  ...endpointHealth,
  url: z
    .string()
    .check(z.meta({ description: 'Without its query.', examples: ['https://shop.example.com/webhooks'] })),
  events: z.nullable(z.array(eventType)).check(z.meta({ description: 'Of what it is told; null of all.' })),
  tenant_events: z.boolean().check(z.meta({ description: "Whether it is told of tenants' orders too." })),
  secrets: howMany('Secrets with which what is sent is signed: two during a rotation.'),
  waiting: howMany('Deliveries that wait for it, up to 1000.'),
  last_delivered_at: z
    .nullable(time)
    .check(
      z.meta({ description: 'When it took the newest event that it has taken; null of none in 30 days.' }),
    ),
});

export const webhooksState = z.object({
  endpoint: z.nullable(webhookEndpoint).check(z.meta({ description: 'Null where there is none.' })),
  failing: z
    .array(failingEndpoint)
    .check(z.meta({ description: 'All endpoints that fail: for a token of no tenant that asks for none.' })),
});
export type EndpointHealth = z.infer<typeof failingEndpoint>;
export type WebhookEndpoint = z.infer<typeof webhookEndpoint>;
export type WebhooksState = z.infer<typeof webhooksState>;

const attempt = z.object({
  at: time,
  status: z
    .nullable(z.int())
    .check(z.meta({ description: 'Of the answer; null where there was none.', examples: [204] })),
  error: z.nullable(z.enum(attemptErrors)).check(z.meta({ description: 'Why there was no answer.' })),
  duration_ms: howMany('Milliseconds.'),
});

const deliveryId = z.string().check(
  z.meta({
    description: 'By which it is sent again; opaque.',
    examples: ['c3RhZ2UgMjAyNi0xMS0yMlQwODowMDowMC4wMDBaIGV2dF8x'],
  }),
);

export const delivery = z.object({
  id: deliveryId,
  tenant_id: ofTenant.check(z.meta({ description: "Whose endpoint it is for; null of the stage's own." })),
  event_id: z.string().check(z.meta({ description: 'Its header `webhook-id`.' })),
  type: eventType,
  timestamp: time.check(z.meta({ description: 'When it happened.' })),
  order_no: z.nullable(orderNumber),
  state: z
    .enum(deliveryStates)
    .check(z.meta({ description: '`due` until it is delivered, or given up after three days of attempts.' })),
  due_at: z
    .nullable(time)
    .check(z.meta({ description: 'When it is attempted next; null while it waits, and when it is over.' })),
  attempts: z.array(attempt).check(z.meta({ description: 'The latest, oldest first.' })),
  ended_at: z.nullable(time).check(z.meta({ description: 'When it was delivered or given up.' })),
  reason: z.nullable(z.enum(givenUpReasons)).check(z.meta({ description: 'Why it was given up.' })),
  redelivered: z
    .nullable(z.object({ by: z.string().check(z.meta({ description: 'A `sub`.' })), at: time }))
    .check(z.meta({ description: 'Who last had it sent again.' })),
});
export type DeliveryView = z.infer<typeof delivery>;

export const deliveriesPage = z.object({ deliveries: z.array(delivery), cursor });
export type DeliveriesPage = z.infer<typeof deliveriesPage>;

export const redeliveredPeriod = z.object({
  redelivered: howMany('Deliveries that are sent again by this request.'),
  cursor,
});
export type RedeliveredPeriod = z.infer<typeof redeliveredPeriod>;
