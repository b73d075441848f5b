import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { JournalEntry } from '../orders/journal.ts';
import { type Period, splitIntoDays } from '../orders/ledger.ts';
import type { Order } from '../orders/order.ts';
import type { Refund } from '../orders/refund.ts';
import type { BookingReference } from '../reconciliation/bill-row.ts';
import type { Booking, BookingOrigin, OrderBooks, ReconciliationStore } from '../reconciliation/books.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import {
  accountShards,
  entryKindOf,
  type ItemKey,
  type ItemKind,
  itemKindOf,
  orderKey,
  paymentEntryKey,
  refundEntryKey,
  refundKey,
  refundOfEntry,
} from './keys.ts';
import { queryShard } from './query-shard.ts';
import { withRetries } from './retry.ts';
import { readItem } from './schema.ts';
import { tableIndexes } from './table.ts';

/** Few enough that a page of a million-row day is small in memory. */
const ENTRIES_PER_QUERY = 500;

/** So often are keys asked for again that a throttled table left out. */
const MAX_ROUNDS = 10;
const ROUND_DELAY_MS = 100;

/** The journal on DynamoDB, read by key, by order and by account. */
export const createReconciliationStore = (context: StoreContext): ReconciliationStore => ({
  async findBookings(references) {
    const items = await getItems(context, references.map(entryKey));
    return items.map((item) => item && (toBooking(item) ?? undefined));
  },
  readOrder: (order_no) => readOrder(context, order_no),
  listBookings: (account, period) => listBookings(context, account, period),
  async findOrigins(bookings) {
    const items = await getItems(context, bookings.map(originKey));
    return items.map((item, index) => item && toOrigin(item, bookings[index]));
  },
});

const entryKey = ({ order_no, refund }: BookingReference): ItemKey =>
  refund === null ? paymentEntryKey(order_no) : refundEntryKey(order_no, refund);

const originKey = ({ order_no, refund }: Booking): ItemKey =>
  refund === null ? orderKey(order_no) : refundKey(order_no, refund);

/** Only the order's own payment took place when the order was paid. */
const toOrigin = (item: StoredItem, booking: Booking | undefined): BookingOrigin => ({
  created_at: String(item['created_at']),
  paid_at: booking?.kind === 'payment' && typeof item['paid_at'] === 'string' ? item['paid_at'] : null,
});

/** Null for the bookings that follow a refund's first: they move nothing that a bill of the day shows. */
function toBooking(item: StoredItem & ItemKey): Booking | null {
  const kind = entryKindOf(item);
  const refund = kind === 'refund' ? refundOfEntry(item) : null;
  if (kind === 'refund' && refund === null) return null;
  const { order_no, debit, credit, amount, currency, provider, transaction_id, booked_at } =
    item as unknown as JournalEntry;
  const id = `${item.pk} ${item.sk}`;
  return { id, kind, refund, order_no, debit, credit, amount, currency, provider, transaction_id, booked_at };
}

/** An order has few items: one page holds them all. */
async function readOrder({ client, tableName, io }: StoreContext, order_no: string): Promise<OrderBooks> {
  const command = new QueryCommand({
    TableName: tableName,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': orderKey(order_no).pk },
  });
  const { Items = [] } = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  const items = Items as (StoredItem & ItemKey)[];
  const ofKind = (kind: ItemKind) =>
    items.filter((item) => itemKindOf(item) === kind).map((item) => readItem(item));
  const [order] = ofKind('order') as unknown as Order[];
  const refunds = ofKind('refund') as unknown as Refund[];
  const bookings = ofKind('entry')
    .map(toBooking)
    .filter((booking) => booking !== null);
  return {
    bookings: bookings.map((booking) => withNamedTransaction(booking, order)),
    openRefunds: refunds.filter(({ status }) => status === 'open'),
  };
}

/** A transaction that a later message named stands in the order only. */
function withNamedTransaction(booking: Booking, order: Order | undefined): Booking {
  if (booking.kind !== 'payment' || booking.transaction_id !== null) return booking;
  return { ...booking, transaction_id: order?.settlement?.transaction_id ?? null };
}

async function* listBookings(
  context: StoreContext,
  account: string,
  period: Period,
): AsyncGenerator<Booking> {
  for (const { first, last } of splitIntoDays(period)) {
    for (const side of ['debit', 'credit'] as const) {
      for (const partition of accountShards(account, first)) {
        const shard = { index: tableIndexes[side], partition, first, last };
        for await (const { items } of queryShard(context, shard, { Limit: ENTRIES_PER_QUERY })) {
          for (const item of items) {
            const booking = toBooking(item);
            if (booking) yield booking;
          }
        }
      }
    }
  }
}

/** The items under these keys, at most 100, in their order. @throws Error when the table leaves keys out for too long */
async function getItems(
  { client, tableName, io }: StoreContext,
  keys: readonly ItemKey[],
): Promise<((StoredItem & ItemKey) | undefined)[]> {
  const name = ({ pk, sk }: ItemKey) => `${pk} ${sk}`;
  const found = new Map<string, StoredItem & ItemKey>();
  // A key that is named twice is refused.
  let wanted = [...new Map(keys.map((key) => [name(key), key])).values()];
  for (let round = 0; wanted.length > 0; round++) {
    if (round === MAX_ROUNDS) throw new Error('the table does not keep up with what is asked of it');
    if (round > 0) await io.sleep(ROUND_DELAY_MS * 2 ** round);
    const command = new BatchGetCommand({ RequestItems: { [tableName]: { Keys: wanted } } });
    const answer = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
    const items = (answer.Responses?.[tableName] ?? []) as (StoredItem & ItemKey)[];
    for (const item of items) found.set(name(item), readItem(item));
    wanted = (answer.UnprocessedKeys?.[tableName]?.Keys ?? []) as ItemKey[];
  }
  return keys.map((key) => found.get(name(key)));
}
