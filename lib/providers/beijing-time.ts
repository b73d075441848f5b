import type { BillRow } from '../orders/provider-gateway.ts';

const OFFSET_MS = 8 * 60 * 60 * 1000;

/** `yyyy-MM-dd HH:mm:ss` in Beijing, which keeps UTC+8 all year: as Alipay writes every time, and bills do. */
export function formatBeijingTime(ms: number): string {
  return new Date(ms + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');
}

/** Milliseconds since 1970; null when the text is not such a time. */
export function parseBeijingTime(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return null;
  const ms = Date.parse(`${text.replace(' ', 'T')}+08:00`);
  // Date.parse takes 30 February for 1 March, and 24:00 for the next day.
  return new Date(ms + OFFSET_MS).getUTCDate() === Number(text.slice(8, 10)) ? ms : null;
}

const DAY_MS = 24 * 3_600_000;

/** Whoever completes it and whoever writes it down may not agree to the second. */
const EDGE_MS = 3_600_000;

/** Whether a row is of this day in Beijing, YYYY-MM-DD, by its time, or does not say one. */
export function isOnBeijingDay(row: BillRow, date: string): boolean {
  if (row.kind === 'other' || row.at === null) return true;
  const sinceStart_ms = Date.parse(row.at) - Date.parse(`${date}T00:00:00+08:00`);
  return sinceStart_ms >= -EDGE_MS && sinceStart_ms < DAY_MS + EDGE_MS;
}
