import type { ItemWrite } from '../../lib/orders/change.ts';
import type { Request } from './process.ts';
import type { Mail } from './provider.ts';
import { keyOf } from './table.ts';

/** In a few words, for a trace. */
export function describeRequest(request: Request): string {
  switch (request.ask) {
    case 'read':
      return 'reads';
    case 'find':
      return 'looks for its key';
    case 'write':
      return `writes ${request.change.writes.map(describeWrite).join(', ')}`;
    case 'postpone':
      return `puts off ${request.key} to ${request.next}`;
    case 'clear':
      return `clears ${request.key}`;
    case 'reportShipping':
      return `${request.ask} ${request.shipping.items} of ${request.shipping.requested_at}`;
    case 'refund':
    case 'queryRefund':
      return `${request.ask} ${request.refund.refund_no}`;
    default:
      return `${request.ask} ${request.payment.payment_no}`;
  }
}

function describeWrite(write: ItemWrite): string {
  const key = keyOf(write);
  if ('put' in write) return `+${key}`;
  if ('check' in write) return `?${key}`;
  const fields = [
    'status',
    'state',
    'superseded',
    'handed_out',
    'payment',
    'amount',
    'items',
    'told',
  ] as const;
  const set = write.set as Partial<Record<string, unknown>>;
  const told = fields
    .filter((field) => field in set)
    .map((field) => `${field}=${JSON.stringify(set[field])}`);
  return `${key}{${told.join(' ')}${write.owes === null ? ' owes nothing' : ''}}`;
}

export function describeMail({ event }: Mail): string {
  if (event.type === 'dispute') return `${event.type} ${event.state} ${event.payment_no}`;
  if ('refund_no' in event) return `${event.type} ${event.refund_no ?? event.refund_id ?? event.total}`;
  return `${event.type} ${event.payment_no} ${event.transaction_id ?? ''}`;
}
