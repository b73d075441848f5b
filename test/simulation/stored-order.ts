import type { ExceptionRecord } from '../../lib/orders/exception.ts';
import type { JournalEntry } from '../../lib/orders/journal.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { Refund } from '../../lib/orders/refund.ts';
import type { ItemKey } from '../../lib/store/keys.ts';
import type { InvariantName } from './invariants.ts';
import type { Item } from './table/expression.ts';

/** Takes what was found broken about one order. */
export type Report = (invariant: InvariantName, detail: string) => void;

/** An order with everything that is stored beside it. */
export interface StoredOrder {
  readonly order: Order;
  readonly refunds: readonly (Refund & ItemKey)[];
  readonly exceptions: readonly (ExceptionRecord & ItemKey)[];
  readonly entries: readonly (JournalEntry & ItemKey)[];
  readonly items: readonly Item[];
}

/** Sorts the items of one partition; null when they belong to no order. */
export function storedOrder(items: readonly Item[]): StoredOrder | null {
  const order = items.find(({ sk }) => sk === 'ORDER') as Order | undefined;
  const ofKind = <T>(prefix: string) =>
    items.filter(({ sk }) => String(sk).startsWith(prefix)) as unknown as (T & ItemKey)[];
  return order
    ? {
        order,
        refunds: ofKind<Refund>('REFUND#'),
        exceptions: ofKind<ExceptionRecord>('EXCEPTION#'),
        entries: ofKind<JournalEntry>('ENTRY#'),
        items,
      }
    : null;
}
