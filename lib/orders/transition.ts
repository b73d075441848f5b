import type { ExceptionKind, MismatchField } from './exception.ts';
import type { Order, OrderStatus } from './order.ts';
import type { PaymentEvent } from './payment-event.ts';

/** What is to be done about an event. */
export type Decision =
  | { readonly action: 'settle' }
  | { readonly action: 'set_status'; readonly status: 'failed' | 'closed' }
  /** The order is paid by a message that named no transaction, and this one does. */
  | { readonly action: 'name_transaction'; readonly status: OrderStatus }
  | {
      readonly action: 'record_exception';
      readonly exception: Exclude<ExceptionKind, 'unknown_refund'>;
      readonly fields: readonly MismatchField[];
    }
  | { readonly action: 'none'; readonly outcome: 'already_settled' | 'unchanged' }
  | { readonly action: 'reject' };

const comparedFields = [
  'provider',
  'merchant',
  'amount',
  'currency',
] as const satisfies readonly MismatchField[];

/** The states in which an order takes a payment. */
export const payableStatuses = ['pending', 'failed'] as const satisfies readonly OrderStatus[];

/** The states that a status change may start from. A late failure never undoes a payment. */
export const statusSources = {
  failed: ['pending'],
  closed: payableStatuses,
} as const satisfies Record<'failed' | 'closed', readonly OrderStatus[]>;

/** What an event asks of an order that is as it should be: payable and in agreement. Tried before anything is read. */
export function expectedDecision({ type }: PaymentEvent): Decision {
  return type === 'succeeded' ? { action: 'settle' } : { action: 'set_status', status: type };
}

/** What an event means for the order as it is stored. */
export function decide(order: Order | undefined, event: PaymentEvent): Decision {
  if (!order) return { action: 'reject' };
  if (isSettledBy(order, event)) return { action: 'none', outcome: 'already_settled' };
  if (isSuperseded(order, event)) {
    return event.type === 'succeeded'
      ? { action: 'record_exception', exception: 'paid_superseded', fields: [] }
      : { action: 'none', outcome: 'unchanged' };
  }
  const fields = mismatchedFields(order, event);
  if (fields.length > 0) return { action: 'record_exception', exception: 'mismatch', fields };
  return event.type === 'succeeded' ? decideSuccess(order, event) : decideStatus(order, event.type);
}

/** The fields that the message carries and that are not the order's. */
export function mismatchedFields(order: Order, event: PaymentEvent): MismatchField[] {
  return comparedFields.filter((field) => event[field] !== undefined && event[field] !== order[field]);
}

function isSettledBy({ settlement }: Order, { provider, transaction_id }: PaymentEvent): boolean {
  return (
    settlement !== null &&
    transaction_id !== null &&
    settlement.provider === provider &&
    settlement.transaction_id === transaction_id
  );
}

/** The event is about a payment that the order has given up for another. */
function isSuperseded(order: Order, { attempt }: PaymentEvent): boolean {
  return attempt !== undefined && attempt !== order.attempt;
}

function decideSuccess({ status, settlement }: Order, { transaction_id }: PaymentEvent): Decision {
  if (isOneOf(status, payableStatuses)) return { action: 'settle' };
  if (status === 'closed') return { action: 'record_exception', exception: 'paid_after_close', fields: [] };
  if (transaction_id === null) return { action: 'none', outcome: 'already_settled' };
  if (settlement?.transaction_id === null) return { action: 'name_transaction', status };
  return { action: 'record_exception', exception: 'paid_twice', fields: [] };
}

function decideStatus({ status }: Order, target: 'failed' | 'closed'): Decision {
  return isOneOf(status, statusSources[target])
    ? { action: 'set_status', status: target }
    : { action: 'none', outcome: 'unchanged' };
}

function isOneOf(status: OrderStatus, statuses: readonly OrderStatus[]): boolean {
  return statuses.includes(status);
}
