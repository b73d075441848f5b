import { isoTime } from '../io.ts';
import { asSeen, type BookedEntry, holdingUpdate, type ItemWrite } from './change.ts';
import type { ExceptionRecord } from './exception.ts';
import { ownerAccount, suspenseAccount } from './ledger.ts';
import { type Holding, isSuspended } from './payment.ts';
import { isReturnedSum, type Return } from './refund.ts';
import {
  attributionOf,
  type Consequence,
  type Ending,
  holdingOf,
  type Refused,
  refuse,
} from './resolution.ts';
import { isAboutHolding, isOfHolding, type Snapshot } from './snapshot.ts';

/** What left suspense without our asking, or by a bank: its order's owner bears it, and has it back if it comes again. */

/** The order's owner bears what went back without our asking, where that was booked and has not come again. */
export function attributeReturn(ending: Ending): Consequence | Refused {
  const { snapshot, exception } = ending;
  const { refund_no, amount } = exception;
  if (refund_no === null || amount === null) return refuse('amount_unknown');
  const holding = holdingOf(ending);
  if (!holding) return refuse('not_booked');
  const named = returnOf(ending, holding);
  if (named?.status === 'failed') return refuse('nothing_left');
  if (!named && !isReturnedSum(refund_no)) return refuse('not_booked');
  if (wasBefore(holding, named ?? exception)) return refuse('never_owned');
  if (named) return bear(ending, holding, amount);
  const { away, borne, givenUp } = sumsOf(snapshot, holding);
  return bear(ending, holding, Math.min(amount, Math.max(0, away - borne - givenUp)));
}

/** The order's owner has back what it bore of a return that came again, or what was gone before the money was its own. */
export function attributeReturnedAgain(ending: Ending): Consequence | Refused {
  const { snapshot, exception } = ending;
  const holding = holdingOf(ending);
  const again = holding && returnOf(ending, holding);
  if (!holding || again?.status !== 'failed' || wasBefore(holding, exception)) {
    return refuse('nothing_left');
  }
  const { amount, booked } = again;
  if (wasBefore(holding, again)) return bear(ending, holding, -amount);
  // What of it was booked in a sum comes back of what is borne of those.
  const { away, borne, givenUp } = sumsOf(snapshot, holding);
  const tooMuch = Math.max(0, borne + givenUp - away);
  const ofSums = Math.min(amount - booked, tooMuch, borne + Math.max(0, -away));
  return bear(ending, holding, -(borneOf(snapshot, holding, again.return_id) + ofSums));
}

const returnOf = ({ snapshot, exception }: Ending, holding: Holding): Return | undefined =>
  snapshot.returns.filter(isOfHolding(holding)).find(({ return_id }) => return_id === exception.refund_no);

/** Whether it was told of before the money had an owner: it left suspense, or came again there, and is in what its owner got. */
const wasBefore = (
  { attributed_at }: Holding,
  { recorded_at }: Pick<Return | ExceptionRecord, 'recorded_at'>,
): boolean => recorded_at < (attributed_at ?? '');

/** What its owner bears of what went back under a name. */
const borneOf = (snapshot: Snapshot, holding: Holding, return_id: string | null): number =>
  sumOf(
    returnsTold(snapshot, holding)
      .filter(({ refund_no }) => refund_no === return_id)
      .flatMap(entriesOf),
  );

interface Sums {
  /** What has not come again; below zero where some of it was gone before the money had an owner. */
  readonly away: number;
  /** What the owner bears of them. */
  readonly borne: number;
  /** What of them nobody bears, by people's word. */
  readonly givenUp: number;
}

/** What went back in sums since the money has an owner, and not by a name: as a whole, as nobody knows which came again. */
function sumsOf(snapshot: Snapshot, holding: Holding): Sums {
  const sums = returnsTold(snapshot, holding).filter(
    (told) => isReturnedSum(told.refund_no) && !wasBefore(holding, told),
  );
  const cameAgain = snapshot.exceptions
    .filter(({ kind }) => kind === 'refund_failed')
    .filter(isAboutHolding(holding))
    .filter((told) => !wasBefore(holding, told));
  // A refund that was refused, yet done, is told under its number, too, and has not come again.
  const returns = snapshot.returns.filter(isOfHolding(holding)).filter(({ status }) => status === 'failed');
  const ofSums = cameAgain.flatMap(({ refund_no }) =>
    returns.filter(({ return_id }) => return_id === refund_no),
  );
  const givenBack = cameAgain.filter(({ resolved }) => resolved?.resolution === 'attributed');
  const ended = sums.filter(({ resolved }) => resolved !== null && resolved.resolution !== 'attributed');
  return {
    away: sumOf(sums) - sumOf(ofSums) + sumOf(ofSums.map(bookedOf)),
    borne:
      sumOf(sums.flatMap(entriesOf)) -
      sumOf(givenBack.flatMap(entriesOf)) +
      givenBack.reduce((sum, { refund_no }) => sum + borneOf(snapshot, holding, refund_no), 0),
    givenUp: sumOf(ended),
  };
}

const bookedOf = ({ booked }: Return): Amount => ({ amount: booked });

const returnsTold = ({ exceptions }: Snapshot, holding: Holding): readonly ExceptionRecord[] =>
  exceptions.filter(({ kind }) => kind === 'unknown_refund').filter(isAboutHolding(holding));

// Stryker disable next-line ArrayDeclaration: what has no amount adds nothing
const entriesOf = ({ resolved }: ExceptionRecord): readonly Amount[] => resolved?.entries ?? [];

interface Amount {
  readonly amount: number | null;
}

const sumOf = (amounts: readonly Amount[]): number =>
  amounts.reduce((sum, { amount }) => sum + (amount ?? 0), 0);

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

/** @param amount what its order's owner bears besides; below zero what it has back */
function bear(ending: Ending, holding: Holding, amount: number): Consequence | Refused {
  const entry = entryOfLoss(ending, holding, amount);
  if ('outcome' in entry) return entry;
  // The money is a new version: who bears what of it is decided once at a time.
  return amount === 0 ? refuse('nothing_left') : { entry, writes: [holdingUpdate(holding, {})] };
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
