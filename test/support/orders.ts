import type { Order, ShopOrder, TenantOrder } from '../../lib/orders/order.ts';
import { tenantOrderNumber } from '../../lib/orders/order-number.ts';
import type { PaymentEvent } from '../../lib/orders/payment-event.ts';
import { type Refund, refundNumber } from '../../lib/orders/refund.ts';

export const NOW = Date.parse('2026-11-22T08:00:00.000Z');
const created_at = new Date(NOW - 60_000).toISOString();
let lastId = 0;

/** A shop order of its own number, awaiting 12.34 yuan through WeChat Pay. */
export function shopOrder(changes: Partial<ShopOrder> = {}): ShopOrder {
  lastId += 1;
  return {
    order_no: `mall-${lastId}`,
    kind: 'mall',
    id: lastId,
    user_id: 'user-1',
    openid: 'openid-1',
    points: 0,
    description: '苹果',
    prepay: null,
    attempt: 1,
    provider: 'wechat',
    merchant: 'mch/app',
    amount: 1234,
    currency: 'CNY',
    status: 'pending',
    version: 1,
    created_at,
    updated_at: created_at,
    expires_at: null,
    paid_at: null,
    settlement: null,
    reserved: 0,
    refunded: 0,
    refunds: 0,
    ...changes,
  };
}

/** A tenant's order of its own number, awaiting 19.99 dollars through Stripe. */
export function tenantOrder(changes: Partial<TenantOrder> = {}): TenantOrder {
  lastId += 1;
  return {
    order_no: tenantOrderNumber(7, NOW, Buffer.from([0, lastId >> 16, lastId >> 8, lastId])),
    kind: 'tenant',
    tenant_id: 7,
    checkout: null,
    attempt: 1,
    provider: 'stripe',
    merchant: 'test',
    amount: 1999,
    currency: 'USD',
    status: 'pending',
    version: 1,
    created_at,
    updated_at: created_at,
    expires_at: new Date(NOW + 3_600_000).toISOString(),
    paid_at: null,
    settlement: null,
    reserved: 0,
    refunded: 0,
    refunds: 0,
    ...changes,
  };
}

/** The provider's word that this order was paid. */
export function paymentOf(order: ShopOrder | TenantOrder, changes: Partial<PaymentEvent> = {}): PaymentEvent {
  const { order_no, provider, merchant, amount, currency } = order;
  return {
    type: 'succeeded',
    order_no,
    provider,
    amount,
    currency,
    transaction_id: 'T1',
    ...(merchant === null ? {} : { merchant }),
    ...changes,
  };
}

/** 400 of the 1000 that an order was paid with, asked for half a minute ago. */
export function refundOf(order: Order, changes: Partial<Refund> = {}): Refund {
  const { order_no, currency } = order;
  const created_at = new Date(NOW - 30_000).toISOString();
  return {
    order_no,
    n: 1,
    refund_no: refundNumber(order_no, 1),
    payment_no: order_no,
    transaction_id: 'T1',
    exception_key: null,
    provider: order.provider ?? 'wechat',
    paid_amount: 1000,
    amount: 400,
    currency,
    reason: '退款',
    status: 'open',
    refund_id: null,
    created_at,
    updated_at: created_at,
    ...changes,
  };
}
