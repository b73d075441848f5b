import { isoTime } from '../io.ts';
import { asSeen, changeOf, type ItemWrite, orderUpdate, type Put, paymentUpdate } from './change.ts';
import { type AskingPorts, closeAtProvider, endPayment, missingMerchant } from './check-payment.ts';
import { supersede } from './close-payment.ts';
import { type Closed, type CommitPorts, ContentionError, commit, type Step } from './commit.ts';
import { exceptionOnce } from './exception.ts';
import { isOneOf, payableStatuses, type Scene } from './kinds.ts';
import { ownerAccount } from './ledger.ts';
import type { Order } from './order.ts';
import { MAX_PAYMENTS, paymentNumber } from './order-number.ts';
import type { Payment } from './payment.ts';
import type { CreatedPayment, Merchant, PaymentRequest } from './provider-gateway.ts';
import { FIRST_CHECK_MS, HAND_OUT_MARGIN_MS, isOver, paymentExpiry } from './schedule.ts';
import { currentPayment, type Snapshot } from './snapshot.ts';

/** Who is to be paid, and where. */
export interface Payee {
  readonly merchant: Merchant;
  /** In which of the merchant's apps, at a provider that tells them apart. */
  readonly appid: string | null;
  readonly scene: Scene;
  readonly return_url: string | null;
  /** Of the payer, where the provider asks for it. */
  readonly payer_client_ip: string | null;
}

export type NotBegun = {
  /** `too_late`: the provider takes no payment for so short a time as the order has left. */
  readonly outcome: 'already_paid' | 'not_payable' | 'being_paid' | 'too_late' | 'numbers_exhausted';
};

export type BeginResult =
  | {
      readonly outcome: 'begun';
      /** As it was read. */
      readonly order: Order;
      readonly payment: Payment;
      readonly payee: Payee;
    }
  | NotBegun;

export type IssueResult =
  | {
      readonly outcome: 'issued';
      readonly payment: Payment;
      readonly merchant: Merchant;
      /** A prepay_id, or the address of a page. */
      readonly page: string;
    }
  | { readonly outcome: 'not_created' };

const MAX_BEGINNINGS = 5;

type Given = Extract<CreatedPayment, { readonly outcome: 'created' }>;

/**
 * Gives out what a payer needs to pay the order's current payment, which `begin` finds or begins. What a provider gave
 * for a payment that was given up meanwhile reaches nobody: that number is closed, and the next one begun.
 * @throws ContentionError when that happens again and again, ProviderCallError, and what the store throws
 */
export async function issuePayment<R extends { readonly outcome: string }>(
  ports: AskingPorts,
  order_no: string,
  begin: (snapshot: Snapshot | null, closed: Closed | null) => Step<BeginResult | R>,
): Promise<IssueResult | NotBegun | R> {
  const closing = { ...ports, closeAtProvider: (payment: Payment) => closeAtProvider(ports, payment) };
  for (let beginnings = 0; beginnings < MAX_BEGINNINGS; beginnings++) {
    const begun = await commit<BeginResult | R>(closing, order_no, begin);
    if (!isBegun(begun)) return begun;
    const { order, payment, payee } = begun;
    const { merchant } = payee;
    const now = ports.io.now();
    const kept = pageKept(payment, now);
    if (kept !== null) return { outcome: 'issued', payment, merchant, page: kept };
    const created = await merchant.gateway.createPayment(paymentRequest(order, payment, payee));
    if (created.outcome === 'not_created') {
      const raised = paymentUpdate(payment, { attempt: created.attempt });
      await ports.store.write({ order_no, writes: [raised] });
      return created;
    }
    if (created.outcome === 'created') {
      const page = await handOut(ports, payment, created);
      if (page !== null) return { outcome: 'issued', payment, merchant, page };
    }
    const state = created.outcome === 'created' ? 'made' : 'over';
    await endPayment(ports, payment, { state, asked_at: now });
  }
  throw new ContentionError();
}

const isBegun = <R extends { readonly outcome: string }>(
  result: BeginResult | R,
): result is Extract<BeginResult, { outcome: 'begun' }> => result.outcome === 'begun';

/** What was handed out before, while a payer has time enough to use it. */
function pageKept({ handed_out }: Pick<Payment, 'handed_out'>, now: number): string | null {
  const isGood = handed_out !== null && handed_out.good_until > isoTime(now + HAND_OUT_MARGIN_MS);
  return isGood ? handed_out.page : null;
}

const paymentRequest = (order: Order, payment: Payment, { payer_client_ip }: Payee): PaymentRequest => ({
  ...payment,
  payer_client_ip,
  description: order.description,
  openid: order.kind === 'tenant' ? null : order.openid,
});

/**
 * Keeps what a provider gave, on condition that the payment is still the one to be paid. This raises its version, so
 * that whoever asked the provider about it before must ask again. What was given before is written all the same: while
 * the provider was asked for it, the order may have given the payment up. Of several who ask at once, all get what the
 * first was given, where that is kept for long enough to be given again.
 * @returns the page to be handed out; null when none may be
 * @throws ContentionError, and what the store throws
 */
async function handOut({ store, io }: CommitPorts, payment: Payment, created: Given): Promise<string | null> {
  const { order_no } = payment;
  let seen = payment;
  for (let tries = 0; tries < MAX_BEGINNINGS; tries++) {
    const kept = pageKept(seen, io.now());
    const handed_out = kept === null ? created.handed_out : seen.handed_out;
    const isFirst = kept === null && pageKept(created, io.now()) !== null;
    const expects = { state: 'open', superseded: false, ...(isFirst && asSeen(seen)) };
    const answer = await store.write({
      order_no,
      writes: [
        { ...paymentUpdate(payment, { handed_out }), expects },
        { check: 'order', expects: { status: { in: payableStatuses } } },
      ],
    });
    if (answer.applied) return kept ?? created.page;
    const stored = answer.refused[0]?.payment;
    if (stored?.state !== 'open' || stored.superseded) return null;
    seen = stored;
  }
  throw new ContentionError();
}

/** Finds the order's current payment while that can be paid, or begins the next. */
export function decideBeginning(
  snapshot: Snapshot,
  payee: Payee,
  closed: Closed | null,
  now: number,
): Step<BeginResult> {
  const { order } = snapshot;
  if (!isPayable(order, now)) {
    const outcome = order.paid_at === null ? 'not_payable' : 'already_paid';
    return { result: { outcome }, change: null };
  }
  const current = currentPayment(snapshot);
  if (current && isUsable(current, payee, now)) return reopen(order, current, payee, now);
  if (current && current.state !== 'closed' && !closed) return { close: current };
  if (closed?.closing === 'being_paid') return { result: { outcome: 'being_paid' }, change: null };
  if (current && closed?.closing === 'unknown') {
    const change = changeOf(order.order_no, missingMerchant(snapshot, current, now));
    return { result: { outcome: 'being_paid' }, change };
  }
  return beginNext(snapshot, payee, current ? [supersede(current, closed)] : [], now);
}

export const isPayable = ({ status, expires_at }: Order, now: number): boolean =>
  isOneOf(payableStatuses, status) && !isOver(expires_at, now);

const isUsable = (payment: Payment, { merchant, appid, scene, return_url }: Payee, now: number): boolean =>
  (payment.state === 'open' || (payment.state === 'failed' && merchant.limits.failedCanBePaid)) &&
  payment.provider === merchant.provider &&
  payment.merchant === merchant.name &&
  payment.appid === appid &&
  payment.scene === scene &&
  payment.return_url === return_url &&
  payment.expires_at > isoTime(now);

/** A payment that failed is made again under its number; its order failed with it. */
function reopen(order: Order, payment: Payment, payee: Payee, now: number): Step<BeginResult> {
  const result = { outcome: 'begun', order, payment, payee } as const;
  if (payment.state === 'open') return { result, change: null };
  const version = payment.version + 1;
  return {
    result: { ...result, payment: { ...payment, state: 'open', version } },
    change: {
      order_no: order.order_no,
      writes: [
        paymentUpdate(payment, { state: 'open' }),
        orderUpdate(order, { status: 'pending', updated_at: isoTime(now) }),
      ],
    },
  };
}

/** Before the provider is asked: what it is told cannot change any more, and it will be asked about from now on. */
function beginNext(
  snapshot: Snapshot,
  payee: Payee,
  superseded: readonly ItemWrite[],
  now: number,
): Step<BeginResult> {
  const { order } = snapshot;
  const { order_no } = order;
  const n = order.payments + 1;
  if (n > MAX_PAYMENTS) {
    const exception = exceptionOnce(snapshot, { kind: 'numbers_exhausted' }, now);
    return { result: { outcome: 'numbers_exhausted' }, change: changeOf(order_no, exception) };
  }
  const begun = beginning(order, n, payee, now);
  if (!begun) return { result: { outcome: 'too_late' }, change: null };
  const set = { status: 'pending', payment: n, payments: n, updated_at: isoTime(now) } as const;
  return {
    result: { outcome: 'begun', order, payment: begun.record, payee },
    change: { order_no, writes: [orderUpdate(order, set, null), begun, ...superseded] },
  };
}

/** The n-th payment of an order, to be stored; null when its provider takes no payment for so short a time. */
export function beginning(
  order: Order,
  n: number,
  { merchant, appid, scene, return_url }: Payee,
  now: number,
): Extract<Put, { put: 'payment' }> | null {
  const { longest_ms, shortest_ms } = merchant.limits;
  const expires_at = paymentExpiry(now, longest_ms, order.expires_at);
  if (Date.parse(expires_at) - now < shortest_ms) return null;
  const { order_no, amount, currency, description } = order;
  const payment: Payment = {
    order_no,
    n,
    payment_no: paymentNumber(order_no, n),
    provider: merchant.provider,
    merchant: merchant.name,
    appid,
    scene,
    return_url,
    amount,
    currency,
    description,
    points: order.kind === 'tenant' ? 0 : order.points,
    state: 'open',
    version: 1,
    superseded: false,
    begun_at: isoTime(now),
    expires_at,
    handed_out: null,
    attempt: 1,
    payee: ownerAccount(order),
    transaction_id: null,
    paid_at: null,
    booking: null,
    reserved: 0,
    refunded: 0,
    returned: 0,
    reported: 0,
    attributed_at: null,
    discount: null,
  };
  return { put: 'payment', record: payment, owes: { kind: 'check', due: now + FIRST_CHECK_MS } };
}
