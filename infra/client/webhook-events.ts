/**
 * What Settle's webhooks say. It imports nothing, so that this one file can be copied. Fields are added, and none is
 * taken away or changes its meaning; types of events are added too: acknowledge what you do not know.
 */

/** The body of a webhook; its header `webhook-id` is the event's id. */
export type WebhookEvent = {
  [T in keyof WebhookEventData]: {
    type: T;
    /** When it happened; ISO 8601 in UTC. */
    timestamp: string;
    data: WebhookEventData[T];
  };
}[keyof WebhookEventData];

export interface WebhookEventData {
  'order.paid': PaidOrder;
  'order.closed': OrderNews;
  'payment.failed': FailedPayment;
  'refund.succeeded': RefundNews;
  'refund.failed': RefundNews;
  'exception.raised': ExceptionNews;
  'exception.resolved': ExceptionNews;
  'dispute.opened': DisputeNews;
  'dispute.closed': DisputeNews;
}

type Provider = 'wechat' | 'alipay' | 'stripe';

/** Amounts are decimal strings in the currency's own unit. */
interface OrderNews {
  order_no: string;
  /** The order's: of two events of one order, the higher tells what it is now. */
  version: number;
  kind: 'mall' | 'meal' | 'tenant';
  /** The shop's own number of it; null of a tenant's. */
  id: number | null;
  tenant_id: number | null;
  status: 'pending' | 'paid' | 'failed' | 'closed' | 'refunding' | 'refunded';
  amount: string;
  currency: string;
}

interface PaymentOfOrder {
  payment_no: string;
  provider: Provider;
  merchant: string;
}

/** The order can be paid again. */
interface FailedPayment extends OrderNews, PaymentOfOrder {}

interface PaidOrder extends OrderNews {
  /** Of the payment that paid it; null of an order that cost nothing. */
  payment_no: string | null;
  provider: Provider | null;
  merchant: string | null;
  /** Null while no message has named it. */
  transaction_id: string | null;
  paid_at: string;
}

interface RefundNews extends PaymentOfOrder {
  order_no: string;
  /** The refund's. */
  version: number;
  tenant_id: number | null;
  refund_no: string;
  amount: string;
  currency: string;
  status: 'open' | 'succeeded' | 'failed';
}

interface ExceptionNews {
  /** Null of one that belongs to no order. */
  order_no: string | null;
  /** The exception's. */
  version: number;
  tenant_id: number | null;
  /** As the list of exceptions has it. */
  id: string;
  /** What did not fit; more kinds may come. */
  kind:
    | 'mismatch'
    | 'paid_after_close'
    | 'paid_twice'
    | 'paid_superseded'
    | 'number_spent'
    | 'numbers_exhausted'
    | 'merchant_missing'
    | 'unknown_refund'
    | 'refund_abnormal'
    | 'refund_failed'
    | 'disputed'
    | 'missing_here'
    | 'missing_there'
    | 'other_amount'
    | 'unknown_row'
    | 'not_shipped';
  state: 'open' | 'resolved';
  payment_no: string | null;
  provider: Provider | null;
  merchant: string | null;
  /** Null where the message named none. */
  amount: string | null;
  currency: string | null;
  /** How it ended; null while it is open. */
  resolution: 'attributed' | 'returned' | 'written_off' | 'dismissed' | 'repaired' | 'named' | null;
}

interface DisputeNews extends PaymentOfOrder {
  order_no: string;
  /** The dispute's. */
  version: number;
  tenant_id: number | null;
  dispute_id: string;
  amount: string;
  currency: string;
  state: 'open' | 'lost' | 'won';
  /** Until when evidence can be given. */
  due_by: string | null;
}
