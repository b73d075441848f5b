import * as z from 'zod/mini';
import type { ExceptionKind, MismatchField } from '../orders/exception.ts';
import type { OrderStatus, Provider, ShopKind } from '../orders/order.ts';

/** An order's number is printed as it is, so it must be one that markdown leaves alone. */
const orderNumber = z.string().check(z.regex(/^[0-9A-Za-z_-]{1,64}$/));
const time = z
  .string()
  .check(z.refine((value) => /^[0-9]{4}-/.test(value) && !Number.isNaN(Date.parse(value))));
const amount = z.int().check(z.nonnegative());
const provider = z.enum(['wechat', 'alipay', 'stripe'] satisfies Provider[]);

const payment = z.object({
  sk: z.literal('ORDER'),
  // Since it was paid, some of it may have gone back.
  status: z.enum(['paid', 'refunding', 'refunded'] satisfies OrderStatus[]),
  order_no: orderNumber,
  kind: z.enum(['mall', 'meal', 'tenant'] satisfies (ShopKind | 'tenant')[]),
  tenant_id: z.optional(z.int()),
  provider: z.nullable(provider),
  amount,
  currency: z.string(),
  points: z.optional(amount),
  description: z.optional(z.string()),
  paid_at: time,
});

const exception = z.object({
  sk: z.string().check(z.startsWith('EXCEPTION#')),
  order_no: orderNumber,
  kind: z.enum([
    'mismatch',
    'paid_after_close',
    'paid_twice',
    'paid_superseded',
    'unknown_refund',
  ] satisfies ExceptionKind[]),
  provider: z.nullable(provider),
  fields: z.array(z.enum(['provider', 'merchant', 'amount', 'currency'] satisfies MismatchField[])),
  amount: z.nullable(amount),
  currency: z.nullable(z.string()),
  recorded_at: time,
});

const announcement = z.union([
  z.pipe(
    payment,
    z.transform((item) => ({ type: 'payment' as const, ...item })),
  ),
  z.pipe(
    exception,
    z.transform((item) => ({ type: 'exception' as const, ...item })),
  ),
]);

/** What people are told of: a paid order, or a message about money that could not be applied. Nothing personal. */
export type Announcement = z.infer<typeof announcement>;
export type PaymentAnnouncement = Extract<Announcement, { type: 'payment' }>;
export type ExceptionAnnouncement = Extract<Announcement, { type: 'exception' }>;

/** When the payment was made, or the message came that could not be applied; milliseconds since 1970. */
export function occurredAt(announcement: Announcement): number {
  return Date.parse(announcement.type === 'payment' ? announcement.paid_at : announcement.recorded_at);
}

/** What a stored item has to announce; null when it is no paid order and no exception record. */
export function readAnnouncement(item: Readonly<Record<string, unknown>>): Announcement | null {
  return announcement.safeParse(item, { reportInput: false }).data ?? null;
}
