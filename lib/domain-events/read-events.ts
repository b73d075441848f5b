import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { EventMark } from '../orders/change.ts';
import type { Dispute } from '../orders/dispute.ts';
import { type ExceptionRecord, encodeExceptionId } from '../orders/exception.ts';
import { eventTypes, providers } from '../orders/kinds.ts';
import { ownerAccount, parseAccount } from '../orders/ledger.ts';
import type { Order } from '../orders/order.ts';
import { paymentNumber } from '../orders/order-number.ts';
import type { Refund } from '../orders/refund.ts';
import { amountText } from '../providers/facts.ts';
import type { StoredItem } from '../store/conditional-write.ts';
import { toRecord } from '../store/items.ts';
import { type ItemKey, itemKindOf } from '../store/keys.ts';
import { eventsAttribute, markedAtAttribute, markedVersionAttribute } from '../store/table.ts';
import { type DomainEvent, domainEventData } from './domain-event.ts';

/** Nothing can be told of a marked item as it is stored. */
class DomainEventError extends Error {
  override readonly name = 'DomainEventError';
}

const marksSchema = z.array(
  z.object({
    type: z.enum(eventTypes),
    owner: z.optional(z.string()),
    payment: z.optional(
      z.nullable(
        z.object({
          n: z.int(),
          provider: z.enum(providers),
          merchant: z.string(),
          transaction_id: z.nullable(z.string()),
        }),
      ),
    ),
  }),
);

const markedSchema = z.object({
  [markedAtAttribute]: z.iso.datetime({ precision: 3 }),
  [markedVersionAttribute]: z.int().check(z.minimum(1)),
});

/**
 * What the write that made this image of an item is to be published as; nothing of an image without a mark.
 * @throws SchemaVersionError, or DomainEventError when nothing can be made of a mark
 */
export function readEvents(item: StoredItem & ItemKey): readonly DomainEvent[] {
  const { [eventsAttribute]: text } = item;
  return text === undefined ? [] : parseMarks(text).map((mark) => eventOf(item, mark));
}

function parseMarks(text: unknown): readonly EventMark[] {
  try {
    return marksSchema.parse(JSON.parse(String(text))) as readonly EventMark[];
  } catch {
    throw new DomainEventError('the marks of an item cannot be read');
  }
}

/**
 * The event that a mark on an item makes of it, under the id of the write that last marked the item: whatever was written
 * since, it is the same event.
 * @throws SchemaVersionError, or DomainEventError when the item is of no kind that is told of, or is not as its kind is
 */
export function eventOf(item: StoredItem & ItemKey, mark: EventMark): DomainEvent {
  const { owner, data, happened_at } = describe(item, mark);
  const parsed = domainEventData[mark.type].safeParse(data);
  if (!parsed.success) throw refusal(parsed.error);
  const marked = markedSchema.safeParse(item);
  if (!marked.success) throw refusal(marked.error);
  const { [markedAtAttribute]: recorded_at, [markedVersionAttribute]: version } = marked.data;
  const id = eventId(item, version, mark.type);
  const timestamp = happened_at ?? recorded_at;
  return { type: mark.type, id, timestamp, recorded_at, owner, data: parsed.data } as DomainEvent;
}

/** Names fields, and nothing of what they hold. */
const refusal = ({ issues }: z.core.$ZodError): DomainEventError =>
  new DomainEventError(`the item of an event cannot be told of: ${issues.map(({ path }) => path)}`);

/** Without dots, as a signature's text is split at them. */
function eventId({ pk, sk }: ItemKey, version: number, type: string): string {
  const text = JSON.stringify([pk, sk, version, type]);
  return `evt_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

interface Description {
  readonly owner: string;
  /** Where that is not when it was recorded. */
  readonly happened_at?: string | null;
  readonly data: object;
}

function describe(item: StoredItem & ItemKey, mark: EventMark): Description {
  // Stryker disable next-line StringLiteral: all marks but an order's name an owner, which their type does not say
  const { owner = '' } = mark;
  switch (itemKindOf(item)) {
    case 'order':
      return describeOrder(toRecord('order', item), mark);
    case 'refund':
      return { owner, ...describeRefund(toRecord('refund', item), owner) };
    case 'exception':
      return { owner, ...describeException(toRecord('exception', item), owner) };
    case 'dispute':
      return { owner, ...describeDispute(toRecord('dispute', item), owner, mark) };
    default:
      throw new DomainEventError('an item is marked whose kind is not told of');
  }
}

/** With all that an order's events say: what is not said of its type is left out by its schema. */
function describeOrder(order: Order, { payment = null }: EventMark): Description {
  const { order_no, version, kind, status, currency, paid_at } = order;
  // An order without a payment is a shop's, and in CNY.
  const amount = amountText({ ...order, provider: payment?.provider ?? 'wechat' });
  const { provider = null, merchant = null, transaction_id = null } = payment ?? {};
  const payment_no = payment && paymentNumber(order_no, payment.n);
  return {
    happened_at: paid_at,
    owner: ownerAccount(order),
    data: {
      ...{ order_no, version, kind, status, amount, currency },
      id: order.kind === 'tenant' ? null : order.id,
      tenant_id: order.kind === 'tenant' ? order.tenant_id : null,
      ...{ payment_no, provider, merchant, transaction_id, paid_at },
    },
  };
}

function describeRefund(refund: Refund, owner: string) {
  const { order_no, version, refund_no, payment_no, provider, merchant, currency, status } = refund;
  const amount = amountText(refund);
  const data = { order_no, version, refund_no, payment_no, provider, merchant, amount, currency, status };
  return { data: { ...data, tenant_id: tenantOf(owner) } };
}

function describeException(exception: ExceptionRecord, owner: string) {
  const { order_no, version, kind, state, payment_no, provider, merchant, currency, resolved } = exception;
  return {
    data: {
      ...{ order_no, version, kind, state, payment_no, provider, merchant, currency },
      tenant_id: tenantOf(owner),
      id: encodeExceptionId(exception),
      amount: amountText(exception),
      resolution: resolved?.resolution ?? null,
    },
  };
}

function describeDispute(dispute: Dispute, owner: string, { type }: EventMark) {
  const { order_no, dispute_id, payment_no, provider, merchant, currency, due_by } = dispute;
  const amount = amountText(dispute);
  const data = { order_no, dispute_id, payment_no, provider, merchant, amount, currency, due_by };
  const { state, version } = type === 'dispute.opened' ? asOpened(dispute) : dispute;
  return { data: { ...data, state, version, tenant_id: tenantOf(owner) } };
}

/** A dispute that was over when it was first told of was open a version before. */
const asOpened = ({ state, version }: Dispute): Pick<Dispute, 'state' | 'version'> => ({
  state: 'open',
  version: state === 'open' ? version : version - 1,
});

// Stryker disable next-line OptionalChaining: an owner is an account
const tenantOf = (owner: string): number | null => parseAccount(owner)?.tenant_id ?? null;
