import type { AskingPorts } from '../orders/check-payment.ts';
import type { CommitPorts } from '../orders/commit.ts';
import type { ProviderEvent, RefundEvent } from '../orders/event.ts';
import { type EventResult, settle } from '../orders/settle.ts';
import { type RefundResult, settleRefund } from '../orders/settle-refund.ts';
import { describeSettlement } from './settlement-report.ts';
import type { Telemetry } from './telemetry.ts';

/** Settles as `settle` does, and writes a line of it: for what no callback brought, whose own line says it. */
export function reported<E extends ProviderEvent, R extends EventResult>(
  settle: (event: E) => Promise<R>,
  telemetry: Telemetry,
  now: () => number,
): (event: E) => Promise<R> {
  return async (event) => {
    const started = now();
    const result = await settle(event);
    const { level, fields, metrics } = describeSettlement(event, result, now());
    telemetry.log(level, 'settlement', { ...fields, latency_ms: now() - started }, { metrics });
    return result;
  };
}

/**
 * What it takes to ask providers and to settle what they answer, as a callback of theirs would; each settlement has a
 * line of its own in the log.
 */
export const reportedPorts = <P extends CommitPorts & Pick<AskingPorts, 'merchants'>>(
  parts: P,
  telemetry: Telemetry,
): P & AskingPorts & { readonly settleRefund: (event: RefundEvent) => Promise<RefundResult> } => ({
  ...parts,
  settle: reported((event) => settle(parts, event), telemetry, parts.io.now),
  settleRefund: reported((event) => settleRefund(parts, event), telemetry, parts.io.now),
});
