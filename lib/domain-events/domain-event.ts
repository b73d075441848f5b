import * as z from 'zod/mini';
import {
  disputeStates,
  type EventType,
  exceptionEnds,
  exceptionKinds,
  exceptionStates,
  orderKinds,
  orderStatuses,
  providers,
  refundStatuses,
} from '../orders/kinds.ts';

/**
 * What a shop is told of. The same schemas check what is read from the bus and describe the events in the API's
 * document: a field that is added there is there for everybody, none is taken away or changes its meaning.
 */

const time = z.iso
  .datetime({ precision: 3 })
  .check(z.meta({ description: 'ISO 8601 in UTC.', examples: ['2026-11-22T08:00:00.000Z'] }));

const versionOf = (thing: string) =>
  z.int().check(
    z.minimum(1),
    z.meta({
      description: `The ${thing}'s: of two events of one ${thing}, the higher tells what it is now.`,
      examples: [3],
    }),
  );

const orderNumber = z.string().check(z.meta({ examples: ['mall-1'] }));

const tenant = z
  .nullable(z.int().check(z.minimum(1)))
  .check(z.meta({ description: "Null where it is no tenant's.", examples: [7] }));

const amount = z
  .string()
  .check(
    z.regex(/^\d+(\.\d+)?$/),
    z.meta({ description: "In the currency's own unit, with all of its decimals.", examples: ['19.99'] }),
  );

const currency = z
  .string()
  .check(z.regex(/^[A-Z]{3}$/), z.meta({ description: 'ISO 4217.', examples: ['CNY'] }));

const provider = z.enum(providers);

const paymentNumber = z
  .string()
  .check(
    z.meta({ description: "The payment's number, under which its provider has it.", examples: ['mall-1'] }),
  );

const merchant = z
  .string()
  .check(z.meta({ description: 'Who is paid at the provider.', examples: ['1900000001'] }));

const order = {
  order_no: orderNumber,
  version: versionOf('order'),
  kind: z.enum(orderKinds),
  id: z.nullable(z.int()).check(z.meta({ description: "The shop's own number of it; null of a tenant's." })),
  tenant_id: tenant,
  status: z.enum(orderStatuses),
  amount,
  currency,
};

const payment = { payment_no: paymentNumber, provider, merchant };

const orderPaid = z.object({
  ...order,
  payment_no: z
    .nullable(paymentNumber)
    .check(z.meta({ description: 'Of the payment that paid it; null of an order that cost nothing.' })),
  provider: z.nullable(provider),
  merchant: z.nullable(merchant),
  transaction_id: z.nullable(z.string()).check(
    z.meta({
      description: "The provider's number for the payment; null while no message has named it.",
      examples: ['4200000000000001'],
    }),
  ),
  paid_at: time,
});

const orderClosed = z.object(order);

const paymentFailed = z.object({ ...order, ...payment });

const refund = z.object({
  order_no: orderNumber,
  version: versionOf('refund'),
  tenant_id: tenant,
  refund_no: z.string().check(z.meta({ examples: ['mall-1-r1'] })),
  ...payment,
  amount,
  currency,
  status: z.enum(refundStatuses),
});

const exception = z.object({
  order_no: z.nullable(orderNumber).check(z.meta({ description: 'Null of one that belongs to no order.' })),
  version: versionOf('exception'),
  tenant_id: tenant,
  id: z.string().check(z.meta({ description: 'As `GET /api/pay/exceptions` has it.' })),
  kind: z.enum(exceptionKinds),
  state: z.enum(exceptionStates),
  payment_no: z.nullable(paymentNumber),
  provider: z.nullable(provider),
  merchant: z.nullable(merchant),
  amount: z.nullable(amount).check(z.meta({ description: 'Null where the message named none.' })),
  currency: z.nullable(z.string()).check(z.meta({ description: 'As the message says.' })),
  resolution: z
    .nullable(z.enum(exceptionEnds))
    .check(z.meta({ description: 'How it ended; null while it is open.' })),
});

const dispute = z.object({
  order_no: orderNumber,
  version: versionOf('dispute'),
  tenant_id: tenant,
  dispute_id: z.string().check(z.meta({ description: "The provider's number for it." })),
  ...payment,
  amount,
  currency,
  state: z.enum(disputeStates),
  due_by: z
    .nullable(z.string())
    .check(
      z.meta({ description: 'Until when evidence can be given.', examples: ['2026-12-01T00:00:00.000Z'] }),
    ),
});

/** What each type of event says. */
export const domainEventData = {
  'order.paid': orderPaid,
  'order.closed': orderClosed,
  'payment.failed': paymentFailed,
  'refund.succeeded': refund,
  'refund.failed': refund,
  'exception.raised': exception,
  'exception.resolved': exception,
  'dispute.opened': dispute,
  'dispute.closed': dispute,
} as const satisfies Readonly<Record<EventType, z.core.$ZodType>>;

/** Something that happened to an order or to money, for the shop. Nothing secret and nothing of a person. */
export type DomainEvent = {
  [T in EventType]: {
    readonly type: T;
    /** The same whenever the event is published: by it a receiver knows what it has seen. */
    readonly id: string;
    /** When it happened; ISO 8601. Of a payment, when its provider took it, which we may hear of much later. */
    readonly timestamp: string;
    /** When it was recorded here; ISO 8601. The same whenever the event is published. */
    readonly recorded_at: string;
    /** The ledger's account of whose it is: `tenant:7`, `shop:mall`, or of what is no order's, its provider's. */
    readonly owner: string;
    readonly data: z.infer<(typeof domainEventData)[T]>;
  };
}[EventType];
