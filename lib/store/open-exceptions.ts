import type { ExceptionRecord } from '../orders/exception.ts';
import type { StoreContext } from './client.ts';
import { toRecord } from './items.ts';
import { exceptionShards } from './keys.ts';
import { queryShard } from './sharded-read.ts';
import { tableIndexes } from './table.ts';

/** Of each shard; more than a group could ever see to. */
const MAX_PER_SHARD = 1_000;
const PER_QUERY = 250;
// Stryker disable next-line StringLiteral: no time is before either
const EARLIEST = '0';

/**
 * The exceptions that are open, of each shard the oldest.
 * @returns them, and whether there are more
 * @throws SchemaVersionError, or the store's error after retries
 */
export async function readOpenExceptions(
  context: StoreContext,
): Promise<{ readonly exceptions: readonly ExceptionRecord[]; readonly isCut: boolean }> {
  const parts = await Promise.all(exceptionShards('open').map((partition) => readShard(context, partition)));
  return {
    exceptions: parts.flatMap(({ exceptions }) => exceptions),
    isCut: parts.some(({ isCut }) => isCut),
  };
}

async function readShard(context: StoreContext, partition: string) {
  const shard = { index: tableIndexes.exception, partition, first: EARLIEST, last: '9999' };
  const exceptions: ExceptionRecord[] = [];
  for await (const { items, lastKey } of queryShard(context, shard, { Limit: PER_QUERY })) {
    exceptions.push(...items.map((item) => toRecord('exception', item)));
    if (exceptions.length >= MAX_PER_SHARD) return { exceptions, isCut: lastKey !== undefined };
  }
  return { exceptions, isCut: false };
}
