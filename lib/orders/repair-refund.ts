import { isoTime } from '../io.ts';
import { asSeen, changeOf, exceptionEnded } from './change.ts';
import { commit, type Step } from './commit.ts';
import type { ExceptionEnd, ExceptionRecord } from './exception.ts';
import type { Refund } from './refund.ts';
import { type RefundingPorts, refundCall, refundEvent } from './refund-at-provider.ts';
import { FIRST_CHECK_MS } from './schedule.ts';
import { refundStatusAfter } from './settle-refund.ts';
import type { Snapshot } from './snapshot.ts';

export interface RepairRequest {
  readonly order_no: string;
  readonly refund_no: string;
  /** The `sub` of who asks. */
  readonly by: string;
}

export type RepairResult =
  /** The refund is open still, and on its way again; or it has come to its end meanwhile. */
  | { readonly outcome: 'repaired'; readonly refund: Refund }
  | {
      readonly outcome:
        | 'not_found'
        /** It is decided, or nobody has said that it is abnormal; or somebody has ended that otherwise. */
        | 'not_abnormal'
        /** Its provider does not hold it: it is asked for again by itself. */
        | 'not_held'
        /** Its provider has no such thing. */
        | 'unsupported'
        /** Its provider does not do it for this refund. */
        | 'refused';
    };

type Ports = Omit<RefundingPorts, 'onProviderFailure'>;

/** Why the exception ended. */
const REASON = 'repaired at its provider';

/**
 * Has its provider bring a refund to its end that the payer's bank has refused. Once the provider has taken that, the
 * exception ends; the refund stays open, and is asked about soon. What the provider took and nobody could store is
 * stored when it is asked for again: the provider is asked first what it knows.
 * @throws MissingMerchantError, ProviderCallError, ContentionError, and what the store throws
 */
export async function repairRefund(ports: Ports, request: RepairRequest): Promise<RepairResult> {
  const found = findAbnormal(await ports.store.read(request.order_no), request);
  if ('outcome' in found) return found;
  const { refund } = found;
  const { gateway, request: call } = await refundCall(ports, refund);
  const answer = await gateway.repairRefund(call);
  switch (answer.state) {
    case 'unsupported':
    case 'refused':
      return { outcome: answer.state };
    case 'absent':
      return { outcome: 'not_held' };
    case 'open':
    case 'abnormal':
      return commit(ports, request.order_no, (snapshot) => decideRepaired(snapshot, request, ports.io.now()));
    default: {
      await ports.settleRefund(refundEvent(refund, answer));
      const { state, refund_id } = answer;
      return {
        outcome: 'repaired',
        refund: { ...refund, status: refundStatusAfter[`refund_${state}`], refund_id },
      };
    }
  }
}

type Abnormal = { readonly refund: Refund; readonly exception: ExceptionRecord };

/** A refund that is abnormal, with its exception; else what it comes to without anybody being asked. */
function findAbnormal(
  snapshot: Snapshot | null,
  { refund_no }: Pick<RepairRequest, 'refund_no'>,
): Abnormal | RepairResult {
  const refund = snapshot?.refunds.find((known) => known.refund_no === refund_no);
  if (!snapshot || !refund) return { outcome: 'not_found' };
  const exception = snapshot.exceptions.find(
    (known) => known.kind === 'refund_abnormal' && known.refund_no === refund_no,
  );
  if (exception?.resolved?.resolution === 'repaired') return { outcome: 'repaired', refund };
  const isAbnormal = refund.status === 'open' && exception?.state === 'open';
  return isAbnormal ? { refund, exception } : { outcome: 'not_abnormal' };
}

/** The provider has taken it. */
function decideRepaired(snapshot: Snapshot | null, request: RepairRequest, now: number): Step<RepairResult> {
  const found = findAbnormal(snapshot, request);
  if ('outcome' in found) return { result: found, change: null };
  const { refund, exception } = found;
  const at = isoTime(now);
  const resolved: ExceptionEnd = {
    ...{ resolution: 'repaired', reason: REASON, by: request.by, at },
    ...{ entries: [], refund_no: null },
  };
  return {
    result: { outcome: 'repaired', refund },
    change: changeOf(request.order_no, [
      exceptionEnded(exception, resolved),
      {
        update: 'refund',
        of: refund.n,
        set: { updated_at: at },
        owes: { kind: 'check', due: now + FIRST_CHECK_MS },
        expects: asSeen(refund),
      },
    ]),
  };
}
