import { digestOf } from '../digest.ts';
import { isoTime } from '../io.ts';
import { type ItemWrite, orderUpdate, paymentUpdate } from './change.ts';
import { supersede } from './close-payment.ts';
import { type Closed, type ClosingPorts, commit, type Step } from './commit.ts';
import { isOneOf, payableStatuses, type ShopKind } from './kinds.ts';
import type { ShopOrder } from './order.ts';
import { shopOrderNumber } from './order-number.ts';
import type { Payment } from './payment.ts';
import { afterDeadline, type Debt, isOver } from './schedule.ts';
import { currentPayment, type Snapshot, snapshotOf } from './snapshot.ts';

/** An order as its shop hands it over; `amount` in fen, 0 for an order paid in points alone. */
export interface ShopOrderRequest {
  readonly kind: ShopKind;
  readonly id: number;
  readonly user_id: string;
  readonly openid: string | null;
  readonly amount: number;
  readonly points: number;
  readonly description: string;
  /** In which of the merchant's apps it is paid; null for the usual one. */
  readonly appid: string | null;
  /** When the shop gives the order up; null when it does not. */
  readonly expires_at: string | null;
}

export type HandOverResult =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly snapshot: Snapshot }
  /** When it is to be given up has passed. */
  | { readonly outcome: 'expired' }
  /** It is paid, being paid or closed. */
  | { readonly outcome: 'not_pending' };

const changeableFields = [
  ...(['user_id', 'openid', 'amount', 'points', 'description', 'appid', 'expires_at'] as const),
];

/** What the provider was told when the payment was begun, and cannot be told again under the same number. */
const heldByProvider: readonly string[] = ['amount', 'openid', 'description', 'appid', 'expires_at'];

/**
 * Creates the order, or changes it while that can still be done. When its payment was begun already, that one is
 * closed at the provider first, and the next begins under a number of its own.
 * @throws what `commit` throws
 */
export async function handOver(
  ports: ClosingPorts & { readonly orderPrefix: string },
  request: ShopOrderRequest,
): Promise<HandOverResult> {
  const order_no = shopOrderNumber(request.kind, request.id, ports.orderPrefix);
  return commit(ports, order_no, (snapshot, closed) =>
    snapshot
      ? decideHandOver(snapshot, request, closed, ports.io.now())
      : createOrder(order_no, request, ports.io.now()),
  );
}

function createOrder(order_no: string, request: ShopOrderRequest, now: number): Step<HandOverResult> {
  if (isOver(request.expires_at, now)) return { result: { outcome: 'expired' }, change: null };
  const time = isoTime(now);
  const order: ShopOrder = {
    order_no,
    ...request,
    openid_digest: openidDigest(order_no, request.openid),
    currency: 'CNY',
    status: 'pending',
    version: 1,
    payment: null,
    payments: 0,
    paid_by: null,
    has_suspense: false,
    refunds: 0,
    created_at: time,
    updated_at: time,
    paid_at: null,
    closed_by: null,
  };
  const owes = deadline(order);
  return {
    result: { outcome: 'created', snapshot: snapshotOf(order) },
    change: { order_no, writes: [{ put: 'order', record: order, ...(owes && { owes }) }] },
  };
}

/** An order without a current payment owes its own deadline. */
const deadline = ({ expires_at }: { readonly expires_at: string | null }): Debt | null =>
  expires_at === null ? null : { kind: 'check', due: afterDeadline(expires_at) };

/** What handing an order over means for the one that is stored. */
function decideHandOver(
  snapshot: Snapshot,
  request: ShopOrderRequest,
  closed: Closed | null,
  now: number,
): Step<HandOverResult> {
  const { order } = snapshot;
  if (order.kind === 'tenant') throw new Error('a shop order is stored as a tenant’s');
  const changed = changeableFields.filter((field) =>
    field === 'openid' ? !isPayer(order, request.openid) : order[field] !== request[field],
  );
  if (changed.length === 0) return { result: { outcome: 'unchanged', snapshot }, change: null };
  const refusal = { result: { outcome: 'not_pending' }, change: null } as const;
  if (!isOneOf(payableStatuses, order.status)) return refusal;
  if (isOver(request.expires_at, now)) return { result: { outcome: 'expired' }, change: null };
  const current = currentPayment(snapshot);
  const isHeld = current !== undefined && changed.some((field) => heldByProvider.includes(field));
  if (isHeld && current.state !== 'closed' && !closed) return { close: current };
  if (closed && closed.closing !== 'closed' && closed.closing !== 'absent') return refusal;

  const updated: ShopOrder = {
    ...order,
    ...request,
    openid_digest: openidDigest(order.order_no, request.openid),
    updated_at: isoTime(now),
    ...(isHeld && { status: 'pending', payment: null }),
  };
  const { order_no: _number, version: _version, ...set } = updated;
  const owes = updated.payment === null ? deadline(updated) : undefined;
  const ofPayment = isHeld ? [supersede(current, closed)] : retold(current, request);
  return {
    result: { outcome: 'updated', snapshot: { ...snapshot, order: updated } },
    change: { order_no: order.order_no, writes: [orderUpdate(order, set, owes), ...ofPayment] },
  };
}

/** The provider never was told of points; people are, with the payment, once it is made. */
const retold = (current: Payment | undefined, { points }: ShopOrderRequest): readonly ItemWrite[] =>
  current === undefined || current.points === points ? [] : [paymentUpdate(current, { points })];

const openidDigest = (order_no: string, openid: string | null): string | null =>
  openid === null ? null : digestOf(order_no, openid);

/** Whether the order was handed over with this openid, which is gone once it cannot be paid any more. */
const isPayer = ({ order_no, openid_digest }: ShopOrder, given: string | null): boolean =>
  openid_digest === openidDigest(order_no, given);
