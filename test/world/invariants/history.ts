import type { MemoryTable } from '../table/memory-table.ts';
import type { Fields } from './stored.ts';

/** What may never happen on the way: each write is held against the one before it. */
export function checkHistory(table: MemoryTable): string[] {
  return table.changes.flatMap(({ key, before, after }) => {
    const [pk = '', sk = ''] = key.split('\n');
    if (!pk.startsWith('ORDER#')) return [];
    const name = `${pk.slice('ORDER#'.length)}/${sk}`;
    if (!after) return [`${name} was deleted`];
    if (!before) return [];
    if (sk === 'ORDER') return checkOrder(name, before, after);
    if (sk.startsWith('PAYMENT#')) return checkPayment(name, before, after);
    if (sk.startsWith('REFUND#')) return checkMove(name, 'status', refundMoves, before, after);
    if (sk.startsWith('RETURN#')) return checkMove(name, 'status', returnMoves, before, after);
    if (sk.startsWith('DISPUTE#')) return checkMove(name, 'state', disputeMoves, before, after);
    if (sk === 'SHIPPING') return checkShipped(name, before, after);
    return sk.startsWith('ENTRY#') ? [`${name} was booked, and changed`] : [];
  });
}

type Moves = Readonly<Record<string, readonly string[]>>;

/** design.md, "A payment and its order". */
const orderMoves: Moves = {
  // What is found to be paid may have gone back by then.
  pending: ['failed', 'closed', 'paid', 'refunded'],
  failed: ['pending', 'closed', 'paid', 'refunded'],
  closed: [],
  paid: ['refunding', 'refunded'],
  refunding: ['refunded', 'paid'],
  refunded: ['paid', 'refunding'],
};

const paymentMoves: Moves = {
  open: ['failed', 'closed', 'paid'],
  failed: ['open', 'closed', 'paid'],
  closed: ['paid'],
  paid: [],
};

const refundMoves: Moves = { open: ['succeeded', 'failed'], succeeded: ['failed'], failed: [] };

const returnMoves: Moves = { succeeded: ['failed'], failed: [] };

const disputeMoves: Moves = { open: ['won', 'lost'], won: [], lost: [] };

function checkMove(name: string, field: string, moves: Moves, before: Fields, after: Fields): string[] {
  const [from, to] = [String(before[field]), String(after[field])];
  return from === to || moves[from]?.includes(to) ? [] : [`${name} went from ${from} to ${to}`];
}

function checkOrder(name: string, before: Fields, after: Fields): string[] {
  const wrong = checkMove(name, 'status', orderMoves, before, after);
  const isOver = !['pending', 'failed'].includes(String(before['status']));
  for (const field of ['amount', 'currency', 'description', 'payment', 'user_id']) {
    if (isOver && before[field] !== after[field])
      wrong.push(`${name} changed its ${field} while ${before['status']}`);
  }
  if (before['paid_by'] !== null && before['paid_by'] !== after['paid_by'])
    wrong.push(`${name} is paid by another payment`);
  if (Number(after['payments']) < Number(before['payments']))
    wrong.push(`${name} has fewer payments than before`);
  return wrong;
}

/** Its number, merchant and amount are what it was made for, for good. */
function checkPayment(name: string, before: Fields, after: Fields): string[] {
  const wrong = checkMove(name, 'state', paymentMoves, before, after);
  for (const field of [
    'payment_no',
    'provider',
    'merchant',
    'appid',
    'amount',
    'currency',
    'begun_at',
    'expires_at',
    'payee',
  ]) {
    if (before[field] !== after[field]) wrong.push(`${name} changed its ${field}`);
  }
  for (const field of ['debit', 'credit', 'booked_at']) {
    if (before[field] !== undefined && before[field] !== after[field])
      wrong.push(`${name} changed its booking`);
  }
  if (before['superseded'] === true && after['superseded'] !== true)
    wrong.push(`${name} is superseded no more`);
  if (typeof before['transaction_id'] === 'string' && before['transaction_id'] !== after['transaction_id'])
    wrong.push(`${name} is named anew`);
  return wrong;
}

/** What its provider took it has taken; and what is said later is said as of later. */
function checkShipped(name: string, before: Fields, after: Fields): string[] {
  const wrong = Number(after['told']) < Number(before['told']) ? [`${name} was told of less often`] : [];
  if (String(after['requested_at']) < String(before['requested_at']))
    wrong.push(`${name} is said as of earlier`);
  return wrong;
}
