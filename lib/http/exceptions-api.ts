import { type ExceptionRecord, encodeExceptionId } from '../orders/exception.ts';
import {
  type ExceptionKind,
  type ExceptionState,
  exceptionKinds,
  exceptionStates,
  isOneOf,
} from '../orders/kinds.ts';
import type { Page, Position } from '../orders/page.ts';
import { amountText } from '../providers/facts.ts';
import { reachedTenant } from './access.ts';
import { decodeCursor, encodeCursor, readLimit, readTenantId } from './query-parameters.ts';
import { ApiError } from './reply.ts';
import type { Exception, ExceptionsPage } from './responses.ts';
import type { Claims } from './token.ts';

/** What of them a list has, by state. */
export const listedStates = [...exceptionStates, 'all'] as const satisfies readonly (
  | ExceptionState
  | 'all'
)[];

export interface ExceptionsRequest {
  readonly kind: ExceptionKind | undefined;
  readonly state: (typeof listedStates)[number];
  readonly tenant_id: number | undefined;
  readonly after: Position | null;
  readonly limit: number;
}

/** Null where a tenant asks for another's: to it there are none. @throws ApiError */
export function readExceptionsRequest(
  query: Readonly<Record<string, string | undefined>>,
  claims: Claims,
): ExceptionsRequest | null {
  const { kind, state = 'open', tenant_id, cursor, limit } = query;
  if (kind !== undefined && !isOneOf(exceptionKinds, kind)) {
    throw new ApiError(400, `kind 须为 ${exceptionKinds.join('、')} 之一`);
  }
  if (!isOneOf(listedStates, state)) throw new ApiError(400, `state 须为 ${listedStates.join('、')} 之一`);
  const tenant = reachedTenant(claims, readTenantId(tenant_id));
  if (tenant === null) return null;
  return {
    ...{ kind, state, tenant_id: tenant },
    after: cursor === undefined ? null : decodeCursor(cursor, 0).after,
    limit: readLimit(limit),
  };
}

/** What a client is told of exceptions. */
export const exceptionsReply = ({ items, next }: Page<ExceptionRecord>): ExceptionsPage => ({
  exceptions: items.map(exceptionState),
  cursor: next && encodeCursor(next),
});

/** What a client is told of an exception. */
export function exceptionState(record: ExceptionRecord): Exception {
  const { order_no, payment_no, kind, state, provider, merchant, currency, recorded_at } = record;
  const { transaction_id, refund_no, fields, reason, due_by, resolved } = record;
  const amount = amountText(record);
  return {
    id: encodeExceptionId(record),
    ...{ order_no, payment_no, kind, state, provider, merchant, transaction_id, refund_no },
    ...{ fields, amount, currency, reason, due_by, recorded_at },
    resolved: resolved && {
      resolution: resolved.resolution,
      reason: resolved.reason,
      by: resolved.by,
      at: resolved.at,
    },
  };
}
