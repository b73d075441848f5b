import type { Replied } from '../cloud.ts';
import { parseNumber } from '../numbers.ts';
import type { ProviderName } from '../providers/books.ts';
import type { MemoryTable } from '../table/memory-table.ts';
import type { Town } from '../town.ts';

/** What a wish to give an order up is replied to: closed, and then for good; or not, and then for a reason. */
export function watchClosing(town: Town, table: MemoryTable, { path, status, began_at }: Replied): void {
  const order_no = orderIn(town, path);
  if (order_no === null) return;
  const order = table.get(`ORDER#${order_no}`, 'ORDER');
  if (status === 200) {
    if (order?.['status'] !== 'closed')
      town.notes.violations.push(`${order_no} is said to be closed, and is ${order?.['status']}`);
    markClosed(town, table, order_no);
  }
  if (status === 409 && !hasReason(town, table, order_no, began_at))
    town.notes.violations.push(`${order_no} is not closed, and nobody has paid it`);
}

function orderIn({ prefix }: Town, path: string): string | null {
  const [, kind, id, named] =
    /^\/v2\/orders\/(\w+)\/(\d+)\/close$|^\/api\/pay\/orders\/([^/]+)\/close$/.exec(path) ?? [];
  return kind === undefined ? (named ?? null) : `${prefix}${kind}-${id}`;
}

function markClosed({ marks, books }: Town, table: MemoryTable, order_no: string): void {
  const own = table.items().filter(({ pk }) => pk === `ORDER#${order_no}`);
  const isUndecided = own.some(({ sk, state }) => String(sk).startsWith('PAYMENT#') && state === 'open');
  if (isUndecided) marks.take('close_of_absent');
  if (books.transactions.some(({ number }) => parseNumber(number)?.order_no === order_no))
    marks.take('close_while_paid');
}

/** It is paid or being paid, or was, or somebody has changed it meanwhile, or nobody can be asked. */
function hasReason(
  { books, stripe, setup }: Town,
  table: MemoryTable,
  order_no: string,
  since: number,
): boolean {
  const isOwn = (number: string) => parseNumber(number)?.order_no === order_no;
  const isTaken = books.transactions.some(({ number }) => isOwn(number));
  const isBeingPaid = stripe.sessions().some(({ number, intent }) => isOwn(number) && intent !== null);
  const hasChanged = table.changes.some(
    ({ key, time }) => time >= since && key.startsWith(`ORDER#${order_no}\n`),
  );
  const isUnknown = table
    .items()
    .some(
      ({ pk, sk, provider, merchant }) =>
        pk === `ORDER#${order_no}` &&
        String(sk).startsWith('PAYMENT#') &&
        setup.wasMissing(provider as ProviderName, String(merchant)),
    );
  // In points alone.
  const isFree = table.get(`ORDER#${order_no}`, 'ORDER')?.['amount'] === 0;
  return isTaken || isBeingPaid || hasChanged || isUnknown || isFree;
}
