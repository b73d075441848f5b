import type { Position } from '../orders/page.ts';
import { pathInteger } from './fields.ts';
import { ApiError } from './reply.ts';

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

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 100;

/** How many items a page may have. @throws ApiError */
export function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^[1-9][0-9]{0,2}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) throw new ApiError(400, `limit 须为 1 到 ${MAX_LIMIT} 的整数`);
  return limit;
}

/** The tenant that is named, if one is. @throws ApiError */
export function readTenantId(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const tenant_id = pathInteger(text);
  if (tenant_id === null) throw new ApiError(400, 'tenant_id 须为正整数');
  return tenant_id;
}

/** Longer than any that is given out: a key of the table, which has at most 3 KiB, as JSON in base64. */
const MAX_CURSOR_LENGTH = 8192;

/**
 * A place to go on at, with other times, as clients hand it back. It is neither secret nor signed: whatever it says,
 * it reaches only what the same request without it does.
 */
export const encodeCursor = ({ at, key }: Position, ...times: readonly string[]): string =>
  Buffer.from(JSON.stringify([at, key, ...times])).toString('base64url');

/** What a cursor with so many other times says. @throws ApiError */
export function decodeCursor(cursor: string, count: number): { after: Position; times: string[] } {
  const [at, key, ...times] = cursor.length <= MAX_CURSOR_LENGTH ? parseTexts(cursor) : [];
  if (at === undefined || key === undefined || times.length !== count) throw badCursor();
  if ([at, ...times].some((time) => parseInstant(time) !== time)) throw badCursor();
  return { after: { at, key }, times };
}

export const badCursor = () => new ApiError(400, 'cursor 无效');

/** The texts of a list that went out as base64url of JSON; none of anything else. */
export function parseTexts(cursor: string): string[] {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.toString('base64url') !== cursor) return [];
  try {
    const texts: unknown = JSON.parse(bytes.toString());
    return Array.isArray(texts) && texts.every((text) => typeof text === 'string') ? texts : [];
  } catch {
    return [];
  }
}
