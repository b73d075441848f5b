import { isoTime } from '../iso-time.ts';
import type { ExceptionRecord, MismatchField } from './exception.ts';
import { type JournalEntry, ownerAccount, providerAccount, suspenseAccount } from './journal.ts';
import type { Order, OrderStatus, Provider } from './order.ts';
import { type OrderOwner, parseOrderNumber, shopOrderNumber } from './order-number.ts';
import type { PaymentEvent } from './payment-event.ts';
import { type Decision, decide, expectedDecision } from './transition.ts';
import { UnexpectedRefusalError } from './unexpected-refusal.ts';

/** Either the write took place, or its condition failed and this is the order as it is stored. */
export type WriteAnswer =
  | { readonly applied: true }
  | { readonly applied: false; readonly order: Order | undefined };

/** What settlement needs of the store. Each call is atomic and conditional; each rejects when the outcome is unknown. */
export interface SettlementStore {
  getOrder(order_no: string): Promise<Order | undefined>;
  /** Pays a payable order that agrees with the event, together with its journal entry. */
  settleOrder(event: PaymentEvent, entry: JournalEntry | null, now: string): Promise<WriteAnswer>;
  setOrderStatus(event: PaymentEvent, status: 'failed' | 'closed', now: string): Promise<WriteAnswer>;
  nameTransaction(event: PaymentEvent, now: string): Promise<WriteAnswer>;
  /** Stores the record and the entry unless they are there already. */
  recordException(record: ExceptionRecord, entry: JournalEntry | null): Promise<void>;
}

export type SettlementResult =
  | {
      readonly outcome:
        | 'settled'
        | 'already_settled'
        | 'failed'
        | 'closed'
        | 'unchanged'
        | 'paid_after_close'
        | 'paid_twice'
        | 'paid_superseded';
      /** The order's state after the event. */
      readonly status: OrderStatus;
    }
  | { readonly outcome: 'not_found' }
  | { readonly outcome: 'mismatch'; readonly fields: readonly MismatchField[] };

/** The order can move under the event's feet only so often: pending to failed to closed or paid. */
const MAX_WRITES = 4;

/**
 * Applies a verified event to its order, at most once. When it returns, the outcome is stored; when it throws,
 * the provider must be told that it failed, so that it sends again.
 * @throws UnexpectedRefusalError and whatever the store throws
 */
export async function settle(
  store: SettlementStore,
  received: PaymentEvent,
  now: () => number,
): Promise<SettlementResult> {
  const owner = parseOrderNumber(received.order_no);
  if (!owner) return { outcome: 'not_found' };
  const context = { store, owner, payment_no: received.order_no, now: isoTime(now()) };
  const event =
    owner.kind === 'tenant'
      ? received
      : {
          ...received,
          order_no: shopOrderNumber(owner.kind, owner.id, owner.prefix),
          attempt: owner.attempt,
        };

  // Most messages fit the order, so the write is tried before anything is read. Only one that does not say how
  // much was paid must be completed from the order first: its journal entry needs an amount.
  if (event.type !== 'succeeded' || (event.amount !== undefined && event.currency !== undefined)) {
    return applyDecision(context, event, expectedDecision(event));
  }
  const order = await store.getOrder(event.order_no);
  const completed = order ? { amount: order.amount, currency: order.currency, ...event } : event;
  return applyDecision(context, completed, decide(order, completed), order);
}

interface Context {
  readonly store: SettlementStore;
  readonly owner: OrderOwner;
  readonly payment_no: string;
  readonly now: string;
}

async function applyDecision(
  context: Context,
  event: PaymentEvent,
  first: Decision,
  known?: Order,
): Promise<SettlementResult> {
  let decision = first;
  let order = known;
  for (let writes = 0; writes < MAX_WRITES; writes++) {
    const result = resultWithoutWrite(decision, order);
    if (result) return result;
    const answer = await write(context, event, decision);
    if (answer.applied) return resultOfWrite(decision, order);
    order = answer.order;
    const next = decide(order, event);
    if (next.action === decision.action) break;
    decision = next;
  }
  throw new UnexpectedRefusalError(`the store refused "${decision.action}" for an order that allows it`);
}

function resultWithoutWrite(decision: Decision, order: Order | undefined): SettlementResult | null {
  if (decision.action === 'reject') return { outcome: 'not_found' };
  if (decision.action === 'none' && order) return { outcome: decision.outcome, status: order.status };
  return null;
}

function resultOfWrite(decision: Decision, order: Order | undefined): SettlementResult {
  switch (decision.action) {
    case 'settle':
      return { outcome: 'settled', status: 'paid' };
    case 'set_status':
      return { outcome: decision.status, status: decision.status };
    case 'name_transaction':
      return { outcome: 'already_settled', status: decision.status };
    case 'record_exception':
      if (decision.exception === 'mismatch') return { outcome: 'mismatch', fields: decision.fields };
      // Stryker disable next-line ConditionalExpression: only an order that was read calls for an exception
      if (order) return { outcome: decision.exception, status: order.status };
  }
  // Stryker disable next-line all: only what was written comes here
  throw new Error(`nothing is written for "${decision.action}"`);
}

async function write(
  { store, owner, payment_no, now }: Context,
  event: PaymentEvent,
  decision: Decision,
): Promise<WriteAnswer> {
  switch (decision.action) {
    case 'settle':
      return store.settleOrder(
        event,
        entryOf(event, () => ownerAccount(owner), now),
        now,
      );
    case 'set_status':
      return store.setOrderStatus(event, decision.status, now);
    case 'name_transaction':
      return store.nameTransaction(event, now);
    case 'record_exception': {
      const entry = decision.exception === 'mismatch' ? null : entryOf(event, suspenseAccount, now);
      await store.recordException(exceptionOf(event, payment_no, decision, now), entry);
      return { applied: true };
    }
    // Stryker disable next-line all: what needs no write was answered before
    default:
      // Stryker disable next-line all: as above
      throw new Error(`nothing is written for "${decision.action}"`);
  }
}

/** Null for an order that costs nothing: no provider took any money. */
function entryOf(
  event: PaymentEvent,
  creditOf: (provider: Provider) => string,
  now: string,
): JournalEntry | null {
  const { order_no, provider, amount, currency, transaction_id } = event;
  if (!provider || !amount || !currency) return null;
  const debit = providerAccount(provider);
  const credit = creditOf(provider);
  return { order_no, debit, credit, amount, currency, provider, transaction_id, booked_at: now };
}

function exceptionOf(
  event: PaymentEvent,
  payment_no: string,
  decision: Extract<Decision, { action: 'record_exception' }>,
  now: string,
): ExceptionRecord {
  return {
    order_no: event.order_no,
    payment_no,
    kind: decision.exception,
    provider: event.provider,
    transaction_id: event.transaction_id,
    fields: decision.fields,
    amount: event.amount ?? null,
    currency: event.currency ?? null,
    recorded_at: now,
    reserved: 0,
    refunded: 0,
  };
}
