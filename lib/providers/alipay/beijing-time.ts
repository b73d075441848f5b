const OFFSET_MS = 8 * 60 * 60 * 1000;

/** `yyyy-MM-dd HH:mm:ss` in Beijing, which keeps UTC+8 all year; Alipay writes every time so. */
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
