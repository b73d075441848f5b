import { isoTime } from '../io.ts';
import type { Payment } from './payment.ts';

/** When what is due. All in milliseconds; times since 1970. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Between a provider's clock and ours, either way. */
export const CLOCK_DIFFERENCE_MS = 5 * MINUTE;

/** A request to a provider that is not answered by then is given up; it may still arrive there until then. */
const PROVIDER_TIMEOUT_MS = 12 * SECOND;

/** How long a tenant's order can be paid, from its first request on. */
export const CHECKOUT_MS = 2 * HOUR;

/** For how long the same idempotency key is the same request. */
export const IDEMPOTENCY_MS = DAY;

/** A payer needs this long to finish what is handed out. */
export const HAND_OUT_MARGIN_MS = 5 * MINUTE;

/** When a provider is first asked about a payment or a refund that it has not told of. */
export const FIRST_CHECK_MS = MINUTE;

/** A refund whose repair was taken so long ago and that is abnormal was refused once more. */
export const REPAIR_MS = HOUR;

/** People are told of a dispute again so long before the time for evidence ends. */
const DISPUTE_REMINDER_MS = 2 * DAY;

/** What the stream's consumer has not announced by then, the sweep does. */
export const ANNOUNCE_MS = 5 * MINUTE;

/** A payment younger than this is still on its way: its payer's look at the order asks nobody. */
export const FRESH_MS = 10 * SECOND;

/** A payer who keeps looking has the provider asked no more often. */
export const BETWEEN_LOOKS_MS = 5 * SECOND;

/** What an item still owes, and from when on the sweep sees to it; milliseconds since 1970. */
export interface Debt {
  readonly kind: 'check' | 'alert' | 'notify';
  readonly due: number;
}

/** A payment, or an order that cost nothing, that people are to be told of. */
export const announcement = (now: number): Debt => ({ kind: 'notify', due: now + ANNOUNCE_MS });

/** An exception or a dispute that people are to be told of, before any payment. */
export const alert = (now: number): Debt => ({ kind: 'alert', due: now + ANNOUNCE_MS });

const SHORTEST_CHECK_MS = MINUTE;
const LONGEST_CHECK_MS = 6 * HOUR;
const BETWEEN_READINGS_MS = 15 * MINUTE;
const SHORTEST_ANNOUNCEMENT_MS = 5 * MINUTE;
const LONGEST_ANNOUNCEMENT_MS = HOUR;

/** What comes after a time has passed comes so much later, so that it has surely passed. */
const AFTER_MS = SECOND;

/** When a payment or refund is asked about again: after half of how long it has waited, so that checks thin out. */
export function nextCheck(since: string, now: number): number {
  const wait_ms = Math.max(SHORTEST_CHECK_MS, (now - Date.parse(since)) / 2);
  // A time that a bad write has left unreadable counts as long ago: without a turn its item would stay the first of all.
  return now + (wait_ms < LONGEST_CHECK_MS ? wait_ms : LONGEST_CHECK_MS);
}

/** When it is tried again to read an item that is stored in a way that is not understood: newer code may run by then. */
export const nextReading = (now: number): number => now + BETWEEN_READINGS_MS;

/** As `nextCheck`, but soon after the payment is over, and soon after it counts as closed. */
export function nextPaymentCheck(payment: Pick<Payment, 'begun_at' | 'expires_at'>, now: number): number {
  const turns = [Date.parse(payment.expires_at), absentUntil(payment)].map((turn) => turn + AFTER_MS);
  return Math.min(nextCheck(payment.begun_at, now), ...turns.filter((turn) => turn > now));
}

/** Until then a payment that its provider does not hold may still arrive there and be paid. */
export const absentUntil = ({ expires_at }: Pick<Payment, 'expires_at'>): number =>
  Date.parse(expires_at) + CLOCK_DIFFERENCE_MS + PROVIDER_TIMEOUT_MS;

/** Without a deadline there is time for ever. */
const deadlineOf = (expires_at: string | null): number =>
  expires_at === null ? Infinity : Date.parse(expires_at);

/** Whether the time until a deadline is over. */
export const isOver = (expires_at: string | null, now: number): boolean => deadlineOf(expires_at) <= now;

/** When a deadline is looked after. */
export const afterDeadline = (expires_at: string): number => Date.parse(expires_at) + AFTER_MS;

/** An order whose time is over is closed so soon. */
export const CLOSING_MS = 2 * MINUTE;

/** When an announcement that was not taken is tried again: after half of how long people have waited. */
export function nextAnnouncement(since: number, now: number): number {
  const waited_ms = now - since;
  return now + Math.min(LONGEST_ANNOUNCEMENT_MS, Math.max(SHORTEST_ANNOUNCEMENT_MS, waited_ms / 2));
}

/** When a payment that is begun now ends: as late as its provider takes it, and no later than its order. */
export const paymentExpiry = (now: number, longest_ms: number, orderExpiresAt: string | null): string =>
  isoTime(Math.min(now + longest_ms, deadlineOf(orderExpiresAt)));

/** When people are told of a dispute again, which they can do something about until `due_by`. */
export const disputeReminder = (due_by: string): Debt => ({
  kind: 'check',
  due: Date.parse(due_by) - DISPUTE_REMINDER_MS,
});

/** When a payment of goods is looked at again, for whether its provider knows by then that they were sent. */
export const shippingDeadline = (paid_at: string, withinHours: number): number =>
  Date.parse(paid_at) + withinHours * HOUR;

/** A day whose bill is not there, or that does not come to its end, for so long is somebody's to look at. */
export const LONGEST_RECONCILIATION_MS = 3 * DAY;
