import { isoTime } from '../iso-time.ts';
import type { ExceptionRecord, MismatchField } from './exception.ts';
import { type JournalEntry, ownerAccount, providerAccount, suspenseAccount } from './journal.ts';
import type { Order, OrderStatus } from './order.ts';
import { type OrderOwner, ownOrderNumber, parseOrderNumber } from './order-number.ts';
import {
  moveRefund,
  parseRefundNumber,
  type Refund,
  type Refundable,
  type RefundStatus,
  refundedStatus,
} from './refund.ts';
import type { RefundEvent } from './refund-event.ts';

/** A refund with what it is taken from, as one consistent reading. */
export interface RefundCase {
  readonly order: Order;
  readonly refund: Refund;
  /** Where the money is when it is in suspense. */
  readonly suspense: Refundable | null;
}

/** The next state of a case, to be written in one piece on condition that the order is still the version that was read. */
export interface RefundChange {
  readonly seen: RefundCase;
  readonly order: Order;
  readonly refund: Refund;
  readonly suspense: Refundable | null;
  readonly entry: JournalEntry | null;
}

export interface RefundSettlementStore {
  readRefund(order_no: string, n: number): Promise<RefundCase | undefined>;
  /** @returns false when the order has changed meanwhile */
  writeRefund(change: RefundChange): Promise<boolean>;
  recordException(record: ExceptionRecord, entry: null): Promise<void>;
}

export type RefundResult =
  | {
      readonly outcome: 'refunded' | 'refund_failed' | 'refund_abnormal' | 'already_refunded';
      /** The order's state after the event. */
      readonly status: OrderStatus;
    }
  /** Genuine, but about no refund of ours, or at odds with it: recorded for a person to see. */
  | { readonly outcome: 'unknown_refund' }
  | { readonly outcome: 'mismatch'; readonly fields: readonly MismatchField[] }
  | { readonly outcome: 'not_found' }
  /** The message names no refund. Those that are open are asked about in any case. */
  | { readonly outcome: 'unnamed_refund' };

const MAX_WRITES = 10;

/** What an event makes of a refund that is open. */
export const refundStatusAfter = {
  refund_succeeded: 'succeeded',
  refund_failed: 'failed',
  refund_abnormal: 'open',
} as const satisfies Record<RefundEvent['type'], RefundStatus>;

/**
 * Applies a provider's word on a refund, at most once. A refund that succeeded may still fail later, when the payer's
 * bank sends it back: then its booking is reversed. One that failed never succeeds: what says so is an earlier message
 * that was overtaken, and what it would return may have been returned anew; a person is told. One that is abnormal
 * stays open as it is: its money has left the merchant and has not reached the payer.
 * @throws what the store throws, and Error when the order changes faster than it can be written
 */
export async function settleRefund(
  store: RefundSettlementStore,
  event: RefundEvent,
  now: () => number,
): Promise<RefundResult> {
  const owner = parseOrderNumber(event.order_no);
  if (!owner) return { outcome: 'not_found' };
  const order_no = ownOrderNumber(event.order_no, owner);
  if (event.refund_no === null) return { outcome: 'unnamed_refund' };
  const n = parseRefundNumber(event.refund_no, order_no);
  const time = isoTime(now());
  for (let writes = 0; writes < MAX_WRITES; writes++) {
    const found = n === null ? undefined : await store.readRefund(order_no, n);
    const fields = found ? mismatchedFields(found, event) : [];
    const to = refundStatusAfter[event.type];
    const isContradicted = found?.refund.status === 'failed' && to !== 'failed';
    if (!found || fields.length > 0 || isContradicted) {
      return recordException(store, event, order_no, fields, time);
    }
    if (to === 'open') return abnormalResult(found);
    if (found.refund.status === to) return { outcome: 'already_refunded', status: found.order.status };
    const change = nextState(found, event, to, owner, time);
    if (await store.writeRefund(change)) {
      return { outcome: to === 'succeeded' ? 'refunded' : 'refund_failed', status: change.order.status };
    }
  }
  throw new Error('the order changes faster than its refund can be written');
}

/** What is said of a refund that has succeeded meanwhile was overtaken. */
const abnormalResult = ({ order: { status }, refund }: RefundCase): RefundResult => ({
  outcome: refund.status === 'open' ? 'refund_abnormal' : 'already_refunded',
  status,
});

function nextState(
  seen: RefundCase,
  event: RefundEvent,
  status: 'succeeded' | 'failed',
  owner: OrderOwner,
  updated_at: string,
): RefundChange {
  const { order, refund, suspense } = seen;
  const refund_id = event.refund_id ?? refund.refund_id;
  const changed = { ...refund, status, refund_id, updated_at };
  const entry = entryOf(refund, status, owner, updated_at);
  if (suspense) {
    const moved = moveRefund(suspense, refund.amount, refund.status, status);
    return { seen, order: { ...order, updated_at }, refund: changed, suspense: moved, entry };
  }
  const moved = moveRefund(order, refund.amount, refund.status, status);
  return {
    seen,
    order: { ...moved, status: refundedStatus(moved), updated_at },
    refund: changed,
    suspense,
    entry,
  };
}

/** A success is booked, and a success that turned out none is booked back; a plain failure moved no money. */
function entryOf(
  refund: Refund,
  status: 'succeeded' | 'failed',
  owner: OrderOwner,
  booked_at: string,
): JournalEntry | null {
  if (status === 'failed' && refund.status !== 'succeeded') return null;
  const { order_no, provider, amount, currency, transaction_id } = refund;
  const held = refund.exception_key === null ? ownerAccount(owner) : suspenseAccount(provider);
  const [debit, credit] =
    status === 'succeeded' ? [held, providerAccount(provider)] : [providerAccount(provider), held];
  return { order_no, debit, credit, amount, currency, provider, transaction_id, booked_at };
}

function mismatchedFields({ order, refund }: RefundCase, event: RefundEvent): MismatchField[] {
  const fields: MismatchField[] = [];
  if (event.provider !== refund.provider) fields.push('provider');
  if (!agreesInMerchant(order.merchant, event.merchant)) fields.push('merchant');
  if (event.amount !== undefined && event.amount !== refund.amount) fields.push('amount');
  if (event.currency !== undefined && event.currency !== refund.currency) fields.push('currency');
  return fields;
}

/**
 * A message about a refund may name only the first part of a merchant account. An order that has come to cost nothing
 * names none, though what was paid for it before may go back.
 */
function agreesInMerchant(ours: string | null, theirs: string | undefined): boolean {
  return theirs === undefined || ours === null || theirs === ours || ours.startsWith(`${theirs}/`);
}

async function recordException(
  store: RefundSettlementStore,
  event: RefundEvent,
  order_no: string,
  fields: readonly MismatchField[],
  recorded_at: string,
): Promise<RefundResult> {
  const kind = fields.length > 0 ? 'mismatch' : 'unknown_refund';
  const record: ExceptionRecord = {
    order_no,
    payment_no: event.order_no,
    kind,
    provider: event.provider,
    transaction_id: event.refund_no,
    fields,
    amount: event.amount ?? null,
    currency: event.currency ?? null,
    recorded_at,
    reserved: 0,
    refunded: 0,
  };
  await store.recordException(record, null);
  return kind === 'mismatch' ? { outcome: kind, fields } : { outcome: kind };
}
