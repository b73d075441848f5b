import { forEachConcurrently } from '../concurrency.ts';
import { isoTime } from '../iso-time.ts';
import type { EventResult } from './apply-event.ts';
import { checkPayment, isStarted } from './check-payment.ts';
import type { Order, Provider } from './order.ts';
import type { PaymentEvent } from './payment-event.ts';
import type { ProviderGateway } from './provider-gateway.ts';
import type { Refund } from './refund.ts';
import type { RefundEvent } from './refund-event.ts';
import { answeredEvent, refundRequest } from './request-refund.ts';
import type { SettlementResult } from './settle.ts';
import type { RefundResult } from './settle-refund.ts';

/** Something that is to be checked with its provider. `work_due` is when, as it was read. */
export type DueCheck = { readonly work_due: string } & (
  | { readonly type: 'order'; readonly order: Order }
  | { readonly type: 'refund'; readonly refund: Refund }
);

/** Something that is due, stored in a way that is not understood here: it is left as it is. */
export interface UnreadableCheck {
  readonly type: 'unreadable';
  readonly work_due: string;
  readonly order_no: string;
  readonly error: unknown;
}

/** What was asked about, and for how long. */
export interface Checked {
  readonly order_no: string;
  readonly provider: Provider | null;
  readonly latency_ms: number;
}

/** `open`: the provider has nothing to say yet; `cleared`: the item needs no check any more. */
export type CheckResult = EventResult | { readonly outcome: 'open' | 'cleared' };

/** What was due when a run began, and what the run did about it. */
export interface SweepCounts {
  readonly checked: number;
  readonly failed: number;
  readonly left: number;
  readonly overdue: number;
  /** For how long the oldest of what was due had been. */
  readonly oldest_check_ms: number;
  /** Since when the oldest refund that was due has been asked for. */
  readonly oldest_refund_ms: number;
}

export interface SweepPorts {
  readonly store: {
    /** The checks that are longest due, at most so many, of all shards. */
    listDueChecks(now: string): Promise<(DueCheck | UnreadableCheck)[]>;
    /** Puts a check off, on condition that nobody has done so since it was read. @returns whether it was ours */
    postpone(check: DueCheck, work_due: string): Promise<boolean>;
    /** The item need not be checked any more. */
    clear(check: DueCheck): Promise<void>;
  };
  readonly gateway: (provider: Provider) => Promise<ProviderGateway>;
  /** The very same settlement as that of a callback. */
  readonly settle: (event: PaymentEvent) => Promise<SettlementResult>;
  readonly settleRefund: (event: RefundEvent) => Promise<RefundResult>;
  readonly now: () => number;
  /** Tells what became of a check. */
  readonly report: (check: Checked, result: CheckResult) => void;
  readonly onFailure: (check: Checked, error: unknown) => void;
}

const CONCURRENT_CHECKS = 16;
const RUN_MS = 40_000;
const SHORTEST_DELAY_MS = 60_000;
const LONGEST_DELAY_MS = 6 * 3_600_000;

/** A provider that failed so many checks of a run is left alone for the rest of it. */
const FAILURES_UNTIL_DOWN = 5;

/**
 * Asks the providers about everything that is due, and settles what they say as a callback would. Each check is put
 * off before it is made, so that several sweeps do not make it twice and one that fails does not stop the others.
 */
export async function sweepChecks(ports: SweepPorts): Promise<SweepCounts> {
  const start = ports.now();
  const end = start + RUN_MS;
  const due = await ports.store.listDueChecks(isoTime(start));
  const failures = new Map<Provider | null, number>();
  const counts = { checked: 0, failed: 0, left: 0 };
  await forEachConcurrently(due, CONCURRENT_CHECKS, async (check) => {
    const started = ports.now();
    const { order_no, provider } = subjectOf(check);
    const checked = (): Checked => ({ order_no, provider, latency_ms: ports.now() - started });
    if (check.type === 'unreadable') {
      counts.failed += 1;
      ports.onFailure(checked(), check.error);
      return;
    }
    if (started >= end) {
      counts.left += 1;
      return;
    }
    try {
      if (!(await ports.store.postpone(check, nextCheck(check, started)))) return;
      if ((failures.get(provider) ?? 0) >= FAILURES_UNTIL_DOWN) {
        counts.left += 1;
        return;
      }
      const result = await makeCheck(ports, check);
      counts.checked += 1;
      ports.report(checked(), result);
    } catch (error) {
      failures.set(provider, (failures.get(provider) ?? 0) + 1);
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
    case 'order':
      return check.order;
    case 'refund':
      return check.refund;
    case 'unreadable':
      return { order_no: check.order_no, provider: null };
  }
}

async function makeCheck(ports: SweepPorts, check: DueCheck): Promise<CheckResult> {
  if (check.type === 'refund') return (await checkRefund(ports, check.refund)) ?? { outcome: 'open' };
  const { order } = check;
  if ((order.status === 'pending' || order.status === 'failed') && isStarted(order)) {
    return (await checkPayment(ports, order)) ?? { outcome: 'open' };
  }
  await ports.store.clear(check);
  return { outcome: 'cleared' };
}

/** A refund that the provider does not hold was never asked for, or the request was lost: it is asked for again. */
async function checkRefund(
  { gateway, settleRefund }: SweepPorts,
  refund: Refund,
): Promise<EventResult | null> {
  const provider = await gateway(refund.provider);
  const request = refundRequest(refund);
  const known = await provider.queryRefund(request);
  const answer = known.state === 'absent' ? await provider.refund(request) : known;
  const event = answeredEvent(refund, answer);
  return event && settleRefund(event);
}

/** Half of how long it has been waiting already, so that checks thin out; but one comes soon after an order expires. */
function nextCheck(check: DueCheck, now: number): string {
  const { updated_at } = check.type === 'order' ? check.order : check.refund;
  const waited_ms = now - Date.parse(updated_at);
  const delay_ms = Math.min(LONGEST_DELAY_MS, Math.max(SHORTEST_DELAY_MS, waited_ms / 2));
  const expires_at = check.type === 'order' ? check.order.expires_at : null;
  const next = now + delay_ms;
  if (expires_at === null || Date.parse(expires_at) <= now) return isoTime(next);
  return isoTime(Math.min(next, Date.parse(expires_at) + 1_000));
}
