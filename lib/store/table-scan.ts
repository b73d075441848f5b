import { ScanCommand, type ScanCommandInput } from '@aws-sdk/lib-dynamodb';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import type { ItemKey } from './keys.ts';
import { withRetries } from './retry.ts';

/** A partition serves 3000 read units a second: most of them are left to payments. */
const READ_UNITS_PER_SECOND = 500;

/** What of the table is wanted, as DynamoDB's `Scan` has it. */
type Wanted = Pick<
  ScanCommandInput,
  'FilterExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues' | 'ProjectionExpression'
>;

export interface ScannedPage {
  readonly items: readonly (StoredItem & ItemKey)[];
  /** How many items were read to find these. */
  readonly read: number;
}

/**
 * Reads the whole table, page by page, with pauses.
 * @throws the store's error after retries
 */
export async function* scanTable(
  { client, tableName, io }: StoreContext,
  wanted: Wanted,
): AsyncGenerator<ScannedPage> {
  let lastKey: Record<string, unknown> | undefined;
  do {
    const command = new ScanCommand({
      TableName: tableName,
      ...wanted,
      ExclusiveStartKey: lastKey,
      ReturnConsumedCapacity: 'TOTAL',
    });
    const answer = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
    // Stryker disable next-line ArrayDeclaration: a scan has items, which its type does not say
    const { Items = [], ScannedCount = 0, ConsumedCapacity, LastEvaluatedKey } = answer;
    lastKey = LastEvaluatedKey;
    yield { items: Items as (StoredItem & ItemKey)[], read: ScannedCount };
    if (lastKey) await io.sleep(((ConsumedCapacity?.CapacityUnits ?? 0) / READ_UNITS_PER_SECOND) * 1_000);
  } while (lastKey);
}
