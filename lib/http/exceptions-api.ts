import { formatAmount } from '../money.ts';
import type { ExceptionRecord } from '../orders/exception.ts';
import {
  type ExceptionKind,
  type ExceptionState,
  exceptionKinds,
  exceptionStates,
  isOneOf,
} from '../orders/kinds.ts';
import type { Page, Position } from '../orders/page.ts';
import { currencyFormat } from '../providers/facts.ts';
import { encodeExceptionId } from './exception-id.ts';
import { pathInteger } from './fields.ts';
import { decodeCursor, encodeCursor, readLimit } from './query-parameters.ts';
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
  const tenant = tenant_id === undefined ? undefined : pathInteger(tenant_id);
  if (tenant === null) throw new ApiError(400, 'tenant_id 须为正整数');
  if (tenant !== undefined && claims.tenant_id !== undefined && tenant !== claims.tenant_id) return null;
  return {
    ...{ kind, state, tenant_id: tenant ?? claims.tenant_id },
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
  const amount = exceptionAmount(record);
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

/** Null where the message named none, or a currency that the provider does not take: its unit is not known. */
export function exceptionAmount({
  amount,
  currency,
  provider,
}: Pick<ExceptionRecord, 'amount' | 'currency' | 'provider'>): string | null {
  if (amount === null || currency === null) return null;
  const format = provider && currencyFormat(provider, currency);
  return format ? formatAmount(amount, format) : null;
}
