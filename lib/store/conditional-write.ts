import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { UnexpectedRefusalError } from '../orders/unexpected-refusal.ts';
import type { StoreContext } from './client.ts';
import { cancellationCodes, withRetries } from './retry.ts';

export type StoredItem = Readonly<Record<string, unknown>>;

/** Either the write took place, or its condition failed and this is the item as it is stored, if there is one. */
export type ConditionalAnswer =
  | { readonly applied: true }
  | { readonly applied: false; readonly item: StoredItem | undefined };

type Send = (signal: AbortSignal) => Promise<unknown>;

/** Makes a single write whose condition asks for `ALL_OLD` on failure. @throws the store's error after retries */
export const writeItem = (context: StoreContext, send: Send): Promise<ConditionalAnswer> =>
  write(context, send, (error) => {
    if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
    return refused((error as { Item?: Record<string, AttributeValue> }).Item);
  });

/**
 * Makes a transaction whose first part decides: its condition asks for `ALL_OLD` on failure.
 * @throws UnexpectedRefusalError, or the store's error after retries
 */
export const writeTransaction = (context: StoreContext, send: Send): Promise<ConditionalAnswer> =>
  write(context, send, (error) => {
    const codes = conditionCodes(error);
    if (codes[0] !== 'ConditionalCheckFailed') {
      throw new UnexpectedRefusalError(`transaction cancelled: ${codes.join(', ')}`);
    }
    const [reason] = (error as { CancellationReasons: { Item?: Record<string, AttributeValue> }[] })
      .CancellationReasons;
    return refused(reason?.Item);
  });

/**
 * Makes a transaction of which every part has its condition. @returns whether all of them held
 * @throws UnexpectedRefusalError, or the store's error after retries
 */
export async function writeTogether(context: StoreContext, send: Send): Promise<boolean> {
  const { applied } = await write(context, send, (error) => {
    conditionCodes(error);
    return refused(undefined);
  });
  return applied;
}

/** Writes with retries; `explain` takes what was refused for good, and rethrows what no condition explains. */
async function write(
  { io }: StoreContext,
  send: Send,
  explain: (error: unknown) => ConditionalAnswer,
): Promise<ConditionalAnswer> {
  try {
    await withRetries(io, send);
    return { applied: true };
  } catch (error) {
    return explain(error);
  }
}

/** The codes of a transaction that was cancelled by its conditions and nothing else. @throws everything else */
function conditionCodes(error: unknown): string[] {
  const codes = cancellationCodes(error);
  if (codes.length === 0) throw error;
  const isExplained = codes.every((code) => code === 'None' || code === 'ConditionalCheckFailed');
  if (!isExplained) throw new UnexpectedRefusalError(`transaction cancelled: ${codes.join(', ')}`);
  return codes;
}

/** The document client leaves the item inside an error in its marshalled form. */
function refused(item: Record<string, AttributeValue> | undefined): ConditionalAnswer {
  const isThere = item !== undefined && Object.keys(item).length > 0;
  return { applied: false, item: isThere ? unmarshall(item) : undefined };
}
