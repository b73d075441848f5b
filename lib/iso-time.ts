/** A time as it is stored: ISO 8601 in UTC, with milliseconds, so that texts sort as times do. */
export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
