import { isOneOf } from '../orders/kinds.ts';
import type { Position } from '../orders/page.ts';
import { ApiError, invalidField, mergeErrors, mustBeOneOf } from './api-error.ts';
import { mustBePositive, pathInteger } from './fields.ts';

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

type Readers = Readonly<Record<string, () => unknown>>;
type ReadBy<R extends Readers> = { readonly [Name in keyof R]: ReturnType<R[Name]> };

/** What each of several readers reads; all that is wrong is told at once. @throws ApiError */
export function readTogether<R extends Readers>(readers: R): ReadBy<R> {
  const errors: ApiError[] = [];
  const read = Object.entries(readers).map(([name, reader]) => {
    try {
      return [name, reader()];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      errors.push(error);
      return [name, undefined];
    }
  });
  if (errors.length > 0) throw mergeErrors(errors);
  return Object.fromEntries(read) as ReadBy<R>;
}

/** One of a few values, if one is named. @throws ApiError */
export function readOneOf<Value extends string>(
  name: string,
  values: readonly Value[],
  text: string | undefined,
): Value | undefined {
  if (text === undefined || isOneOf(values, text)) return text;
  throw invalidField(name, mustBeOneOf(values));
}

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 100;

/** How many items a page may have. @throws ApiError */
export function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^[1-9][0-9]{0,2}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) {
    throw invalidField('limit', {
      zh: `须为 1 到 ${MAX_LIMIT} 的整数`,
      en: `must be an integer from 1 to ${MAX_LIMIT}`,
    });
  }
  return limit;
}

/** The tenant that is named, if one is. @throws ApiError */
export function readTenantId(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const tenant_id = pathInteger(text);
  if (tenant_id === null) throw invalidField('tenant_id', mustBePositive);
  return tenant_id;
}

/** Longer than any that is given out: a key of the most bytes with its times, as JSON in base64. */
const MAX_CURSOR_LENGTH = 8192;

/** A sort key of the table has 1,024 bytes at most, of which some stand before what a cursor's key says. */
const MAX_KEY_BYTES = 960;

/**
 * A place to go on at, with other times, as clients hand it back. It is neither secret nor signed: whatever it says,
 * it reaches only what the same request without it does.
 */
export const encodeCursor = ({ at, key }: Position, ...times: readonly string[]): string =>
  Buffer.from(JSON.stringify([at, key, ...times])).toString('base64url');

/** What a cursor with so many other times, or dates, says. @throws ApiError */
export function decodeCursor(cursor: string, count: number): { after: Position; times: string[] } {
  const [at, key, ...times] = cursor.length <= MAX_CURSOR_LENGTH ? parseTexts(cursor) : [];
  if (at === undefined || key === undefined || times.length !== count) throw badCursor();
  if (parseInstant(at) !== at || times.some((time) => parseInstant(time) === null)) throw badCursor();
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw badCursor();
  return { after: { at, key }, times };
}

export const badCursor = () => invalidField('cursor', { zh: '无效', en: 'is not valid' });

/** The texts of a list that went out as base64url of JSON; none of anything else. */
export function parseTexts(cursor: string): string[] {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.toString('base64url') !== cursor) return [];
  try {
    const texts: unknown = JSON.parse(bytes.toString());
    return Array.isArray(texts) && texts.every((text) => typeof text === 'string' && text.isWellFormed())
      ? texts
      : [];
  } catch {
    return [];
  }
}
