import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { StoreContext } from './client.ts';
import { cancellationCodes, withRetries } from './retry.ts';

export type StoredItem = Readonly<Record<string, unknown>>;

/** The store refused a write in a way that no condition explains: nothing is known to have happened. */
export class UnexpectedRefusalError extends Error {
  override readonly name = 'UnexpectedRefusalError';
}

/**
 * Either the write took place, or conditions failed: for each part of the write null where its condition held, else
 * the item as it is stored, `undefined` when there is none.
 */
export type ConditionalResult =
  | { readonly applied: true }
  | { readonly applied: false; readonly refused: readonly ({ item: StoredItem | undefined } | null)[] };

type Send = (signal: AbortSignal) => Promise<unknown>;

/**
 * Makes a write, of one part or a transaction of several, whose conditions ask for `ALL_OLD` on failure.
 * @throws UnexpectedRefusalError, or the store's error after retries
 */
export async function writeConditionally(context: StoreContext, send: Send): Promise<ConditionalResult> {
  try {
    await withRetries(context.io, send);
    return { applied: true };
  } catch (error) {
    return { applied: false, refused: refusedParts(error) };
  }
}

interface FailedWrite {
  readonly name?: string;
  readonly Item?: Record<string, AttributeValue>;
  readonly CancellationReasons?: readonly { Item?: Record<string, AttributeValue> }[];
}

/** @throws what no condition explains */
function refusedParts(error: unknown): readonly ({ item: StoredItem | undefined } | null)[] {
  // Stryker disable next-line ArrayDeclaration: what has codes has reasons
  const { name, Item, CancellationReasons = [] } = (error ?? {}) as FailedWrite;
  if (name === 'ConditionalCheckFailedException') return [{ item: storedItem(Item) }];
  const codes = cancellationCodes(error);
  if (codes.length === 0) throw error;
  if (codes.some((code) => code !== 'None' && code !== 'ConditionalCheckFailed')) {
    throw new UnexpectedRefusalError(`transaction cancelled: ${codes.join(', ')}`);
  }
  return codes.map((code, index) =>
    // Stryker disable next-line OptionalChaining: each code is of a reason
    code === 'None' ? null : { item: storedItem(CancellationReasons[index]?.Item) },
  );
}

/** The document client leaves the item inside an error in its marshalled form. */
function storedItem(item: Record<string, AttributeValue> | undefined): StoredItem | undefined {
  return item !== undefined && Object.keys(item).length > 0 ? unmarshall(item) : undefined;
}
