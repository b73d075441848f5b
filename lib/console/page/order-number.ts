const NUMBER = /^([a-z0-9]{0,2}(?:(?:mall|meal)-\d+|p[0-9A-HJKMNP-TV-Z]{26}))(?:-\d+|-r\d+)?$/;

/** The order's number in what somebody looks for: its own, or that of one of its payments or refunds; else the text. */
export function orderNumberIn(text: string): string {
  const sought = text.trim();
  return NUMBER.exec(sought)?.[1] ?? sought;
}
