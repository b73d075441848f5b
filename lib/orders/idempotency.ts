import { isoTime } from '../io.ts';
import { IDEMPOTENCY_MS } from './schedule.ts';

/** Who asks, with the key that makes the request the same one when it comes again. */
export interface IdempotentCaller {
  readonly operation: 'checkout' | 'refund';
  readonly subject: string;
  readonly key: string;
}

/** The first request that came with a key. */
export interface IdempotencyRecord extends IdempotentCaller {
  /** The number of what it made. */
  readonly result: string;
  /** The request itself, in one text. */
  readonly request: string;
  readonly expires_at: string;
}

/** A write of a change. */
interface KeyPut {
  readonly put: 'idempotency';
  readonly record: IdempotencyRecord;
  readonly replaces: { readonly expires_at: { readonly atMost: string } };
}

/** A caller's key, to be taken unless it is. TTL removes items late: whether it is still good is for this to say. */
export function idempotencyPut(
  caller: IdempotentCaller,
  result: string,
  request: string,
  now: number,
): KeyPut {
  const record: IdempotencyRecord = {
    ...caller,
    result,
    request,
    expires_at: isoTime(now + IDEMPOTENCY_MS),
  };
  return { put: 'idempotency', record, replaces: { expires_at: { atMost: isoTime(now) } } };
}
