import { isoTime } from '../io.ts';
import {
  beginning,
  decideBeginning,
  type IssueResult,
  issuePayment,
  type NotBegun,
  type Payee,
} from './begin-payment.ts';
import type { Change } from './change.ts';
import type { AskingPorts } from './check-payment.ts';
import { ContentionError } from './commit.ts';
import { type IdempotentCaller, idempotencyPut } from './idempotency.ts';
import type { Provider, Scene } from './kinds.ts';
import type { Order, TenantOrder } from './order.ts';
import { tenantOrderNumber } from './order-number.ts';

/** A tenant's order to be made; `amount` in the provider's smallest unit. */
export interface CheckoutRequest {
  readonly tenant_id: number;
  readonly amount: number;
  readonly currency: string;
  readonly provider: Provider;
  readonly scene: Scene;
  /** What the payer reads; null for the order's number. */
  readonly description: string | null;
  readonly return_url: string | null;
  /** In milliseconds from the first request on. */
  readonly lasts_ms: number;
}

export type CheckoutResult =
  | ((IssueResult | NotBegun) & { readonly order_no: string })
  /** The key was used for another request. */
  | { readonly outcome: 'key_reused' };

export interface CheckoutPorts extends AskingPorts {
  /** Of the stage's order numbers. */
  readonly orderPrefix: string;
}

/** Chance alone does not make the same number twice in a millisecond so often. */
const MAX_NUMBERS = 3;

/**
 * Makes a tenant's order with its first payment, and the page where that is paid. Both are stored before the provider
 * is asked, so that no callback comes before them; when the provider fails, the same key finishes it. `onOrder` hears
 * of the order as soon as it is there.
 * @throws as `issuePayment`
 */
export async function checkout(
  ports: CheckoutPorts,
  request: CheckoutRequest,
  caller: IdempotentCaller | null,
  payee: Payee,
  onOrder: (order_no: string) => void,
): Promise<CheckoutResult> {
  const order_no = await createOrder(ports, request, caller, payee);
  if (typeof order_no !== 'string') return order_no;
  onOrder(order_no);
  const result = await issuePayment<never>(ports, order_no, (snapshot, closed) => {
    if (!snapshot) throw new Error('an idempotency record names no order');
    return decideBeginning(snapshot, payee, closed, ports.io.now());
  });
  return { ...result, order_no };
}

/** @returns the number of the order that was made now, or by the first request with the caller's key */
async function createOrder(
  { store, io, orderPrefix }: CheckoutPorts,
  request: CheckoutRequest,
  caller: IdempotentCaller | null,
  payee: Payee,
): Promise<string | Extract<CheckoutResult, { outcome: 'key_reused' }>> {
  for (let numbers = 0; numbers < MAX_NUMBERS; numbers++) {
    const now = io.now();
    const order_no = tenantOrderNumber(now, io.randomBytes, orderPrefix);
    const change = creation(order_no, request, caller, payee, now);
    const answer = await store.write(change);
    if (answer.applied) return order_no;
    const earlier = answer.refused.find((refusal) => refusal?.idempotency)?.idempotency;
    if (earlier) {
      return earlier.request === requestText(request) ? earlier.result : { outcome: 'key_reused' };
    }
    // Its own earlier write, whose reply was lost, or another order's number.
    const isOurs = answer.refused.some((refusal) => refusal?.order && isPutBy(change, refusal.order));
    if (isOurs) return order_no;
  }
  throw new ContentionError();
}

const requestText = (request: CheckoutRequest): string => {
  const { tenant_id, amount, currency, provider, scene, description, return_url, lasts_ms } = request;
  return JSON.stringify([tenant_id, amount, currency, provider, scene, description, return_url, lasts_ms]);
};

function isPutBy({ writes }: Change, stored: Order): boolean {
  const fields = new Map<string, unknown>(Object.entries(stored));
  return writes.some(
    (write) =>
      'put' in write && Object.entries(write.record).every(([field, value]) => fields.get(field) === value),
  );
}

function creation(
  order_no: string,
  request: CheckoutRequest,
  caller: IdempotentCaller | null,
  payee: Payee,
  now: number,
): Change {
  const time = isoTime(now);
  const order: TenantOrder = {
    order_no,
    kind: 'tenant',
    tenant_id: request.tenant_id,
    amount: request.amount,
    currency: request.currency,
    description: request.description ?? `订单 ${order_no}`,
    status: 'pending',
    version: 1,
    payment: 1,
    payments: 1,
    paid_by: null,
    has_suspense: false,
    refunds: 0,
    expires_at: isoTime(now + request.lasts_ms),
    created_at: time,
    updated_at: time,
    paid_at: null,
    closed_by: null,
  };
  const payment = beginning(order, 1, payee, now);
  if (!payment) throw new Error('a provider takes no payment for as long as an order can be paid');
  return {
    order_no,
    writes: [
      { put: 'order', record: order },
      payment,
      ...(caller ? [idempotencyPut(caller, order_no, requestText(request), now)] : []),
    ],
  };
}
