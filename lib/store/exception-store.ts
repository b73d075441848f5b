import { ownerAccount } from '../orders/accounts.ts';
import type { ExceptionRecord } from '../orders/exception.ts';
import type { ExceptionKind } from '../orders/kinds.ts';
import type { Page, Position } from '../orders/page.ts';
import type { StoreContext } from './client.ts';
import { toRecord } from './items.ts';
import { exceptionShards } from './keys.ts';
import { readSharded } from './sharded-read.ts';
import { tableIndexes } from './table.ts';

export interface ExceptionQuery {
  /** The only tenant whose exceptions are wanted. */
  readonly tenant_id?: number | undefined;
  readonly kind?: ExceptionKind | undefined;
  readonly after: Position | null;
  readonly limit: number;
}

const EARLIEST = '0000-01-01T00:00:00.000Z';
const LATEST = '9999-12-31T23:59:59.999Z';

/**
 * Open exceptions, newest first. What is not wanted is read and passed over, within bounds: a page can be short
 * or empty and still have a next one.
 */
export async function listExceptions(
  context: StoreContext,
  { tenant_id, kind, after, limit }: ExceptionQuery,
): Promise<Page<ExceptionRecord>> {
  const owner = tenant_id === undefined ? undefined : ownerAccount({ kind: 'tenant', tenant_id });
  const isWanted = (record: ExceptionRecord) =>
    (kind === undefined || record.kind === kind) && (owner === undefined || record.owner === owner);
  const page = await readSharded(context, {
    shards: exceptionShards('open').map((partition) => ({
      index: tableIndexes.exception,
      partition,
      first: EARLIEST,
      last: after?.at ?? LATEST,
    })),
    order: 'newest_first',
    after,
    limit,
    accept: (item) => isWanted(toRecord('exception', item)),
  });
  return { items: page.items.map((item) => toRecord('exception', item)), next: page.next };
}
