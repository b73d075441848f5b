import * as z from 'zod/mini';
import { comparedFields, exceptionKinds, orderKinds, providers, shopKinds } from '../orders/kinds.ts';
import { parseOwner } from '../orders/ledger.ts';
import type { StoredItem } from '../store/conditional-write.ts';
import { toRecord } from '../store/items.ts';
import { type ItemKey, itemKindOf } from '../store/keys.ts';

/** A number of ours is printed as it is, so it must be one that markdown leaves alone. */
const number = z.string().check(z.regex(/^[0-9A-Za-z_-]{1,64}$/));
const time = z
  .string()
  .check(z.refine((value) => /^[0-9]{4}-/.test(value) && !Number.isNaN(Date.parse(value))));
const amount = z.int().check(z.nonnegative());
const provider = z.enum(providers);

const told = {
  order_no: number,
  currency: z.string(),
  description: z.string(),
  points: amount,
  paid_at: time,
};

/**
 * One that paid its order. One that is credited to suspense did not, of which an exception tells, unless it was found
 * to be its order's after all.
 */
const payment = z.pipe(
  z
    .object({
      ...told,
      state: z.literal('paid'),
      payee: z.string(),
      booking: z.object({ credit: z.string() }),
      attributed_at: z.nullable(z.string()),
      provider,
      amount,
      kind: z.enum(orderKinds),
      tenant_id: z.nullable(z.int().check(z.positive())),
    })
    .check(
      z.refine(({ payee, booking, attributed_at }) => attributed_at !== null || booking.credit === payee),
    ),
  z.transform(({ state: _state, payee: _payee, booking: _booking, attributed_at: _attributed, ...paid }) => ({
    type: 'payment' as const,
    ...paid,
  })),
);

/** An order that was paid without a payment. */
const freeOrder = z.pipe(
  z.object({
    ...told,
    status: z.literal('paid'),
    paid_by: z.null(),
    amount: z.literal(0),
    kind: z.enum(shopKinds),
  }),
  z.transform(({ status: _status, paid_by: _paidBy, ...paid }) => ({
    type: 'payment' as const,
    ...paid,
    provider: null,
    tenant_id: null,
  })),
);

const exception = z.pipe(
  z.object({
    order_no: z.nullable(number),
    payment_no: z.nullable(number),
    kind: z.enum(exceptionKinds),
    provider: z.nullable(provider),
    fields: z.array(z.enum(comparedFields)),
    amount: z.nullable(amount),
    currency: z.nullable(z.string()),
    due_by: z.nullable(time),
    recorded_at: time,
  }),
  z.transform((record) => ({ type: 'exception' as const, ...record })),
);

/** An order was paid, by a payment or without one. Nothing personal. */
export type PaymentAnnouncement = z.infer<typeof payment> | z.infer<typeof freeOrder>;
/** Something came that did not fit. Nothing personal. */
export type ExceptionAnnouncement = z.infer<typeof exception>;
/** What people are told of. */
export type Announcement = PaymentAnnouncement | ExceptionAnnouncement;

/** When the payment was made, or the exception recorded; milliseconds since 1970. */
export function occurredAt(announcement: Announcement): number {
  return Date.parse(announcement.type === 'payment' ? announcement.paid_at : announcement.recorded_at);
}

/**
 * What a stored item has to announce; null when it is none of what is announced.
 * @throws SchemaVersionError
 */
export function readAnnouncement(item: StoredItem & ItemKey): Announcement | null {
  switch (itemKindOf(item)) {
    case 'payment': {
      const record = toRecord('payment', item);
      return parse(payment, { ...record, ...parseOwner(record.payee) });
    }
    case 'order':
      return parse(freeOrder, toRecord('order', item));
    case 'exception':
      return parse(exception, toRecord('exception', item));
    case 'dispute': {
      // Told of again, while something can be done about it.
      const record = toRecord('dispute', item);
      return parse(exception, { ...record, kind: 'disputed', fields: [], recorded_at: record.opened_at });
    }
    default:
      return null;
  }
}

const parse = <T>(schema: z.ZodMiniType<T>, record: unknown): T | null =>
  schema.safeParse(record, { reportInput: false }).data ?? null;
