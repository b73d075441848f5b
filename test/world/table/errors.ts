import { marshall } from '@aws-sdk/util-dynamodb';
import type { Item } from './expression.ts';

/** An error as the SDK throws it: known by its name and the HTTP status that came with it, if one did. */
export function storeError(name: string, status: number | null, fields: object = {}): Error {
  // Nobody looks where a fault was made, and to find out is slow.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(name);
  Error.stackTraceLimit = stackTraceLimit;
  error.name = name;
  return Object.assign(error, { $metadata: status === null ? {} : { httpStatusCode: status } }, fields);
}

export interface CancellationReason {
  readonly Code: string;
  readonly Item?: unknown;
}

/** The document client leaves the item inside an error in its marshalled form. */
export const marshalled = (item: Item | undefined) => (item ? { Item: marshall(item) } : {});

export const conditionFailed = (item: Item | undefined): Error =>
  storeError('ConditionalCheckFailedException', 400, marshalled(item));

export const transactionCancelled = (reasons: readonly CancellationReason[]): Error =>
  storeError('TransactionCanceledException', 400, { CancellationReasons: reasons });
