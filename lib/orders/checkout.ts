import { isoTime } from '../iso-time.ts';
import type { Order, Provider, TenantOrder } from './order.ts';
import { tenantOrderNumber } from './order-number.ts';

/** A tenant's order to be made; `amount` in the provider's smallest unit. */
export interface CheckoutOrderRequest {
  readonly tenant_id: number;
  readonly amount: number;
  readonly currency: string;
  readonly provider: Provider;
}

/** Who asks, with the key that makes the request the same one when it comes again. */
export interface IdempotentCaller {
  readonly subject: string;
  readonly key: string;
}

/** The first request that came with a key. */
export interface IdempotencyRecord {
  /** The number of what it made. */
  readonly result: string;
  /** The request itself, in one text. */
  readonly request: string;
  readonly expires_at: string;
}

export interface CheckoutStore {
  getOrder(order_no: string): Promise<Order | undefined>;
  /** Stores a new order, unless the caller's key is taken: then nothing is stored and its record comes back. */
  putTenantOrder(
    order: TenantOrder,
    idempotency: (IdempotentCaller & { record: IdempotencyRecord }) | null,
  ): Promise<IdempotencyRecord | null>;
  updateOrder(seen: TenantOrder, changes: Partial<TenantOrder>): Promise<unknown>;
}

export interface CheckoutPorts {
  readonly store: CheckoutStore;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
  /** Of the stage's order numbers. */
  readonly orderPrefix: string;
  /** The merchant account of the provider that is to be paid. */
  readonly merchant: string;
  readonly createPaymentPage: (order: TenantOrder) => Promise<PaymentPage>;
  readonly pages: PageMaking;
}

/**
 * `asked_for`: the provider makes the page, and it is stored with the order. `computed`: it follows from the order and
 * comes out the same each time, so that storing it, longer than all the rest of the order, would only cost.
 */
export type PageMaking = 'asked_for' | 'computed';

/** A provider's page for an order; or its word that it made none and that only a raised `attempt` can. */
export type PaymentPage =
  | { readonly outcome: 'created'; readonly pay_url: string }
  | { readonly outcome: 'not_created'; readonly attempt: number };

export type CheckoutResult =
  | { readonly outcome: 'created'; readonly order_no: string; readonly pay_url: string }
  | { readonly outcome: 'key_reused' | 'expired' | 'not_created' };

/** How long an order can be paid, from its first request on. Stripe takes 30 min to 24 h. */
const PAYABLE_MS = 2 * 3_600_000;
const IDEMPOTENCY_MS = 24 * 3_600_000;

/**
 * Makes a tenant's order and its payment page. The order is stored before the provider is asked, so that no
 * callback comes before it; when the provider fails, the same key finishes it.
 * @throws what the store and the provider throw
 */
export async function checkout(
  ports: CheckoutPorts,
  request: CheckoutOrderRequest,
  caller: IdempotentCaller | null,
): Promise<CheckoutResult> {
  const order = newOrder(ports, request);
  const record = {
    result: order.order_no,
    request: JSON.stringify([request.tenant_id, request.amount, request.currency, request.provider]),
    expires_at: isoTime(ports.now() + IDEMPOTENCY_MS),
  };
  const earlier = await ports.store.putTenantOrder(order, caller && { ...caller, record });
  if (!earlier) return finish(ports, order);
  if (earlier.request !== record.request) return { outcome: 'key_reused' };
  return finish(ports, await storedOrder(ports, earlier.result));
}

async function finish(ports: CheckoutPorts, order: TenantOrder): Promise<CheckoutResult> {
  const now = isoTime(ports.now());
  const { order_no } = order;
  if (order.checkout && order.checkout.expires_at > now) {
    return { outcome: 'created', order_no, pay_url: order.checkout.pay_url };
  }
  const isPayable = order.status === 'pending' || order.status === 'failed';
  if (order.expires_at <= now || (ports.pages === 'asked_for' && !isPayable)) return { outcome: 'expired' };
  const page = await ports.createPaymentPage(order);
  if (page.outcome === 'not_created') {
    await ports.store.updateOrder(order, { attempt: page.attempt, updated_at: now });
    return { outcome: 'not_created' };
  }
  const { pay_url } = page;
  if (ports.pages === 'computed') return { outcome: 'created', order_no, pay_url };
  // Only a cache: when the order has moved on meanwhile, the next request asks the provider again.
  await ports.store.updateOrder(order, {
    checkout: { pay_url, expires_at: order.expires_at },
    updated_at: now,
  });
  return { outcome: 'created', order_no, pay_url };
}

async function storedOrder({ store }: CheckoutPorts, order_no: string): Promise<TenantOrder> {
  const order = await store.getOrder(order_no);
  if (order?.kind !== 'tenant') throw new Error('an idempotency record names no order');
  return order;
}

function newOrder(
  { now, randomBytes, orderPrefix, merchant }: CheckoutPorts,
  request: CheckoutOrderRequest,
): TenantOrder {
  const created = now();
  return {
    order_no: tenantOrderNumber(request.tenant_id, created, randomBytes(4), orderPrefix),
    kind: 'tenant',
    ...request,
    merchant,
    status: 'pending',
    version: 1,
    created_at: isoTime(created),
    updated_at: isoTime(created),
    expires_at: isoTime(created + PAYABLE_MS),
    paid_at: null,
    settlement: null,
    reserved: 0,
    refunded: 0,
    refunds: 0,
    checkout: null,
    attempt: 1,
  };
}
