const INSTANT = /^([2-9][0-9]{3}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{3}))?Z)?$/;

/**
 * An ISO 8601 instant in UTC, or a date, which means its first instant, in the form in which times are stored; null
 * when it is neither, or before the year 2000.
 */
export function parseInstant(text: string): string | null {
  const [, date, time = '00:00:00', milliseconds = '000'] = INSTANT.exec(text) ?? [];
  const instant = new Date(`${date}T${time}.${milliseconds}Z`);
  // Some days that no month has, and the hour 24, are read as what comes after them.
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(`${date}T${time}`);
  return isReal ? instant.toISOString() : null;
}
