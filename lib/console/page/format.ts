import type { Language } from './text.ts';

/** Formats by tags of our own: what the browser calls its language need not be a tag that it can read itself. */
const tags = { zh: 'zh-CN', en: 'en-GB' } as const satisfies Record<Language, string>;

/** A decimal text with separators of thousands: `1234567.80` → `1,234,567.80`. */
export const separated = (amount: string): string =>
  amount.replace(/^(-?\d+)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','));

/** `¥1,234.00`, `EUR 1,234.00`; below zero with the sign first. */
export function formatAmount(amount: string, currency: string): string {
  const [, sign = '', digits = amount] = /^(-?)(.+)$/.exec(amount) ?? [];
  return `${sign && '−'}${currency === 'CNY' ? '¥' : `${currency}\u00a0`}${separated(digits)}`;
}

export const formatCount = (count: number): string => separated(String(count));

const two = (value: number) => String(value).padStart(2, '0');

/** The day where the browser is: `2026-11-26`. */
export function formatDay(time: Date): string {
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** Day and time where the browser is, of an ISO time: `2026-11-26 09:30:00`; nothing of what is none. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return '';
  return `${formatDay(time)} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How long ago: `3 hours ago`, `3小时前`. */
export function formatAge(iso: string, now: number, language: Language): string {
  const passed = now - Date.parse(iso);
  const format = new Intl.RelativeTimeFormat(tags[language], { numeric: 'auto' });
  const [unit, ms] = UNITS.find(([, length]) => Math.abs(passed) >= length) ?? ['second', 1000];
  return format.format(-Math.trunc(passed / ms), unit);
}

/** The first instant of a local day and of the day after it, as the API takes them; undefined of what is no day. */
export function dayBounds(
  day: string | undefined,
): { readonly from: string; readonly to: string } | undefined {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day ?? '') ?? [];
  if (date === undefined) return undefined;
  const at = (days: number) => new Date(Number(year), Number(month) - 1, Number(date) + days);
  if (Number.isNaN(at(0).getTime())) return undefined;
  return { from: at(0).toISOString(), to: at(1).toISOString() };
}

/** So many days before today, as a local day. */
export function daysAgo(days: number, now = new Date()): string {
  return formatDay(new Date(now.getFullYear(), now.getMonth(), now.getDate() - days));
}

const HOUR_MS = 3_600_000;

/** So many days before the providers' latest day, which begins in China first. */
export const providerDaysAgo = (days: number, now = Date.now()): string =>
  new Date(now + 8 * HOUR_MS - days * 24 * HOUR_MS).toISOString().slice(0, 10);

/** Whether a decimal text is zero. */
export const isNothing = (amount: string): boolean => /^[0.]*$/.test(amount);

/** As many days as the API takes at once. */
const LONGEST_PERIOD = 31;

/** The local days from a time up to today, both included, or as many as can be asked for. */
export function daysSince(iso: string, now: Date): { readonly from: string; readonly to: string } {
  const first = new Date(iso);
  const last = new Date(first.getFullYear(), first.getMonth(), first.getDate() + LONGEST_PERIOD - 1);
  return { from: formatDay(first), to: formatDay(last < now ? last : now) };
}
