import type { ExceptionRecord } from '../orders/exception.ts';
import { type ExceptionKind, type ExceptionState, exceptionKinds, exceptionStates } from '../orders/kinds.ts';
import type { Page, Position } from '../orders/page.ts';
import { reachedTenant } from './access.ts';
import { csvTable } from './csv.ts';
import {
  decodeCursor,
  encodeCursor,
  readLimit,
  readOneOf,
  readTenantId,
  readTogether,
} from './query-parameters.ts';
import type { ExceptionsPage } from './responses/exceptions.ts';
import type { Claims } from './token.ts';
import { exceptionState } from './view-exception.ts';

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
  const { cursor } = query;
  const { state = 'open', ...read } = readTogether({
    kind: () => readOneOf('kind', exceptionKinds, query['kind']),
    state: () => readOneOf('state', listedStates, query['state']),
    tenant_id: () => readTenantId(query['tenant_id']),
    after: () => (cursor === undefined ? null : decodeCursor(cursor, 0).after),
    limit: () => readLimit(query['limit']),
  });
  const tenant_id = reachedTenant(claims, read.tenant_id);
  return tenant_id === null ? null : { ...read, state, tenant_id };
}

/** What a client is told of exceptions. */
export const exceptionsReply = ({ items, next }: Page<ExceptionRecord>): ExceptionsPage => ({
  exceptions: items.map(exceptionState),
  cursor: next && encodeCursor(next),
});

export const exceptionsCsv = csvTable(
  [
    ...(['id', 'kind', 'state', 'recorded_at', 'order_no', 'payment_no', 'provider', 'merchant'] as const),
    ...(['transaction_id', 'refund_no', 'amount', 'currency', 'fields', 'reason', 'due_by'] as const),
    ...(['resolution', 'resolution_reason', 'resolved_by', 'resolved_at'] as const),
  ],
  ({ exceptions }: ExceptionsPage) =>
    exceptions.map(({ fields, resolved, ...known }) => ({
      ...known,
      fields: fields.join(' '),
      resolution: resolved?.resolution ?? null,
      resolution_reason: resolved?.reason ?? null,
      resolved_by: resolved?.by ?? null,
      resolved_at: resolved?.at ?? null,
    })),
);
