const OFFSET_MS = 8 * 3_600_000;
const shifted = (ms: number): string => new Date(ms + OFFSET_MS).toISOString();

/** As WeChat Pay writes times: 2026-01-31T09:00:00+08:00. */
export const rfc3339Beijing = (ms: number): string => `${shifted(ms).slice(0, 19)}+08:00`;

/** As Alipay and bills write times: 2026-01-31 09:00:00. */
export const beijingTime = (ms: number): string => shifted(ms).slice(0, 19).replace('T', ' ');

/** Milliseconds since 1970, or null for what is not such a time. */
export function parseBeijingTime(text: string): number | null {
  const ms = Date.parse(`${text.replace(' ', 'T')}+08:00`);
  return Number.isNaN(ms) || beijingTime(ms) !== text ? null : ms;
}
