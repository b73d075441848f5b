import { parseNumber } from '../numbers.ts';
import type { Transaction } from '../providers/books.ts';
import type { MemoryTable } from '../table/memory-table.ts';

/** The table's items by order, read as design.md lays them out and by nothing else. */

export type Fields = Readonly<Record<string, unknown>>;

export interface StoredOrder {
  readonly order_no: string;
  readonly order: Fields;
  readonly payments: ReadonlyMap<number, Fields>;
  readonly suspense: readonly Fields[];
  readonly refunds: readonly Fields[];
  readonly entries: readonly Fields[];
  readonly returns: readonly Fields[];
  readonly disputes: readonly Fields[];
  readonly exceptions: readonly Fields[];
  readonly shipping: Fields | null;
}

export interface Stored {
  readonly orders: ReadonlyMap<string, StoredOrder>;
  /** Parts of orders that are not there. */
  readonly strays: readonly Fields[];
}

export function readStored(table: MemoryTable, poison: { readonly pk: string } | null): Stored {
  const parts = Map.groupBy(
    table.items().filter(({ pk }) => String(pk).startsWith('ORDER#') && pk !== poison?.pk),
    ({ pk }) => String(pk).slice('ORDER#'.length),
  );
  const orders = new Map<string, StoredOrder>();
  const strays: Fields[] = [];
  for (const [order_no, items] of parts) {
    const order = items.find(({ sk }) => sk === 'ORDER');
    if (!order) {
      strays.push(...items);
      continue;
    }
    const under = (prefix: string) => items.filter(({ sk }) => String(sk).startsWith(prefix));
    orders.set(order_no, {
      order_no,
      order,
      payments: new Map(
        under('PAYMENT#').map((payment) => [Number(String(payment['sk']).slice('PAYMENT#'.length)), payment]),
      ),
      suspense: under('SUSPENSE#'),
      refunds: under('REFUND#'),
      entries: under('ENTRY#'),
      returns: under('RETURN#'),
      disputes: under('DISPUTE#'),
      exceptions: under('EXCEPTION#'),
      shipping: items.find(({ sk }) => sk === 'SHIPPING') ?? null,
    });
  }
  return { orders, strays };
}

/** The order and payment that a provider's number names. */
export function findPayment(
  { orders }: Stored,
  number: string,
): { stored: StoredOrder; payment: Fields; n: number } | null {
  const parsed = parseNumber(number);
  const stored = parsed && orders.get(parsed.order_no);
  const payment = parsed && stored?.payments.get(parsed.n);
  return stored && payment ? { stored, payment, n: parsed.n } : null;
}

export const hasOpen = (
  { exceptions }: StoredOrder,
  isMeant: (exception: Fields) => boolean = () => true,
): boolean => exceptions.some((exception) => exception['state'] === 'open' && isMeant(exception));

/** What is about money that was paid, and excuses nothing else. */
const ofPaidMoney = ['not_shipped', 'unknown_refund', 'refund_failed', 'refund_abnormal', 'disputed'];

/** Whether something is open that may keep an order from being paid or closed. */
export const isHeldUp = (stored: StoredOrder): boolean =>
  hasOpen(stored, ({ kind }) => !ofPaidMoney.includes(String(kind)));

/** `provider:wechat.1900000109#3` → `provider:wechat.1900000109` */
export const accountOf = (shard: unknown): string => String(shard).replace(/#\d+$/, '');

export const isBooked = ({ debit, credit, booked_at }: Fields): boolean =>
  typeof debit === 'string' && typeof credit === 'string' && typeof booked_at === 'string';

/**
 * The mismatch whose money people have had given back as this transaction's: the books have its amount as the message
 * said it, which nobody compared with the provider's.
 */
export const confirmedAs = (
  exceptions: readonly Fields[],
  { provider, merchant, id }: Pick<Transaction, 'provider' | 'merchant' | 'id'>,
): Fields | undefined =>
  exceptions.find(
    (one) =>
      one['kind'] === 'mismatch' &&
      one['refund_no'] === null &&
      one['provider'] === provider &&
      one['merchant'] === merchant &&
      one['transaction_id'] === id &&
      (one['resolved'] as Fields | null)?.['resolution'] === 'returned',
  );
