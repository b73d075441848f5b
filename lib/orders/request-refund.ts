import { isoTime } from '../io.ts';
import {
  type Change,
  holdingUpdate,
  type ItemWrite,
  type OrderUpdate,
  orderUpdate,
  type Put,
} from './change.ts';
import { commit, type OrderStore, type Step } from './commit.ts';
import { type IdempotencyRecord, type IdempotentCaller, idempotencyPut } from './idempotency.ts';
import type { Holding } from './payment.ts';
import {
  moveRefund,
  parseRefundNumber,
  type Refund,
  refundableRest,
  refundedStatus,
  refundNumber,
} from './refund.ts';
import { askForRefund, type RefundingPorts } from './refund-at-provider.ts';
import { FIRST_CHECK_MS } from './schedule.ts';
import { isDisputed, payingPayment, type Snapshot } from './snapshot.ts';

export interface RefundOrderRequest {
  readonly order_no: string;
  /** In smallest units, as the money that is returned is counted; null for all that is left. */
  readonly amountOf: (holding: Holding) => number | null;
  /** The same in one text, to tell a repeat from another request. */
  readonly amountText: string | null;
  readonly reason: string;
  /** Set to return money in suspense: the transaction that brought it. */
  readonly transaction_id: string | null;
}

export interface RequestRefundPorts extends RefundingPorts {
  readonly store: OrderStore & {
    findIdempotencyRecord(caller: IdempotentCaller): Promise<IdempotencyRecord | null>;
  };
}

export type RequestRefundResult =
  | { readonly outcome: 'accepted'; readonly refund: Refund }
  | {
      readonly outcome:
        | 'not_found'
        | 'no_such_transaction'
        | 'key_reused'
        | 'not_paid'
        | 'nothing_left'
        /** The payer's bank has the payment, or may take it. */
        | 'disputed';
    }
  | { readonly outcome: 'too_much'; readonly rest: number; readonly holding: Holding };

type Reserved = { readonly outcome: 'reserved'; readonly refund: Refund };
type Taken = { readonly outcome: 'taken'; readonly record: IdempotencyRecord };
type Refused = Exclude<RequestRefundResult, { outcome: 'accepted' }>;

/**
 * Returns money: reserves it, so that never more goes back than was paid, then asks the provider. The refund is
 * stored before the provider is asked; when that fails, whoever checks open refunds finishes it.
 * @throws what `commit` and `amountOf` throw
 */
export async function requestRefund(
  ports: RequestRefundPorts,
  request: RefundOrderRequest,
  caller: IdempotentCaller,
): Promise<RequestRefundResult> {
  const { order_no, amountText, reason, transaction_id } = request;
  const fingerprint = JSON.stringify([order_no, amountText, reason, transaction_id]);
  const earlier = await earlierRequest(ports, caller);
  if (earlier) return repeat(ports, earlier, fingerprint, order_no);
  const result = await commit<Reserved | Taken | Refused>(ports, order_no, (snapshot) => {
    if (!snapshot) return { result: { outcome: 'not_found' }, change: null };
    const now = ports.io.now();
    // Half of a surrogate pair is told apart in the key, and no database takes it as text.
    const decision = decideRefund(snapshot, request, caller.subject.toWellFormed(), now);
    if (decision.result.outcome !== 'reserved') return decision;
    const { refund } = decision.result;
    const put = idempotencyPut(caller, refund.refund_no, fingerprint, now);
    const change = decision.change && withWrite(decision.change, put);
    return { result: decision.result, change, taken: (record) => ({ outcome: 'taken', record }) };
  });
  if (result.outcome === 'taken') return repeat(ports, result.record, fingerprint, order_no);
  if (result.outcome === 'reserved') {
    return { outcome: 'accepted', refund: await askForRefund(ports, result.refund) };
  }
  // What refuses it may be its own refund, which the same request, sent at the same time, has asked for meanwhile.
  const meanwhile = await earlierRequest(ports, caller);
  return meanwhile ? repeat(ports, meanwhile, fingerprint, order_no) : result;
}

/** The first request that came with the caller's key, while that is kept; else null. @throws what the store throws */
async function earlierRequest(
  { store, io }: RequestRefundPorts,
  caller: IdempotentCaller,
): Promise<IdempotencyRecord | null> {
  const record = await store.findIdempotencyRecord(caller);
  return record && record.expires_at > isoTime(io.now()) ? record : null;
}

const withWrite = ({ order_no, writes }: Change, put: Put): Change => ({
  order_no,
  writes: [...writes, put],
});

/** What a request means for the order as it is stored. */
function decideRefund(
  snapshot: Snapshot,
  request: RefundOrderRequest,
  by: string,
  now: number,
): Extract<Step<Reserved | Refused>, { result: unknown }> {
  const { order } = snapshot;
  const refuse = (result: Refused) => ({ result, change: null });
  const holding = findRefundable(snapshot, request.transaction_id);
  if (!holding) {
    return refuse({ outcome: request.transaction_id === null ? 'not_paid' : 'no_such_transaction' });
  }
  const rest = refundableRest(holding);
  const amount = request.amountOf(holding) ?? rest;
  if (isDisputed(snapshot, holding)) return refuse({ outcome: 'disputed' });
  if (rest <= 0) return refuse({ outcome: 'nothing_left' });
  if (amount > rest) return refuse({ outcome: 'too_much', rest, holding });
  const reserved = reserveRefund(
    snapshot,
    holding,
    { amount, reason: request.reason, requested_by: by },
    now,
  );
  return {
    result: { outcome: 'reserved', refund: reserved.refund },
    change: { order_no: order.order_no, writes: reserved.writes },
  };
}

/** A refund of money that came in, and the writes that reserve it. The holding is stored, or put by the same change. */
export function reserveRefund(
  { order }: Snapshot,
  holding: Holding,
  { amount, reason, requested_by }: Pick<Refund, 'amount' | 'reason' | 'requested_by'>,
  now: number,
): { readonly refund: Refund; readonly writes: readonly [OrderUpdate, ItemWrite, ItemWrite] } {
  const time = isoTime(now);
  const n = order.refunds + 1;
  const { payment_no, provider, merchant, currency } = holding;
  const isSuspense = !('state' in holding);
  const refund: Refund = {
    order_no: order.order_no,
    n,
    refund_no: refundNumber(order.order_no, n),
    payment: holding.n,
    payment_no,
    suspense: isSuspense ? holding.transaction_id : null,
    provider,
    merchant,
    paid_amount: holding.amount,
    amount,
    currency,
    reason,
    requested_by,
    status: 'open',
    version: 1,
    refund_id: null,
    created_at: time,
    updated_at: time,
  };
  const set = moveRefund(holding, amount, null, 'open');
  const status =
    order.paid_by === holding.n && !isSuspense ? refundedStatus({ ...holding, ...set }) : order.status;
  const owes = { kind: 'check', due: now + FIRST_CHECK_MS } as const;
  return {
    refund,
    writes: [
      orderUpdate(order, { refunds: n, status, updated_at: time }),
      holdingUpdate(holding, set),
      { put: 'refund', record: refund, owes },
    ],
  };
}

/** The money of a transaction, by its payment's number while no message has named it; or what the order was paid with. */
function findRefundable(snapshot: Snapshot, transaction_id: string | null): Holding | undefined {
  if (transaction_id === null) return payingPayment(snapshot);
  const isIt = (holding: Holding) =>
    holding.booking !== null && (holding.transaction_id ?? holding.payment_no) === transaction_id;
  return snapshot.payments.find(isIt) ?? snapshot.suspense.find(isIt);
}

async function repeat(
  ports: RequestRefundPorts,
  earlier: IdempotencyRecord,
  fingerprint: string,
  order_no: string,
): Promise<RequestRefundResult> {
  if (earlier.request !== fingerprint) return { outcome: 'key_reused' };
  const n = parseRefundNumber(earlier.result, order_no);
  const snapshot = await ports.store.read(order_no);
  const refund = snapshot?.refunds.find((known) => known.n === n);
  if (!refund) throw new Error('an idempotency record names no refund');
  return {
    outcome: 'accepted',
    refund: refund.status === 'open' ? await askForRefund(ports, refund) : refund,
  };
}
