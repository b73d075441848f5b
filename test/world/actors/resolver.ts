import type { MemoryTable } from '../table/memory-table.ts';
import type { Town } from '../town.ts';
import type { Reply } from '../wire.ts';
import { dataOf, endException, listOpen, lookAtException } from './client.ts';
import { endMismatch } from './hurried.ts';

/** A person who ends what is open about money that moved without Settle, once everything else is quiet. */
export const resolveAll = (town: Town, table: MemoryTable): Promise<void> =>
  resolveThose(town, table, endsOfMovements);

/** A person who ends, some of the time, what payments wait for. */
export async function resolveWaiting(town: Town, table: MemoryTable): Promise<void> {
  if (town.random.chance(0.5)) return;
  await resolveThose(town, table, endsOfWaiting);
  for (const exception of await listOpen(town))
    if (exception['kind'] === 'mismatch') await endMismatch(town, table, exception);
}

type Ends = Readonly<Record<string, readonly string[]>>;

async function resolveThose(town: Town, table: MemoryTable, endsOf: Ends): Promise<void> {
  for (const exception of await listOpen(town)) {
    const ends = endsOf[String(exception['kind'])];
    if (ends) await resolve(town, table, exception, town.random.pick(ends));
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Who bears it, or has it again, is the order's owner, or nobody is asked. */
const endsOfMovements: Ends = {
  unknown_refund: ['attributed', 'attributed', 'written_off', 'dismissed'],
  disputed: ['attributed', 'attributed', 'written_off', 'dismissed'],
  refund_failed: ['attributed', 'attributed', 'written_off', 'dismissed'],
  refund_abnormal: ['written_off', 'dismissed'],
};

/** The provider is asked anew, and its word counts. */
const endsOfWaiting: Ends = {
  merchant_missing: ['dismissed'],
};

async function resolve(town: Town, table: MemoryTable, exception: Fields, resolution: string): Promise<void> {
  const { notes, marks, random } = town;
  const name = `${exception['kind']} of ${exception['payment_no'] ?? exception['order_no']}`;
  const call = (wanted: string) => endException(town, exception, wanted);
  if (!(exception['resolutions'] as readonly string[]).includes(resolution))
    notes.violations.push(`${name} is not told to be one that can be ${resolution}`);
  const entries = () =>
    table
      .items()
      .filter(({ pk, sk }) => pk === `ORDER#${exception['order_no']}` && String(sk).startsWith('ENTRY#'));
  const before = entries().length;
  const looked = await lookAtException(town, exception);
  const previews = (dataOf(looked)?.['previews'] ?? []) as readonly Fields[];
  const foretold = previews.find((preview) => preview['resolution'] === resolution);
  const reply = await call(resolution);
  const isRefused = reply?.status === 409 && resolution === 'attributed' && !isBorne(table, exception);
  marks.take(isRefused ? 'attribution_refused' : `resolved_${resolution}`);
  if (reply?.status !== 200 && !isRefused)
    return void notes.violations.push(`${name} cannot be ${resolution}: ${textOf(reply)}`);
  const booked = entries().length - before;
  if (!foretold || (foretold['refused'] !== null) !== isRefused || entriesIn(foretold).length !== booked)
    notes.violations.push(`${name} is ${resolution} otherwise than was foretold: ${textOf(looked)}`);
  if (booked > (resolution === 'attributed' && !isRefused ? 1 : 0))
    notes.violations.push(`${name} is ${resolution}, and books ${booked} entries`);
  if (isRefused || random.chance(0.5)) return;
  const again = await call(resolution);
  if (again?.status !== 200 || entries().length - before !== booked)
    notes.violations.push(`${name} is ${resolution} once more: ${textOf(again)}`);
  const otherwise = await call(resolution === 'dismissed' ? 'written_off' : 'dismissed');
  if (otherwise?.status !== 409) notes.violations.push(`${name} ends in two ways: ${textOf(otherwise)}`);
}

/** What went back of what an order was paid with, and is booked, is its owner's to bear: that cannot be refused. */
function isBorne(
  table: MemoryTable,
  { kind, order_no, payment_no, refund_no, transaction_id }: Fields,
): boolean {
  const own = table.items().filter(({ pk }) => pk === `ORDER#${order_no}`);
  const paid_by = own.find(({ sk }) => sk === 'ORDER')?.['paid_by'];
  const payment = own.find(({ sk }) => sk === `PAYMENT#${paid_by}`);
  const isOfPayment =
    payment?.['payment_no'] === payment_no &&
    [null, payment?.['transaction_id']].includes(transaction_id as string);
  const isReturned = own.some(
    ({ return_id, status, payment: n }) => return_id === refund_no && n === paid_by && status === 'succeeded',
  );
  const isOver = own.some(({ dispute_id, state }) => dispute_id === refund_no && state !== 'open');
  return isOfPayment && (kind === 'disputed' ? isOver : isReturned);
}

const entriesIn = (preview: Fields) => preview['entries'] as readonly unknown[];

const textOf = (reply: Reply) => (reply ? `${reply.status} ${reply.body}` : 'no reply');
