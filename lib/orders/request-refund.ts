import { isoTime } from '../iso-time.ts';
import type { IdempotencyRecord, IdempotentCaller } from './checkout.ts';
import type { ExceptionRecord } from './exception.ts';
import type { Order, Provider } from './order.ts';
import { paymentNumber } from './order-number.ts';
import type { ProviderGateway, RefundAnswer, RefundRequest } from './provider-gateway.ts';
import {
  moveRefund,
  parseRefundNumber,
  type Refund,
  type Refundable,
  refundableRest,
  refundedStatus,
  refundNumber,
} from './refund.ts';
import type { RefundEvent } from './refund-event.ts';
import { type RefundResult, refundStatusAfter } from './settle-refund.ts';

export interface RefundOrderRequest {
  readonly order_no: string;
  /** In smallest units; null for all that is left. */
  readonly amount: number | null;
  readonly reason: string;
  /** Set to return money in suspense: the transaction that brought it. */
  readonly transaction_id: string | null;
}

/** Money in suspense, with the exception that holds it. */
export interface SuspenseHolding extends Refundable {
  readonly key: string;
  readonly record: ExceptionRecord;
}

/** A new refund with what it reserves, to be written in one piece on condition that the order is still `seen`. */
export interface NewRefund {
  readonly seen: Order;
  readonly order: Order;
  readonly refund: Refund;
  readonly suspense: SuspenseHolding | null;
  readonly idempotency: IdempotentCaller & { readonly record: IdempotencyRecord };
}

export interface RequestRefundStore {
  getOrder(order_no: string): Promise<Order | undefined>;
  getRefund(order_no: string, n: number): Promise<Refund | undefined>;
  getIdempotencyRecord(caller: IdempotentCaller): Promise<IdempotencyRecord | undefined>;
  findSuspense(order_no: string, transaction_id: string): Promise<SuspenseHolding | undefined>;
  /** @returns false when the order has changed or the caller's key was taken meanwhile; then nothing is stored */
  putRefund(refund: NewRefund): Promise<boolean>;
}

export interface RequestRefundPorts {
  readonly store: RequestRefundStore;
  readonly gateway: (provider: Provider) => Promise<Pick<ProviderGateway, 'refund'>>;
  readonly settleRefund: (event: RefundEvent) => Promise<RefundResult>;
  readonly now: () => number;
  /** Takes a failure of the provider; the refund stays open and is asked about again. */
  readonly onProviderFailure: (error: unknown) => void;
}

export type RequestRefundResult =
  | { readonly outcome: 'accepted'; readonly refund: Refund }
  | { readonly outcome: 'not_found' | 'key_reused' | 'not_paid' | 'nothing_left' }
  | { readonly outcome: 'too_much'; readonly rest: number };

const IDEMPOTENCY_MS = 24 * 3_600_000;
const MAX_WRITES = 20;

/**
 * Returns money: reserves it, so that never more goes back than was paid, then asks the provider. The refund is
 * stored before the provider is asked; when that fails, whoever checks open refunds finishes it.
 * @throws what the store throws
 */
export async function requestRefund(
  ports: RequestRefundPorts,
  request: RefundOrderRequest,
  caller: IdempotentCaller,
): Promise<RequestRefundResult> {
  const fingerprint = JSON.stringify([
    request.order_no,
    request.amount,
    request.reason,
    request.transaction_id,
  ]);
  for (let writes = 0; writes < MAX_WRITES; writes++) {
    const earlier = await ports.store.getIdempotencyRecord(caller);
    const time = isoTime(ports.now());
    if (earlier && earlier.expires_at > time) return repeat(ports, earlier, fingerprint, request.order_no);
    const order = await ports.store.getOrder(request.order_no);
    if (!order) return { outcome: 'not_found' };
    const suspense = await findSuspense(ports, order, request);
    if (suspense === 'not_found') return { outcome: 'not_found' };
    const decision = decideRefund(order, suspense, request, time);
    if (decision.outcome !== 'reserve') return decision;
    const expires_at = isoTime(ports.now() + IDEMPOTENCY_MS);
    const record = { result: decision.refund.refund_no, request: fingerprint, expires_at };
    if (await ports.store.putRefund({ ...decision, seen: order, idempotency: { ...caller, record } })) {
      return askProvider(ports, decision.refund);
    }
  }
  throw new Error('the order changes faster than its refund can be written');
}

type Reservation = { readonly outcome: 'reserve' } & Pick<NewRefund, 'order' | 'refund' | 'suspense'>;

/** What a request means for the order as it is stored. */
export function decideRefund(
  order: Order,
  suspense: SuspenseHolding | null,
  request: RefundOrderRequest,
  time: string,
): Reservation | Exclude<RequestRefundResult, { outcome: 'accepted' }> {
  const isPaid = order.status === 'paid' || order.status === 'refunding' || order.status === 'refunded';
  const provider = suspense ? suspense.record.provider : order.provider;
  if (!provider || (!suspense && !isPaid)) return { outcome: 'not_paid' };
  const holder: Refundable = suspense ?? order;
  const rest = refundableRest(holder);
  const amount = request.amount ?? rest;
  if (rest <= 0) return { outcome: 'nothing_left' };
  if (amount > rest) return { outcome: 'too_much', rest };
  const n = order.refunds + 1;
  const refund: Refund = {
    order_no: order.order_no,
    n,
    refund_no: refundNumber(order.order_no, n),
    payment_no: suspense ? suspense.record.payment_no : paymentNumber(order),
    transaction_id: suspense ? suspense.record.transaction_id : (order.settlement?.transaction_id ?? null),
    exception_key: suspense?.key ?? null,
    provider,
    paid_amount: holder.amount,
    amount,
    currency: suspense?.record.currency ?? order.currency,
    reason: request.reason,
    status: 'open',
    refund_id: null,
    created_at: time,
    updated_at: time,
  };
  const counted = { ...order, refunds: n, updated_at: time };
  if (suspense) {
    return {
      outcome: 'reserve',
      order: counted,
      refund,
      suspense: moveRefund(suspense, amount, 'none', 'open'),
    };
  }
  const moved = moveRefund(counted, amount, 'none', 'open');
  return { outcome: 'reserve', order: { ...moved, status: refundedStatus(moved) }, refund, suspense: null };
}

/** Asks the provider for the refund and settles what it answers at once. The refund stays open when it does not. */
async function askProvider(ports: RequestRefundPorts, refund: Refund): Promise<RequestRefundResult> {
  const answer = await refundAtProvider(ports, refund);
  const event = answer && answeredEvent(refund, answer);
  if (!event) return { outcome: 'accepted', refund };
  await ports.settleRefund(event);
  const { type, refund_id } = event;
  return { outcome: 'accepted', refund: { ...refund, status: refundStatusAfter[type], refund_id } };
}

async function refundAtProvider({ gateway, onProviderFailure }: RequestRefundPorts, refund: Refund) {
  try {
    return await (await gateway(refund.provider)).refund(refundRequest(refund));
  } catch (error) {
    onProviderFailure(error);
    return null;
  }
}

export const refundRequest = (refund: Refund): RefundRequest => ({ ...refund, order_no: refund.payment_no });

/** What a provider's answer says of a refund, to be settled like a message; null when there is nothing to settle. */
export function answeredEvent(refund: Refund, answer: RefundAnswer): RefundEvent | null {
  if (!('refund_id' in answer)) return null;
  const { payment_no: order_no, provider, refund_no } = refund;
  return { type: `refund_${answer.state}`, order_no, provider, refund_no, refund_id: answer.refund_id };
}

async function repeat(
  ports: RequestRefundPorts,
  earlier: IdempotencyRecord,
  fingerprint: string,
  order_no: string,
): Promise<RequestRefundResult> {
  if (earlier.request !== fingerprint) return { outcome: 'key_reused' };
  const n = parseRefundNumber(earlier.result, order_no);
  const refund = n === null ? undefined : await ports.store.getRefund(order_no, n);
  if (!refund) throw new Error('an idempotency record names no refund');
  return refund.status === 'open' ? askProvider(ports, refund) : { outcome: 'accepted', refund };
}

async function findSuspense(
  { store }: RequestRefundPorts,
  order: Order,
  { transaction_id }: RefundOrderRequest,
): Promise<SuspenseHolding | null | 'not_found'> {
  if (transaction_id === null || transaction_id === order.settlement?.transaction_id) return null;
  return (await store.findSuspense(order.order_no, transaction_id)) ?? 'not_found';
}
