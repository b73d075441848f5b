import { digestOf } from '../digest.ts';
import { isoTime } from '../iso-time.ts';
import { type Provider, requireShopOrder, type ShopKind, type ShopOrder } from './order.ts';
import { shopOrderNumber } from './order-number.ts';
import type { WriteAnswer } from './settle.ts';
import { payableStatuses } from './transition.ts';

/** An order as its shop hands it over; `amount` in fen, 0 for an order paid in points alone. */
export interface ShopOrderRequest {
  readonly kind: ShopKind;
  readonly id: number;
  readonly user_id: string;
  readonly openid: string | null;
  readonly amount: number;
  readonly points: number;
  readonly description: string;
}

/** Who takes the payment. */
export interface Payee {
  readonly provider: Provider;
  readonly merchant: string;
}

export interface HandOverPorts {
  readonly store: {
    putOrder(order: ShopOrder): Promise<WriteAnswer>;
    updateOrder(seen: ShopOrder, changes: Partial<ShopOrder>): Promise<WriteAnswer>;
    /** The order is no longer held by its provider, so there is nothing to ask about either. */
    restartOrder(seen: ShopOrder, changes: Partial<ShopOrder>): Promise<WriteAnswer>;
  };
  readonly now: () => number;
  /** Of the stage's order numbers. */
  readonly orderPrefix: string;
  readonly payee: Payee;
  /** Closes the order's payment at its provider; false when it was or is being paid. */
  readonly closePayment: (order: ShopOrder) => Promise<boolean>;
}

export type HandOverResult =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly order: ShopOrder }
  /** It is paid, being paid or closed. */
  | { readonly outcome: 'not_pending' };

const changeableFields = ['user_id', 'openid', 'amount', 'points', 'description'] as const;

/** What the provider was told when the payment was begun, and cannot be told again under the same number. */
const fieldsHeldByProvider = ['amount', 'openid', 'description'] as const;
const MAX_WRITES = 4;

/** What handing an order over means for the one that is stored. */
function decideHandOver(
  order: ShopOrder,
  request: ShopOrderRequest,
): 'unchanged' | 'update' | 'restart' | 'refuse' {
  const changed = changeableFields.filter((field) =>
    field === 'openid' ? !isPayer(order, request.openid) : order[field] !== request[field],
  );
  if (changed.length === 0) return 'unchanged';
  if (!payableStatuses.some((status) => status === order.status)) return 'refuse';
  const isHeld = order.expires_at !== null && fieldsHeldByProvider.some((field) => changed.includes(field));
  return isHeld ? 'restart' : 'update';
}

/**
 * Creates the order, or changes it while that can still be done. When its payment was begun already, that one is
 * closed at the provider first, and the next begins under a number of its own.
 * @throws what the store and the provider throw
 */
export async function handOver(ports: HandOverPorts, request: ShopOrderRequest): Promise<HandOverResult> {
  const { store, payee } = ports;
  const now = isoTime(ports.now());
  const created = newOrder(ports, request, now);
  let answer = await store.putOrder(created);
  if (answer.applied) return { outcome: 'created', order: created };
  for (let writes = 1; writes < MAX_WRITES; writes++) {
    const order = requireShopOrder(answer.order);
    const decision = decideHandOver(order, request);
    if (decision === 'unchanged') return { outcome: 'unchanged', order };
    if (decision === 'refuse') return { outcome: 'not_pending' };
    if (decision === 'restart' && !(await ports.closePayment(order))) return { outcome: 'not_pending' };
    const changes = {
      ...request,
      ...payeeOf(request, payee),
      openid_digest: openidDigest(order.order_no, request.openid),
      updated_at: now,
    };
    const restart = {
      status: 'pending',
      attempt: order.attempt + 1,
      expires_at: null,
      prepay: null,
    } as const;
    const changed = decision === 'restart' ? { ...changes, ...restart } : changes;
    answer =
      decision === 'restart'
        ? await store.restartOrder(order, changed)
        : await store.updateOrder(order, changed);
    if (answer.applied) return { outcome: 'updated', order: { ...order, ...changed } };
  }
  throw new Error('the order changes faster than it can be written');
}

function newOrder({ orderPrefix, payee }: HandOverPorts, request: ShopOrderRequest, now: string): ShopOrder {
  const order_no = shopOrderNumber(request.kind, request.id, orderPrefix);
  return {
    order_no,
    ...request,
    openid_digest: openidDigest(order_no, request.openid),
    ...payeeOf(request, payee),
    currency: 'CNY',
    status: 'pending',
    version: 1,
    created_at: now,
    updated_at: now,
    expires_at: null,
    paid_at: null,
    settlement: null,
    reserved: 0,
    refunded: 0,
    refunds: 0,
    prepay: null,
    attempt: 1,
  };
}

const openidDigest = (order_no: string, openid: string | null): string | null =>
  openid === null ? null : digestOf(order_no, openid);

/**
 * Whether the order was handed over with this openid. One of before, that has been paid since, has neither the openid
 * nor its digest: nothing tells, and nothing about it can change any more.
 */
function isPayer({ order_no, amount, openid, openid_digest }: ShopOrder, given: string | null): boolean {
  if (openid_digest !== undefined) return openid_digest === openidDigest(order_no, given);
  return openid === given || (openid === null && amount > 0);
}

const payeeOf = ({ amount }: ShopOrderRequest, payee: Payee): Payee | { provider: null; merchant: null } =>
  amount > 0 ? payee : { provider: null, merchant: null };
