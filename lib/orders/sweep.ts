import { forEachConcurrently } from '../concurrency.ts';
import { isoTime } from '../io.ts';
import { changeOf } from './change.ts';
import { type AskingPorts, checkDeadline, checkPayment, missingMerchant } from './check-payment.ts';
import { type Callee, createCircuitBreaker } from './circuit-breaker.ts';
import { commit } from './commit.ts';
import type { Dispute } from './dispute.ts';
import type { RefundEvent } from './event.ts';
import type { Provider, ShippingState } from './kinds.ts';
import type { Payment } from './payment.ts';
import { isProviderFailure } from './provider-gateway.ts';
import type { Refund } from './refund.ts';
import { MissingMerchantError, refundAtProvider } from './refund-at-provider.ts';
import { CLOSING_MS, nextCheck, nextPaymentCheck, nextReading } from './schedule.ts';
import type { EventResult } from './settle.ts';
import { remindOfDispute } from './settle-dispute.ts';
import type { RefundResult } from './settle-refund.ts';
import { checkShipping, tellShipping } from './ship-order.ts';
import type { Shipping, ShippingSettings } from './shipping.ts';

/** Something that is to be checked. `work_due` is when, as it was read. */
export type DueCheck = { readonly work_due: string } & (
  | { readonly type: 'payment'; readonly payment: Payment }
  | { readonly type: 'refund'; readonly refund: Refund }
  /** A dispute that people are to be told of again. */
  | { readonly type: 'dispute'; readonly dispute: Dispute }
  /** What was sent, and its provider does not know yet. */
  | { readonly type: 'shipping'; readonly shipping: Shipping }
  /** The deadline of an order that has no payment. */
  | { readonly type: 'deadline'; readonly order_no: string }
);

/** Something that is due, stored in a way that is not understood here: it is put off, and else left as it is. */
export interface UnreadableCheck {
  readonly type: 'unreadable';
  readonly work_due: string;
  /** Names it to the store. */
  readonly item: { readonly pk: string; readonly sk: string; readonly work: string };
  readonly order_no: string;
  readonly error: unknown;
}

/** What was asked about, and for how long. */
export interface Checked {
  readonly order_no: string;
  readonly payment_no?: string;
  readonly refund_no?: string;
  readonly provider: Provider | null;
  readonly latency_ms: number;
}

/** `open`: there is nothing to say yet; `cleared`: the item needs no check any more. */
export type CheckResult =
  | EventResult
  | {
      readonly outcome: 'open' | 'cleared' | 'merchant_missing' | 'dispute_reminded' | 'told' | 'not_shipped';
    };

/** What was due when a run began, and what the run did about it. */
export interface SweepCounts {
  readonly checked: number;
  readonly failed: number;
  readonly left: number;
  /** Of those that failed: items that are not understood. */
  readonly unreadable: number;
  /** Orders that were closed more than two minutes after their time. */
  readonly closed_late: number;
  readonly overdue: number;
  /** For how long the oldest of what was due had been. */
  readonly oldest_check_ms: number;
  /** Since when the oldest refund that was due has been asked for. */
  readonly oldest_refund_ms: number;
}

export interface SweepPorts extends AskingPorts {
  readonly work: {
    /** The checks that are longest due, at most so many, of all shards. */
    listDueChecks(now: string): Promise<(DueCheck | UnreadableCheck)[]>;
    /** Puts a check off, on condition that nobody has done so since it was read. @returns whether it was ours */
    postpone(check: DueCheck | UnreadableCheck, work_due: string): Promise<boolean>;
    /** The item need not be checked any more: unless it owes another check by now than this one. */
    clear(check: DueCheck): Promise<void>;
  };
  readonly settleRefund: (event: RefundEvent) => Promise<RefundResult>;
  /** Null where no provider is told what was sent. */
  readonly shipping: ShippingSettings | null;
  /** Tells what became of a check. */
  readonly report: (check: Checked, result: CheckResult) => void;
  readonly onFailure: (check: Checked, error: unknown) => void;
}

const CONCURRENT_CHECKS = 16;
const RUN_MS = 40_000;

/**
 * Asks the providers about everything that is due, and settles what they say as a callback would. Each check is put
 * off before it is made, so that several sweeps do not make it twice and one that fails does not stop the others.
 */
export async function sweepChecks(ports: SweepPorts): Promise<SweepCounts> {
  const start = ports.io.now();
  const end = start + RUN_MS;
  const due = await ports.work.listDueChecks(isoTime(start));
  const breaker = createCircuitBreaker();
  const counts = { checked: 0, failed: 0, left: 0, unreadable: 0, closed_late: 0 };
  await forEachConcurrently(due, CONCURRENT_CHECKS, async (check) => {
    const started = ports.io.now();
    const subject = subjectOf(check);
    const callee = calleeOf(check);
    const checked = (): Checked => ({ ...subject, latency_ms: ports.io.now() - started });
    if (started >= end) {
      counts.left += 1;
      return;
    }
    try {
      const work_due = isoTime(nextTurn(check, started));
      if (!(await ports.work.postpone(check, work_due))) return;
      if (check.type === 'unreadable') {
        counts.unreadable += 1;
        throw check.error;
      }
      if (breaker.isOpen(callee)) {
        counts.left += 1;
        return;
      }
      const result = await makeCheck(ports, { ...check, work_due });
      counts.checked += 1;
      // The check that closes an order is due as soon as its time is over.
      const isLate = started - Date.parse(check.work_due) > CLOSING_MS;
      if (isLate && result.outcome === 'closed' && result.status === 'closed') counts.closed_late += 1;
      ports.report(checked(), result);
    } catch (error) {
      if (isProviderFailure(error)) breaker.recordFailure(callee);
      counts.failed += 1;
      ports.onFailure(checked(), error);
    }
  });
  return { ...counts, ...backlog(due, start) };
}

function backlog(due: readonly (DueCheck | UnreadableCheck)[], now: number) {
  const age = (times: readonly string[]) =>
    times.reduce((oldest, time) => Math.max(oldest, now - Date.parse(time)), 0);
  return {
    overdue: due.length,
    oldest_check_ms: age(due.map(({ work_due }) => work_due)),
    oldest_refund_ms: age(due.flatMap((check) => (check.type === 'refund' ? check.refund.created_at : []))),
  };
}

function subjectOf(check: DueCheck | UnreadableCheck): Omit<Checked, 'latency_ms'> {
  switch (check.type) {
    case 'payment': {
      const { order_no, payment_no, provider } = check.payment;
      return { order_no, payment_no, provider };
    }
    case 'refund': {
      const { order_no, payment_no, refund_no, provider } = check.refund;
      return { order_no, payment_no, refund_no, provider };
    }
    case 'dispute': {
      const { order_no, payment_no, provider } = check.dispute;
      return { order_no, payment_no, provider };
    }
    case 'shipping': {
      const { order_no, payment_no, provider } = check.shipping;
      return { order_no, payment_no, provider };
    }
    case 'deadline':
    case 'unreadable':
      return { order_no: check.order_no, provider: null };
  }
}

/** Whoever is called may be down alone: a provider takes word of what was sent elsewhere than it is asked about payments. */
function calleeOf(check: DueCheck | UnreadableCheck): Callee {
  const { provider } = subjectOf(check);
  const isOfShipping =
    check.type === 'shipping' || (check.type === 'payment' && check.payment.state === 'paid');
  if (isOfShipping) return { name: `${provider} shipping`, merchant: null };
  return { name: provider, merchant: merchantOf(check) };
}

function merchantOf(check: DueCheck | UnreadableCheck): string | null {
  if (check.type === 'payment') return check.payment.merchant;
  return check.type === 'refund' ? check.refund.merchant : null;
}

async function makeCheck(ports: SweepPorts, check: DueCheck): Promise<CheckResult> {
  const result = await resultOf(ports, check);
  if (result.outcome === 'cleared') await ports.work.clear(check);
  return result;
}

function resultOf(ports: SweepPorts, check: DueCheck): Promise<CheckResult> {
  switch (check.type) {
    case 'payment':
      return check.payment.state === 'paid' && ports.shipping
        ? checkShipping(ports, check.payment, ports.shipping)
        : checkPayment(ports, check.payment);
    case 'refund':
      return checkRefund(ports, check.refund);
    case 'dispute':
      return remindOfDispute(ports, check.dispute);
    case 'shipping':
      return repeatShipping(ports, check.shipping);
    case 'deadline':
      return checkDeadline(ports, check.order_no);
  }
}

async function repeatShipping(ports: SweepPorts, shipping: Shipping): Promise<CheckResult> {
  if (shipping.state !== 'open') return { outcome: 'cleared' };
  const told = await tellShipping(ports, shipping.order_no);
  return { outcome: told === 'unsupported' ? 'not_shipped' : outcomeOfShipping[told.state] };
}

/** What telling of it again came to, by what is stored then. */
const outcomeOfShipping = {
  open: 'open',
  told: 'told',
  refused: 'not_shipped',
} as const satisfies Record<ShippingState, CheckResult['outcome']>;

async function checkRefund(ports: SweepPorts, refund: Refund): Promise<CheckResult> {
  if (refund.status !== 'open') return { outcome: 'cleared' };
  try {
    const event = await refundAtProvider(ports, refund, { isRepeat: true });
    return event ? await ports.settleRefund(event) : { outcome: 'open' };
  } catch (error) {
    if (!(error instanceof MissingMerchantError)) throw error;
    return commit(ports, refund.order_no, (snapshot) => ({
      result: { outcome: 'merchant_missing' },
      change: snapshot && changeOf(refund.order_no, missingMerchant(snapshot, refund, ports.io.now())),
    }));
  }
}

/** When it is checked again, unless this check decides it. */
function nextTurn(check: DueCheck | UnreadableCheck, now: number): number {
  switch (check.type) {
    case 'payment':
      // A closed one is looked after for its order's deadline, which has come.
      return check.payment.state === 'closed'
        ? nextCheck(check.work_due, now)
        : nextPaymentCheck(check.payment, now);
    case 'refund':
      return nextCheck(check.refund.created_at, now);
    case 'shipping':
      return nextCheck(check.shipping.requested_at, now);
    case 'dispute':
    case 'deadline':
      return nextCheck(check.work_due, now);
    case 'unreadable':
      return nextReading(now);
  }
}
