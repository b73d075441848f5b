import { isoTime } from '../io.ts';
import { asSeen, type BookedEntry, holdingUpdate, type ItemWrite } from './change.ts';
import { isOneOf } from './kinds.ts';
import { ownerAccount, suspenseAccount } from './ledger.ts';
import { type Holding, isSuspended } from './payment.ts';
import type { Return } from './refund.ts';
import {
  attributionOf,
  type Consequence,
  type Ending,
  holdingOf,
  type Refused,
  refuse,
} from './resolution.ts';
import { isReturnedSum } from './settle-return.ts';
import { isAboutHolding, isOfHolding } from './snapshot.ts';

/** What left suspense without our asking, or by a bank: its order's owner bears it, and has it back if it comes again. */

/** The order's owner bears what went back without our asking, where that was booked and has not come again. */
export function attributeReturn(ending: Ending): Consequence | Refused {
  const { refund_no, amount } = ending.exception;
  if (refund_no === null || amount === null) return refuse('amount_unknown');
  const holding = holdingOf(ending);
  if (!holding) return refuse('not_booked');
  const named = returnOf(ending, holding);
  if (named?.status === 'failed') return refuse('nothing_left');
  if (!named && !isReturnedSum(refund_no)) return refuse('not_booked');
  if (wasGoneBefore(ending, holding, named?.recorded_at ?? ending.exception.recorded_at))
    return refuse('never_owned');
  return bear(ending, holding, Math.min(amount, holding.returned - holding.borne));
}

/** Money that came into suspense. */
const suspenseKinds = ['paid_after_close', 'paid_twice', 'paid_superseded'] as const;

/** Whether it had left suspense when the owner got what was left there. */
const wasGoneBefore = ({ snapshot }: Ending, holding: Holding, returned_at: string): boolean =>
  snapshot.exceptions.some(
    ({ kind, resolved, ...about }) =>
      resolved?.resolution === 'attributed' &&
      isOneOf(suspenseKinds, kind) &&
      isAboutHolding(holding)(about) &&
      returned_at < resolved.at,
  );

/** What the order's owner bears of it comes back to it. */
export function attributeReturnedAgain(ending: Ending): Consequence | Refused {
  const holding = holdingOf(ending);
  if (!holding || !returnOf(ending, holding)) return refuse('nothing_left');
  const again = Math.min(ending.exception.amount ?? 0, holding.borne - holding.returned);
  return bear(ending, holding, Math.min(0, 0 - again));
}

const returnOf = ({ snapshot, exception }: Ending, holding: Holding): Return | undefined =>
  snapshot.returns.filter(isOfHolding(holding)).find(({ return_id }) => return_id === exception.refund_no);

/** The order's owner bears what the bank has taken, and gets what it has given back of what the owner bears already. */
export function attributeDispute(ending: Ending): Consequence | Refused {
  const { exception, snapshot, now } = ending;
  const dispute = snapshot.disputes.find(({ dispute_id }) => dispute_id === exception.refund_no);
  if (!dispute || dispute.state === 'open') return refuse('dispute_open');
  const { withdrawn, borne, version } = dispute;
  if (withdrawn === borne) return { writes: [] };
  const entry = entryOfLoss(ending, holdingOf(ending), withdrawn - borne);
  if ('outcome' in entry) return entry;
  const write: ItemWrite = {
    update: 'dispute',
    of: dispute,
    set: { borne: withdrawn, updated_at: isoTime(now) },
    expects: asSeen(dispute),
  };
  // Its exception may end more than once, and books something of its own each time.
  return { writes: [write], entry: { ...entry, reference: `${entry.reference}#${version}` } };
}

/** @param amount what its order's owner bears besides; below zero what it does not bear any more */
function bear(ending: Ending, holding: Holding, amount: number): Consequence | Refused {
  const entry = entryOfLoss(ending, holding, amount);
  if ('outcome' in entry) return entry;
  if (amount === 0) return refuse('nothing_left');
  return { entry, writes: [holdingUpdate(holding, { borne: holding.borne + amount })] };
}

/** What left suspense is its order's owner's to bear, if the money was; an amount below zero is what came back. */
function entryOfLoss(ending: Ending, holding: Holding | undefined, amount: number): BookedEntry | Refused {
  if (!holding?.booking) return refuse('not_booked');
  if (isSuspended(holding)) return refuse('never_owned');
  const owner = ownerAccount(ending.snapshot.order);
  const suspense = suspenseAccount(holding);
  // Stryker disable next-line EqualityOperator: nothing at all is not booked
  const [debit, credit] = amount > 0 ? [owner, suspense] : [suspense, owner];
  return attributionOf(ending, holding, Math.abs(amount), debit, credit);
}
