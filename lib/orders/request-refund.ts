import { isoTime } from '../iso-time.ts';
import { asSeen, type Change, orderUpdate, type Put } from './change.ts';
import { type AskingPorts, queryPayment } from './check-payment.ts';
import { idempotencyPut } from './checkout.ts';
import { commit, type OrderStore, type Step } from './commit.ts';
import type { RefundEvent } from './event.ts';
import type { IdempotencyRecord, IdempotentCaller } from './idempotency.ts';
import type { Payment, Suspense } from './payment.ts';
import type { RefundAnswer } from './provider-gateway.ts';
import {
  moveRefund,
  parseRefundNumber,
  type Refund,
  refundableRest,
  refundedStatus,
  refundNumber,
} from './refund.ts';
import { FIRST_CHECK_MS } from './schedule.ts';
import { type RefundResult, refundStatusAfter } from './settle-refund.ts';
import { findPayment, payingPayment, type Snapshot } from './snapshot.ts';

/** What can be returned: a payment, or money of a further transaction under it. */
export type Holding = Payment | Suspense;

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

export interface RequestRefundPorts extends AskingPorts {
  readonly store: OrderStore & {
    findIdempotencyRecord(caller: IdempotentCaller): Promise<IdempotencyRecord | null>;
  };
  readonly settleRefund: (event: RefundEvent) => Promise<RefundResult>;
  /** Takes a failure of the provider; the refund stays open and is asked about again. */
  readonly onProviderFailure: (refund: Refund, error: unknown) => void;
}

export type RequestRefundResult =
  | { readonly outcome: 'accepted'; readonly refund: Refund }
  | { readonly outcome: 'not_found' | 'no_such_transaction' | 'key_reused' | 'not_paid' | 'nothing_left' }
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
  const earlier = await ports.store.findIdempotencyRecord(caller);
  if (earlier && earlier.expires_at > isoTime(ports.io.now())) {
    return repeat(ports, earlier, fingerprint, order_no);
  }
  const result = await commit<Reserved | Taken | Refused>(ports, order_no, (snapshot) => {
    if (!snapshot) return { result: { outcome: 'not_found' }, change: null };
    const now = ports.io.now();
    const decision = decideRefund(snapshot, request, now);
    if (decision.result.outcome !== 'reserved') return decision;
    const { refund } = decision.result;
    const put = idempotencyPut(caller, refund.refund_no, fingerprint, now);
    const change = decision.change && withWrite(decision.change, put);
    return { result: decision.result, change, taken: (record) => ({ outcome: 'taken', record }) };
  });
  if (result.outcome === 'taken') return repeat(ports, result.record, fingerprint, order_no);
  return result.outcome === 'reserved' ? askProvider(ports, result.refund) : result;
}

const withWrite = ({ order_no, writes }: Change, put: Put): Change => ({
  order_no,
  writes: [...writes, put],
});

/** What a request means for the order as it is stored. */
function decideRefund(
  snapshot: Snapshot,
  request: RefundOrderRequest,
  now: number,
): Extract<Step<Reserved | Refused>, { result: unknown }> {
  const { order } = snapshot;
  const refuse = (result: Refused) => ({ result, change: null });
  const holding = findHolding(snapshot, request.transaction_id);
  if (!holding) {
    return refuse({ outcome: request.transaction_id === null ? 'not_paid' : 'no_such_transaction' });
  }
  const rest = refundableRest(holding);
  const amount = request.amountOf(holding) ?? rest;
  if (rest <= 0) return refuse({ outcome: 'nothing_left' });
  if (amount > rest) return refuse({ outcome: 'too_much', rest, holding });
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
    reason: request.reason,
    status: 'open',
    version: 1,
    refund_id: null,
    created_at: time,
    updated_at: time,
  };
  const set = moveRefund(holding, amount, 'none', 'open');
  const status =
    order.paid_by === holding.n && !isSuspense ? refundedStatus({ ...holding, ...set }) : order.status;
  const owes = { kind: 'check', due: now + FIRST_CHECK_MS } as const;
  return {
    result: { outcome: 'reserved', refund },
    change: {
      order_no: order.order_no,
      writes: [
        orderUpdate(order, { refunds: n, status, updated_at: time }),
        { ...holdingAddress(holding), set, expects: asSeen(holding) },
        { put: 'refund', record: refund, owes },
      ],
    },
  };
}

/** The money of a transaction, or what the order was paid with. */
function findHolding(snapshot: Snapshot, transaction_id: string | null): Holding | undefined {
  if (transaction_id === null) return payingPayment(snapshot);
  const isIt = (holding: Holding) => holding.transaction_id === transaction_id;
  return snapshot.payments.find(isIt) ?? snapshot.suspense.find(isIt);
}

const holdingAddress = (holding: Holding) =>
  'state' in holding
    ? ({ update: 'payment', of: holding.n } as const)
    : ({ update: 'suspense', of: { n: holding.n, transaction_id: holding.transaction_id } } as const);

/** Asks the provider for the refund and settles what it answers at once. The refund stays open when it does not. */
async function askProvider(ports: RequestRefundPorts, refund: Refund): Promise<RequestRefundResult> {
  const event = await refundAtProvider(ports, refund).catch((error: unknown) => {
    ports.onProviderFailure(refund, error);
    return null;
  });
  if (!event) return { outcome: 'accepted', refund };
  await ports.settleRefund(event);
  const { type, refund_id } = event;
  return { outcome: 'accepted', refund: { ...refund, status: refundStatusAfter[type], refund_id } };
}

/** A payment or refund of a merchant that is not configured any more: nobody else is asked in its place. */
export class MissingMerchantError extends Error {
  override readonly name = 'MissingMerchantError';

  constructor() {
    super('the merchant of the payment is not configured');
  }
}

/**
 * Asks for a refund, or what became of one that was asked for before. One that the provider does not hold was never
 * asked for, or the request was lost: it is asked for again.
 * @returns what is to be settled; null while there is nothing
 * @throws MissingMerchantError, ProviderCallError, and what the store throws
 */
export async function refundAtProvider(
  ports: AskingPorts,
  refund: Refund,
  { isRepeat = false } = {},
): Promise<RefundEvent | null> {
  const { payment_no, provider, refund_no } = refund;
  const merchant = await ports.merchants.find(provider, refund.merchant);
  if (!merchant) throw new MissingMerchantError();
  const request = { ...refund, transaction_id: await transactionOf(ports, refund) };
  const known = isRepeat ? await merchant.gateway.queryRefund(request) : null;
  const answer: RefundAnswer =
    known && known.state !== 'absent' ? known : await merchant.gateway.refund(request);
  if (!('refund_id' in answer)) return null;
  const { state, refund_id } = answer;
  const type = `refund_${state}` as const;
  return { type, payment_no, provider, merchant: refund.merchant, refund_no, refund_id };
}

/** The transaction that is returned: the payment's, which its provider is asked for when no message has named it. */
async function transactionOf(ports: AskingPorts, refund: Refund): Promise<string | null> {
  if (refund.suspense !== null) return refund.suspense;
  const read = async () => {
    const snapshot = await ports.store.read(refund.order_no);
    return snapshot ? findPayment(snapshot, refund.payment) : undefined;
  };
  const payment = await read();
  if (!payment || payment.transaction_id !== null) return payment?.transaction_id ?? null;
  await queryPayment(ports, payment);
  return (await read())?.transaction_id ?? null;
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
  return refund.status === 'open' ? askProvider(ports, refund) : { outcome: 'accepted', refund };
}
