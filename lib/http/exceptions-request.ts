import type { ExceptionKind } from '../orders/exception.ts';
import type { Position } from '../orders/page.ts';
import { ApiError } from './api-error.ts';
import { decodeCursor, readLimit } from './paging.ts';

export interface ExceptionsRequest {
  readonly kind: ExceptionKind | undefined;
  readonly after: Position | null;
  readonly limit: number;
}

const kinds = new Set(
  Object.keys({
    mismatch: true,
    paid_after_close: true,
    paid_twice: true,
    paid_superseded: true,
    unknown_refund: true,
  } satisfies Record<ExceptionKind, true>),
);

/** @throws ApiError */
export function readExceptionsRequest(
  query: Readonly<Record<string, string | undefined>>,
): ExceptionsRequest {
  const { kind, cursor, limit } = query;
  if (kind !== undefined && !kinds.has(kind)) {
    throw new ApiError(400, `kind 须为 ${[...kinds].join('、')} 之一`);
  }
  return {
    kind: kind as ExceptionKind | undefined,
    after: cursor === undefined ? null : decodeCursor(cursor, 0).after,
    limit: readLimit(limit),
  };
}
