import { isoTime } from '../io.ts';
import { resolutionsOf } from './allowed-resolutions.ts';
import { changeOf, exceptionEnded } from './change.ts';
import { type CommitPorts, commit, type Step } from './commit.ts';
import { type EndEntry, type ExceptionEnd, type ExceptionRecord, exceptionId } from './exception.ts';
import { consequenceOf } from './exception-consequence.ts';
import { exceptionKinds, isOneOf, type OrderStatus, type Resolution } from './kinds.ts';
import type { MerchantName } from './ledger.ts';
import type { Refund } from './refund.ts';
import { askForRefund, type RefundingPorts } from './refund-at-provider.ts';
import { type Refused, refuse, refuseEnd } from './resolution.ts';
import type { Snapshot } from './snapshot.ts';

/** How an exception is to end. */
export interface WantedEnd {
  readonly resolution: Resolution;
  readonly reason: string;
  /** The `sub` of who asks. */
  readonly by: string;
}

export interface ResolveRequest extends WantedEnd {
  readonly order_no: string;
  /** As `exceptionId` makes it. */
  readonly id: string;
}

export interface Resolved {
  readonly outcome: 'resolved';
  /** With its end, which names what was booked by it. */
  readonly exception: EndedException;
  /** What goes back to the payer by it. */
  readonly refund: Refund | null;
  /** The order's afterwards; null of an exception that belongs to no order. */
  readonly status: OrderStatus | null;
}

export type EndedException = ExceptionRecord & { readonly resolved: ExceptionEnd };

export type ResolveResult = Resolved | Refused;

/** Nothing has to be asked of a provider first. */
type Decision = Extract<Step<ResolveResult>, { result: ResolveResult }>;

/**
 * Ends an exception, and books what that means in the same change. What goes back is a refund like any other: the
 * provider is asked for it afterwards, and again until it decides. The same end again is the same reply.
 * @throws ContentionError, and what the store throws
 */
export async function resolveException(
  ports: RefundingPorts,
  request: ResolveRequest,
): Promise<ResolveResult> {
  const result = await commit<ResolveResult>(ports, request.order_no, (snapshot) =>
    decideResolution(snapshot, request, ports.io.now()),
  );
  // Stryker disable next-line ConditionalExpression: what is refused has no refund, which its type does not say
  if (result.outcome !== 'resolved') return result;
  if (result.refund?.status !== 'open') return result;
  return { ...result, refund: await askForRefund(ports, result.refund) };
}

/** What of exceptions that belong to no order is stored. */
export interface MerchantExceptionStore {
  /** Ends one that is open. @returns how it is stored then: ended by this or before; null when there is none */
  endMerchantException(
    merchant: MerchantName,
    id: string,
    end: ExceptionEnd,
  ): Promise<{ readonly ended: boolean; readonly record: ExceptionRecord } | null>;
}

/** Ends an exception that belongs to no order. The same end again is the same reply. @throws what the store throws */
export async function resolveMerchantException(
  ports: Pick<CommitPorts, 'io'> & { readonly store: MerchantExceptionStore },
  { id, resolution, reason, by, ...merchant }: WantedEnd & MerchantName & { readonly id: string },
): Promise<ResolveResult> {
  const kind = exceptionKinds.find((known) => id.startsWith(`${known}#`));
  if (!kind) return refuse('not_found');
  const allowed = resolutionsOf({ kind, order_no: null, merchant: merchant.merchant, refund_no: null });
  if (!isOneOf(allowed, resolution)) return refuseEnd(allowed);
  const end: ExceptionEnd = {
    ...{ resolution, reason, by, at: isoTime(ports.io.now()) },
    ...{ entries: [], refund_no: null },
  };
  const stored = await ports.store.endMerchantException(merchant, id, end);
  if (!stored?.record.resolved) return refuse('not_found');
  const { resolved } = stored.record;
  const isSame = stored.ended || resolved.resolution === resolution;
  if (!isSame) return refuse('already_resolved');
  const exception = { ...stored.record, resolved };
  return { outcome: 'resolved', exception, refund: null, status: null };
}

/** What the end of an exception writes, and what it comes to. */
export function decideResolution(
  snapshot: Snapshot | null,
  { id, resolution, reason, by }: Omit<ResolveRequest, 'order_no'>,
  now: number,
): Decision {
  const exception = snapshot?.exceptions.find((known) => exceptionId(known) === id);
  if (!snapshot || !exception) return { result: refuse('not_found'), change: null };
  if (exception.resolved) {
    const { resolved } = exception;
    const refund = snapshot.refunds.find(({ refund_no }) => refund_no === resolved.refund_no) ?? null;
    const { status } = snapshot.order;
    const again = { outcome: 'resolved', exception: { ...exception, resolved }, refund, status } as const;
    const isSame = resolved.resolution === resolution;
    return { result: isSame ? again : refuse('already_resolved'), change: null };
  }
  const allowed = resolutionsOf(exception);
  if (!isOneOf(allowed, resolution)) return { result: refuseEnd(allowed), change: null };
  const consequence = consequenceOf({ snapshot, exception, by, now }, resolution);
  if ('outcome' in consequence) return { result: consequence, change: null };
  const { writes, entry, booked = entry, refund = null, status = snapshot.order.status } = consequence;
  const resolved: ExceptionEnd = {
    ...{ resolution, reason, by, at: isoTime(now) },
    entries: booked ? [endEntryOf(booked)] : [],
    refund_no: refund?.refund_no ?? null,
  };
  return {
    result: {
      outcome: 'resolved',
      exception: { ...exception, state: 'resolved', resolved },
      refund,
      status,
    },
    change: changeOf(snapshot.order.order_no, [
      exceptionEnded(exception, resolved),
      ...writes,
      ...(entry ? [{ put: 'entry', record: entry } as const] : []),
    ]),
  };
}

const endEntryOf = ({ kind, debit, credit, amount, currency }: EndEntry): EndEntry => ({
  ...{ kind, debit, credit, amount, currency },
});
