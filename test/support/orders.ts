import { isoTime } from '../../lib/io.ts';
import type { CheckoutRequest } from '../../lib/orders/checkout.ts';
import type { Dispute } from '../../lib/orders/dispute.ts';
import type { PaymentEvent } from '../../lib/orders/event.ts';
import type { Provider } from '../../lib/orders/kinds.ts';
import { ownerAccount, providerAccount, suspenseAccount } from '../../lib/orders/ledger.ts';
import type { Order, ShopOrder, TenantOrder } from '../../lib/orders/order.ts';
import { paymentNumber, shopOrderNumber, tenantOrderNumber } from '../../lib/orders/order-number.ts';
import type { Payment, Suspense } from '../../lib/orders/payment.ts';
import { type Refund, type Return, refundNumber } from '../../lib/orders/refund.ts';
import { CHECKOUT_MS } from '../../lib/orders/schedule.ts';
import type { Shipping } from '../../lib/orders/shipping.ts';

export const NOW = Date.parse('2026-11-22T08:00:00.000Z');
const created_at = isoTime(NOW - 60_000);
let lastId = 0;

/** Who is paid at each provider, unless a test says otherwise. */
export const merchantNames = {
  wechat: '1900000001',
  alipay: '2021000000000001.2088000000000001',
  stripe: 'acct_1Settle.test',
} as const satisfies Record<Provider, string>;

export const APPID = 'wx0123456789abcdef';

/** A shop order of its own number, for 12.34 yuan, whose first payment was begun. */
export function shopOrder(changes: Partial<ShopOrder> = {}): ShopOrder {
  lastId += 1;
  const { kind, id } = { kind: 'mall', id: lastId, ...changes } as const;
  return {
    order_no: shopOrderNumber(kind, id),
    kind,
    id,
    user_id: 'user-1',
    openid: 'openid-1',
    openid_digest: null,
    points: 0,
    description: '苹果',
    amount: 1234,
    currency: 'CNY',
    status: 'pending',
    version: 1,
    payment: 1,
    payments: 1,
    paid_by: null,
    has_suspense: false,
    refunds: 0,
    appid: null,
    expires_at: null,
    created_at,
    updated_at: created_at,
    paid_at: null,
    closed_by: null,
    ...changes,
  };
}

/** A tenant's order of its own number, for 19.99 dollars, whose first payment was begun. */
export function tenantOrder(changes: Partial<TenantOrder> = {}): TenantOrder {
  lastId += 1;
  const order_no = tenantOrderNumber(NOW, () => bytesOf(lastId));
  return {
    order_no,
    kind: 'tenant',
    tenant_id: 7,
    description: `订单 ${order_no}`,
    amount: 1999,
    currency: 'USD',
    status: 'pending',
    version: 1,
    payment: 1,
    payments: 1,
    paid_by: null,
    has_suspense: false,
    refunds: 0,
    expires_at: isoTime(NOW + 3_600_000),
    created_at,
    updated_at: created_at,
    paid_at: null,
    closed_by: null,
    ...changes,
  };
}

/** Random bytes of which a ULID takes five bits each, the last ones counting. */
const bytesOf = (count: number): Buffer =>
  Buffer.from(Array.from({ length: 16 }, (_, index) => (Math.floor(count / 32 ** (15 - index)) % 32) * 8));

/** The order's current payment, or its first: to the usual merchant, begun a minute ago, and not handed out yet. */
export function paymentOf(order: Order, changes: Partial<Payment> = {}): Payment {
  const { order_no, amount, currency, description, expires_at } = order;
  const { n, provider } = {
    n: order.payment ?? 1,
    provider: order.kind === 'tenant' ? 'stripe' : 'wechat',
    ...changes,
  } as const;
  return {
    order_no,
    n,
    payment_no: paymentNumber(order_no, n),
    provider,
    merchant: merchantNames[provider],
    appid: provider === 'wechat' ? APPID : null,
    scene: order.kind === 'tenant' ? 'desktop' : 'jsapi',
    amount,
    currency,
    description,
    points: order.kind === 'tenant' ? 0 : order.points,
    state: 'open',
    version: 1,
    superseded: false,
    begun_at: created_at,
    expires_at: expires_at ?? isoTime(NOW + 2 * 3_600_000),
    handed_out: null,
    attempt: 1,
    return_url: null,
    discount: null,
    payee: ownerAccount(order),
    transaction_id: null,
    paid_at: null,
    booking: null,
    attributed_at: null,
    reserved: 0,
    refunded: 0,
    returned: 0,
    reported: 0,
    ...changes,
  };
}

/** The same, paid just now: booked to its order's owner, or to suspense. */
export function paidPayment(
  order: Order,
  { isSuspense = false, ...changes }: Partial<Payment> & { readonly isSuspense?: boolean } = {},
): Payment {
  const payment = paymentOf(order, { transaction_id: 'T1', paid_at: isoTime(NOW), ...changes });
  const credit = isSuspense ? suspenseAccount(payment) : payment.payee;
  const booking = { debit: providerAccount(payment), credit, booked_at: isoTime(NOW) };
  return { ...payment, state: 'paid', booking };
}

/** The provider's word that a payment was made. */
export function successOf(payment: Payment, changes: Partial<PaymentEvent> = {}): PaymentEvent {
  const { payment_no, provider, merchant, appid, amount, currency } = payment;
  return {
    type: 'succeeded',
    payment_no,
    provider,
    merchant,
    ...(appid !== null && { appid }),
    amount,
    currency,
    transaction_id: 'T1',
    ...changes,
  };
}

/** Money of the further transaction T2 under a payment. */
export function suspenseOf(payment: Payment, changes: Partial<Suspense> = {}): Suspense {
  const { order_no, n, payment_no, provider, merchant, amount, currency } = payment;
  const time = isoTime(NOW);
  return {
    ...{ order_no, n, payment_no, provider, merchant, amount, currency },
    transaction_id: 'T2',
    version: 1,
    reserved: 0,
    refunded: 0,
    returned: 0,
    reported: 0,
    paid_at: time,
    booking: { debit: providerAccount(payment), credit: suspenseAccount(payment), booked_at: time },
    attributed_at: null,
    ...changes,
  };
}

/** 400 of what was paid with a payment, asked for half a minute ago. */
export function refundOf(payment: Payment, changes: Partial<Refund> = {}): Refund {
  const { order_no, payment_no, provider, merchant, currency, amount: paid_amount } = payment;
  const { n } = { n: 1, ...changes };
  const asked_at = isoTime(NOW - 30_000);
  return {
    order_no,
    n,
    refund_no: refundNumber(order_no, n),
    payment: payment.n,
    payment_no,
    suspense: null,
    provider,
    merchant,
    paid_amount,
    amount: 400,
    currency,
    reason: '退款',
    requested_by: 'admin-1',
    status: 'open',
    version: 1,
    refund_id: null,
    created_at: asked_at,
    updated_at: asked_at,
    ...changes,
  };
}

/** 300 of what was paid with a payment, returned by its provider's console. */
export function returnOf(payment: Payment, changes: Partial<Return> = {}): Return {
  const { order_no, payment_no, provider, merchant, currency } = payment;
  return {
    ...{ order_no, payment: payment.n, payment_no, suspense: null, provider, merchant, currency },
    return_id: 're_1',
    amount: 300,
    booked: 300,
    status: 'succeeded',
    version: 1,
    recorded_at: isoTime(NOW),
    ...changes,
  };
}

/** All of what was paid with a payment, withdrawn by the payer's bank, to be answered within a week. */
export function disputeOf(payment: Payment, changes: Partial<Dispute> = {}): Dispute {
  const { order_no, payment_no, provider, merchant, amount, currency, transaction_id } = payment;
  const time = isoTime(NOW);
  return {
    ...{ order_no, payment: payment.n, payment_no, provider, merchant, transaction_id, amount, currency },
    dispute_id: 'du_1',
    reason: 'fraudulent',
    refundable: false,
    state: 'open',
    due_by: isoTime(NOW + 7 * 24 * 3_600_000),
    withdrawn: amount,
    borne: 0,
    movements: ['txn_1'],
    reminded: false,
    version: 1,
    opened_at: time,
    updated_at: time,
    ...changes,
  };
}

/** That what was paid with a payment was fetched, said half a minute ago and not told of yet. */
export function shippingOf(payment: Payment, changes: Partial<Shipping> = {}): Shipping {
  const { order_no, n, payment_no, provider } = payment;
  return {
    ...{ order_no, payment: n, payment_no, provider },
    ...{ logistics_type: 'pickup', items: '苹果', parcels: [] },
    state: 'open',
    version: 1,
    told: 0,
    refusal: null,
    requested_at: isoTime(NOW - 30_000),
    told_at: null,
    ...changes,
  };
}

/** A tenant's order to be made, as a checkout that says no more than it must. */
export const checkoutRequest = (changes: Partial<CheckoutRequest> = {}): CheckoutRequest => ({
  ...{ tenant_id: 7, amount: 1999, currency: 'USD', provider: 'stripe', scene: 'desktop' },
  ...{ description: null, return_url: null, lasts_ms: CHECKOUT_MS },
  ...changes,
});
