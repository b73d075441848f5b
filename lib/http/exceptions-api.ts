import { formatAmount } from '../money.ts';
import type { ExceptionRecord } from '../orders/exception.ts';
import { type ExceptionKind, exceptionKinds, isOneOf } from '../orders/kinds.ts';
import type { Page, Position } from '../orders/page.ts';
import { currencyFormat } from '../providers/facts.ts';
import { ApiError } from './api-error.ts';
import { decodeCursor, encodeCursor, readLimit } from './query-parameters.ts';
import type { Exception, ExceptionsPage } from './responses.ts';

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

/** What a client is told of exceptions. */
export const exceptionsAnswer = ({ items, next }: Page<ExceptionRecord>): ExceptionsPage => ({
  exceptions: items.map(showException),
  cursor: next && encodeCursor(next),
});

function showException(record: ExceptionRecord): Exception {
  const { order_no, payment_no, kind, state, provider, merchant, currency, recorded_at } = record;
  const { transaction_id, refund_no, fields } = record;
  const amount = amountText(record);
  return {
    ...{ order_no, payment_no, kind, state, provider, merchant, transaction_id, refund_no },
    ...{ fields, amount, currency, recorded_at },
  };
}

/** Null where the message named none, or a currency that the provider does not take: its unit is not known. */
function amountText({ amount, currency, provider }: ExceptionRecord): string | null {
  if (amount === null || currency === null) return null;
  const format = provider && currencyFormat(provider, currency);
  return format ? formatAmount(amount, format) : null;
}
