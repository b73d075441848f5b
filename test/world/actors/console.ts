import { leftOf, type Transaction } from '../providers/books.ts';
import type { Town } from '../town.ts';
import { askForRefund } from './operator.ts';

/**
 * Money that moves without Settle: somebody gives it back at a provider's console, or the payer's bank takes it. Before
 * the payment is told of and after, whole and in parts, beside refunds that were asked for.
 */
export async function runConsole(town: Town): Promise<void> {
  const { random, clock, books, likely } = town;
  const isBusy = likely.has('console_refunds') || likely.has('disputes');
  if (!isBusy && random.chance(0.5)) return;
  let seen = 0;
  while (clock.now() < town.closing_at) {
    await clock.sleep(random.pick(isBusy ? [200, 5_000, 60_000] : [1_000, 60_000, 900_000]));
    for (const transaction of books.transactions.slice(seen)) {
      if (transaction.origin !== 'ours') continue;
      if (random.chance(likely.has('console_refunds') ? 0.8 : 0.25)) void giveBack(town, transaction);
      if (transaction.provider === 'stripe' && random.chance(likely.has('disputes') ? 0.8 : 0.25))
        void dispute(town, transaction);
    }
    seen = books.transactions.length;
  }
}

/** Whole, or in parts. */
async function giveBack(town: Town, transaction: Transaction): Promise<void> {
  const { random, clock, marks } = town;
  for (let parts = random.pick([1, 1, 2, 3]); parts > 0; parts -= 1) {
    // Before anybody is told of it, or later.
    const isAtOnce = !transaction.whole.isSent && random.chance(0.3);
    await clock.sleep(isAtOnce ? 0 : random.pick([0, 300, 3_000, 120_000, 5_400_000]));
    const left = leftOf(transaction);
    if (left <= 0) return;
    const step = transaction.currency === 'KWD' ? 10 : 1;
    const part = Math.max(step, Math.floor((left * random.next()) / step) * step);
    // Somebody does by hand what was asked for, because it seems slow.
    const asked = transaction.refunds.find(({ origin }) => origin === 'asked')?.amount ?? left;
    const amount = isAtOnce ? left : random.pick([left, left, part, part, Math.min(asked, left)]);
    marks.take(amount === transaction.amount ? 'console_refund_whole' : 'console_refund_part');
    if (!transaction.whole.isSent) marks.take('console_refund_before_told');
    town[transaction.provider].giveBack(transaction, amount);
  }
}

async function dispute(town: Town, transaction: Transaction): Promise<void> {
  const { random, clock, stripe, marks } = town;
  await clock.sleep(random.pick([0, 2_000, 600_000, 7_200_000]));
  if (transaction.refunds.length > 0) marks.take('disputed_beside_refunds');
  stripe.dispute(transaction);
  // Somebody gives back at that very moment what the bank takes.
  if (random.chance(0.3)) void askForRefund(town, transaction);
  if (!random.chance(0.1)) return;
  await clock.sleep(random.pick([3_600_000, 86_400_000, 172_800_000]));
  marks.take('disputed_again');
  stripe.dispute(transaction);
}
