import type { ExceptionKind, ExceptionRecord } from '../orders/exception.ts';
import { parseOrderNumber } from '../orders/order-number.ts';
import type { Page, Position } from '../orders/page.ts';
import type { StoreContext } from './client.ts';
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
 * Recorded exceptions, newest first. What is not wanted is read and passed over, within bounds: a page can be short
 * or empty and still have a next one.
 */
export async function listExceptions(
  context: StoreContext,
  { tenant_id, kind, after, limit }: ExceptionQuery,
): Promise<Page<ExceptionRecord>> {
  const isWanted = (record: ExceptionRecord) =>
    (kind === undefined || record.kind === kind) &&
    (tenant_id === undefined || belongsTo(record.order_no, tenant_id));
  const page = await readSharded(context, {
    shards: exceptionShards.map((partition) => ({
      index: tableIndexes.exception,
      partition,
      first: EARLIEST,
      last: after?.at ?? LATEST,
    })),
    order: 'newest_first',
    after,
    limit,
    accept: (item) => isWanted(item as unknown as ExceptionRecord),
  });
  return { items: page.items as unknown as ExceptionRecord[], next: page.next };
}

function belongsTo(order_no: string, tenant_id: number): boolean {
  const owner = parseOrderNumber(order_no);
  return owner?.kind === 'tenant' && owner.tenant_id === tenant_id;
}
