import type { Order, ShopKind, ShopOrder } from './order.ts';
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

export interface HandOverStore {
  putOrder(order: ShopOrder): Promise<WriteAnswer>;
  updateOrder(seen: ShopOrder, changes: Partial<ShopOrder>): Promise<WriteAnswer>;
}

export type HandOverResult =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly order: ShopOrder }
  /** It is paid or closed; or its payment was already asked for at the provider, who holds these fields. */
  | { readonly outcome: 'not_pending' }
  | { readonly outcome: 'payment_started'; readonly fields: readonly (keyof ShopOrderRequest)[] };

const changeableFields = ['user_id', 'openid', 'amount', 'points', 'description'] as const;
const fieldsHeldByProvider = ['amount', 'openid', 'description'] as const;
const MAX_WRITES = 4;

/** What handing an order over means for the one that is stored. */
export function decideHandOver(
  order: ShopOrder,
  request: ShopOrderRequest,
): 'unchanged' | 'update' | Extract<HandOverResult, { outcome: 'not_pending' | 'payment_started' }> {
  const changed = changeableFields.filter((field) => order[field] !== request[field]);
  if (changed.length === 0) return 'unchanged';
  if (!payableStatuses.some((status) => status === order.status)) return { outcome: 'not_pending' };
  const fields = fieldsHeldByProvider.filter((field) => changed.includes(field));
  if (order.expires_at !== null && fields.length > 0) return { outcome: 'payment_started', fields };
  return 'update';
}

/** Creates the order, or changes it while that can still be done. `merchant` is the account that is to be paid. */
export async function handOver(
  store: HandOverStore,
  request: ShopOrderRequest,
  merchant: string,
  now: string,
): Promise<HandOverResult> {
  const created = newOrder(request, merchant, now);
  let answer = await store.putOrder(created);
  if (answer.applied) return { outcome: 'created', order: created };
  for (let writes = 1; writes < MAX_WRITES; writes++) {
    const order = requireShopOrder(answer.order);
    const decision = decideHandOver(order, request);
    if (decision === 'unchanged') return { outcome: 'unchanged', order };
    if (decision !== 'update') return decision;
    const changes = { ...request, ...payee(request, merchant), updated_at: now };
    answer = await store.updateOrder(order, changes);
    if (answer.applied) return { outcome: 'updated', order: { ...order, ...changes } };
  }
  throw new Error('the order changes faster than it can be written');
}

function newOrder(request: ShopOrderRequest, merchant: string, now: string): ShopOrder {
  return {
    order_no: shopOrderNumber(request.kind, request.id),
    ...request,
    ...payee(request, merchant),
    currency: 'CNY',
    status: 'pending',
    version: 1,
    created_at: now,
    updated_at: now,
    expires_at: null,
    paid_at: null,
    settlement: null,
    prepay: null,
  };
}

const payee = ({ amount }: ShopOrderRequest, merchant: string) =>
  amount > 0 ? ({ provider: 'wechat', merchant } as const) : { provider: null, merchant: null };

function requireShopOrder(order: Order | undefined): ShopOrder {
  if (!order || order.kind === 'tenant') throw new Error('the stored item is no shop order');
  return order;
}
