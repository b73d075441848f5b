import { resolutionsOf } from './allowed-resolutions.ts';
import type { ItemWrite } from './change.ts';
import { type EndEntry, type ExceptionRecord, exceptionId } from './exception.ts';
import type { OrderStatus, Resolution } from './kinds.ts';
import type { Refund } from './refund.ts';
import type { Refused } from './resolution.ts';
import { decideResolution } from './resolve-exception.ts';
import type { Snapshot } from './snapshot.ts';

/** What an end would come to now. */
export interface ResolutionPreview {
  readonly resolution: Resolution;
  /** Why it would be refused, and nothing of the rest; null where it would not. */
  readonly refused: Refused | null;
  /** What would be booked by it. */
  readonly entries: readonly EndEntry[];
  /** What would go back to the payer by it. */
  readonly refund: Pick<Refund, 'provider' | 'amount' | 'currency'> | null;
  /** Whether its provider would be asked about the payment. */
  readonly checks_payment: boolean;
  /** The order's afterwards; null of an exception that belongs to no order. */
  readonly status: OrderStatus | null;
}

/**
 * What each end that an open exception can have would come to, decided as its resolution is, and not written. Without
 * an order nothing is booked.
 */
export function previewResolutions(
  exception: ExceptionRecord,
  snapshot: Snapshot | null,
  now: number,
): readonly ResolutionPreview[] {
  return resolutionsOf(exception).map((resolution) => ({
    resolution,
    ...(snapshot ? previewOf(exception, snapshot, resolution, now) : nothing),
  }));
}

// Stryker disable ConditionalExpression,LogicalOperator: of what an end updates, a payment alone is asked about
const isCheck = (write: ItemWrite): boolean =>
  'update' in write && write.update === 'payment' && write.owes?.kind === 'check';
// Stryker restore all

type Preview = Omit<ResolutionPreview, 'resolution'>;

const nothing: Preview = { refused: null, entries: [], refund: null, checks_payment: false, status: null };

function previewOf(
  exception: ExceptionRecord,
  snapshot: Snapshot,
  resolution: Resolution,
  now: number,
): Preview {
  // Stryker disable next-line StringLiteral,ObjectLiteral: nobody ends it, and nothing is written
  const nobody = { reason: '', by: '' };
  const wanted = { id: exceptionId(exception), resolution, ...nobody };
  const { result, change } = decideResolution(snapshot, wanted, now);
  if (result.outcome !== 'resolved') return { ...nothing, status: snapshot.order.status, refused: result };
  const { refund, status } = result;
  // Stryker disable next-line OptionalChaining,BooleanLiteral: whatever ends is written
  const checks_payment = change?.writes.some(isCheck) ?? false;
  return { refused: null, entries: result.exception.resolved.entries, refund, checks_payment, status };
}
