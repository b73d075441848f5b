import * as z from 'zod/mini';
import { logisticsTypes, orderKinds, refundStatuses, shippingStates } from '../../orders/kinds.ts';
import {
  amount,
  currency,
  cursor,
  merchant,
  ofTenant,
  orderNumber,
  orderStatus,
  paymentNumber,
  provider,
  refundNumber,
  subject,
  time,
  transactionId,
} from './fields.ts';

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
