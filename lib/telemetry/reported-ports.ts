import type { AskingPorts } from '../orders/check-payment.ts';
import type { CommitPorts } from '../orders/commit.ts';
import type { RefundEvent } from '../orders/event.ts';
import { settle } from '../orders/settle.ts';
import { type RefundResult, settleRefund } from '../orders/settle-refund.ts';
import { reported } from './settlement-report.ts';
import type { Telemetry } from './telemetry.ts';

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
