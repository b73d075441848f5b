import { type Dispute, isBack, isTaken, type Refund, type Transaction } from './books.ts';

/** What Settle can know of what moved without its asking, from what was said to it. */

/** The least and the most that can be known of a sum: what was taken, and what has gone out. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);

/** What Settle can know to have gone back of a transaction without its asking. */
export function givenBack(transaction: Transaction): Range {
  const { refunds, provider } = transaction;
  const own = refunds.filter(({ origin }) => origin === 'console');
  const ranges = own.map((refund) => ({ refund, ...rangeOf(refund, isFoundWhole(transaction)) }));
  // Whether a sum in all was said before a refund failed, or without it, nobody can tell, until all are named.
  const unnamed = ranges.filter(({ refund }) => !isTaken(refund.named)).map(({ least }) => least);
  const doubtful = refunds
    .filter(({ state, returned, origin }) => isBack({ state }) && (returned.isSent || origin === 'asked'))
    .map(({ amount }) => amount);
  // A sum that comes late was said before others were named: those explain it as far as they go.
  const outside = refunds
    .filter(({ named, origin }) => isTaken(named) || origin === 'asked')
    .filter(({ summed }) => !isTaken(summed))
    .map(({ amount }) => amount);
  const explaining = sumOf(provider === 'stripe' ? [...doubtful, ...outside] : outside);
  const doubt = Math.min(sumOf(unnamed), explaining);
  return {
    least: sumOf(ranges.map(({ least }) => least)) - doubt,
    most: sumOf(ranges.map(({ most }) => most)),
  };
}

/** Alipay calls it closed, and has never called it paid: whoever found it paid found that all of it is gone. */
const isFoundWhole = ({ provider, whole, less }: Transaction) =>
  provider === 'alipay' && !whole.isSent && less.isSent;

function rangeOf({ amount, state, named, summed, returned }: Refund, isFound: boolean): Range {
  const wasTold = isTaken(named) || isTaken(summed) || (isFound && summed.isSent);
  const mayBeTold = named.isSent || summed.isSent;
  return {
    least: wasTold && !(isBack({ state }) && (returned.isSent || !isTaken(named))) ? amount : 0,
    most: mayBeTold && !(isBack({ state }) && isTaken(returned)) ? amount : 0,
  };
}

/** What a dispute has moved as far as it is told, in the currency of the payment. */
export const movedBy = ({ movements }: Dispute): Range => ({
  least: movements.reduce((sum, { told, disputed }) => sum + (isTaken(told) ? disputed : 0), 0),
  most: movements.reduce((sum, { told, disputed }) => sum + (told.isSent ? disputed : 0), 0),
});
