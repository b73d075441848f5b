import { type ExceptionKind, exceptionKinds, isOneOf } from '../orders/kinds.ts';
import type { Position } from '../orders/page.ts';
import { ApiError } from './api-error.ts';
import { decodeCursor, readLimit } from './paging.ts';

export interface ExceptionsRequest {
  readonly kind: ExceptionKind | undefined;
  readonly after: Position | null;
  readonly limit: number;
}

/** @throws ApiError */
export function readExceptionsRequest(
  query: Readonly<Record<string, string | undefined>>,
): ExceptionsRequest {
  const { kind, cursor, limit } = query;
  if (kind !== undefined && !isOneOf(exceptionKinds, kind)) {
    throw new ApiError(400, `kind 须为 ${exceptionKinds.join('、')} 之一`);
  }
  return {
    kind,
    after: cursor === undefined ? null : decodeCursor(cursor, 0).after,
    limit: readLimit(limit),
  };
}
