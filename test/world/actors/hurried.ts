import type { MemoryTable } from '../table/memory-table.ts';
import type { Town } from '../town.ts';
import type { Reply } from '../wire.ts';
import { dataOf, endException, isDecided, listOpen, lookAtException } from './client.ts';

/** People who end mismatches in a hurry: while payments are still told of, and when all is quiet. */

type Fields = Readonly<Record<string, unknown>>;

/** Sees that something is open, and ends some of it. */
export async function runHurried(town: Town, table: MemoryTable): Promise<void> {
  const { random, clock, likely } = town;
  const isBusy = likely.has('misstatements') || random.chance(0.3);
  if (!isBusy && random.chance(0.4)) return;
  while (clock.now() < town.closing_at) {
    await clock.sleep(random.pick(isBusy ? [500, 5_000, 60_000] : [5_000, 60_000, 900_000]));
    if (!hasOpen(table)) continue;
    for (const exception of await listOpen(town))
      if (exception['kind'] === 'mismatch' && random.chance(0.5)) await endMismatch(town, table, exception);
  }
}

const hasOpen = (table: MemoryTable): boolean =>
  table.items().some(({ sk, state }) => String(sk).startsWith('EXCEPTION#mismatch#') && state === 'open');

/** Ends one, as was foretold. Its money goes back only where there is some. */
export async function endMismatch(town: Town, table: MemoryTable, exception: Fields): Promise<void> {
  const { random, notes, faults, marks } = town;
  const resolution = random.pick(isThere(town, exception) ? endsOfMoney : endsOfWords);
  const name = `mismatch of ${exception['payment_no']} by ${exception['transaction_id']}`;
  const call = (wanted: string) => endException(town, exception, wanted);
  const since = table.changes.length;
  const looked = await lookAtException(town, exception);
  const reply = await call(resolution);
  if (!isDecided(looked) || !isDecided(reply)) {
    if (faults.stopped) notes.violations.push(`${name} cannot be ended: ${textOf(looked)}, ${textOf(reply)}`);
    return;
  }
  const foretold = foretoldIn(looked, resolution);
  // A list that is behind has what was ended before.
  if (foretold === null) return;
  const came = outcomeOf(reply);
  const isAsForetold = came === foretold || wasDisturbed(table, exception, since);
  if (!isAsForetold || !isPossible(resolution, came))
    notes.violations.push(`${name} is ${resolution}: ${came}, and was to be: ${foretold}`);
  marks.take(reply.status === 200 ? `resolved_${resolution}` : 'mismatch_not_ended');
  if (reply.status !== 200) return;
  if (random.chance(0.5)) return;
  const again = await call(resolution);
  if (isDecided(again) && outcomeOf(again) !== came)
    notes.violations.push(`${name} is ${resolution} once more: ${textOf(again)}`);
  const otherwise = await call(resolution === 'dismissed' ? 'written_off' : 'dismissed');
  if (isDecided(otherwise) && otherwise.status !== 409)
    notes.violations.push(`${name} ends in two ways: ${textOf(otherwise)}`);
}

const endsOfMoney = ['returned', 'returned', 'returned', 'written_off', 'dismissed'] as const;
const endsOfWords = ['written_off', 'dismissed'] as const;

/**
 * Whether the provider has the transaction that the message names, for its merchant: more nobody looks at who is in a
 * hurry, neither at its amount nor at its number.
 */
const isThere = ({ books }: Town, { provider, merchant, transaction_id, refund_no }: Fields): boolean =>
  refund_no === null &&
  books.transactions.some(
    (one) => one.provider === provider && one.merchant === merchant && one.id === transaction_id,
  );

/** What an end was said to come to, in the same words as its reply; null where the exception had ended by then. */
function foretoldIn(looked: Reply, resolution: string): string | null {
  const previews = (dataOf(looked)?.['previews'] ?? []) as readonly Preview[];
  const preview = previews.find((one) => one.resolution === resolution);
  return preview ? (preview.refused?.error ?? bookedIn(preview)) : null;
}

/** What an end has come to: why it was refused, or what it has booked and given back. */
const outcomeOf = (reply: NonNullable<Reply>): string =>
  reply.status === 200
    ? bookedIn(dataOf(reply) as unknown as Booked)
    : String(reply.headers['settle-error'] ?? reply.status);

const bookedIn = ({ entries, refund }: Booked): string =>
  JSON.stringify([
    entries.map(({ kind, amount }) => [kind, amount]),
    refund && [refund.amount, refund.currency],
  ]);

interface Booked {
  readonly entries: readonly { readonly kind: string; readonly amount: string }[];
  readonly refund: { readonly amount: string; readonly currency: string } | null;
}

type Preview = Booked & {
  readonly resolution: string;
  readonly refused: { readonly error: string } | null;
};

/** Money that goes back is booked, and returned, once; what was only words books nothing. */
function isPossible(resolution: string, came: string): boolean {
  if (came === 'already_resolved') return true;
  if (resolution !== 'returned') return came === '[[],null]';
  return came.startsWith('[[["suspense",') || ['resolution_not_possible', 'in_dispute'].includes(came);
}

/**
 * Whether anything of its order was written from when a person began to look until the exception was ended, or until
 * now where it was not: what was seen may then be so no more.
 */
function wasDisturbed(table: MemoryTable, exception: Fields, since: number): boolean {
  const [order_no, id] = JSON.parse(String(Buffer.from(String(exception['id']), 'base64url'))) as string[];
  const changes = table.changes.slice(since).filter(({ key }) => key.startsWith(`ORDER#${order_no}\n`));
  const end = changes.find(
    ({ key, before, after }) =>
      key === `ORDER#${order_no}\nEXCEPTION#${id}` &&
      before?.['state'] === 'open' &&
      after?.['state'] === 'resolved',
  );
  // What was written with the end was written at its time.
  return changes.some(({ time }) => end === undefined || time < end.time);
}

const textOf = (reply: Reply) => (reply ? `${reply.status} ${reply.body}` : 'no reply');
