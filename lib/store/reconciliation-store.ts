import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { providerAccount } from '../orders/accounts.ts';
import type { Period } from '../orders/ledger.ts';
import type { EntryReference } from '../reconciliation/bill-row.ts';
import type { OrderBooks, Origin, ProviderEntry, ReconciliationStore } from '../reconciliation/books.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import { toRecord } from './items.ts';
import { type ItemKey, itemKindOf, paymentKey, refundEntryKey, refundKey } from './keys.ts';
import { entryShards, toEntry } from './ledger-store.ts';
import { queryOrder } from './order-store.ts';
import { withRetries } from './retry.ts';
import { readItem } from './schema.ts';
import { queryShard } from './sharded-read.ts';

/** Few enough that a page of a million-row day is small in memory. */
const ENTRIES_PER_QUERY = 500;

/** So often are keys asked for again that a throttled table left out. */
const MAX_ROUNDS = 10;
const ROUND_DELAY_MS = 100;

/** The ledger on DynamoDB, read by key, by order and by account. */
export const createReconciliationStore = (context: StoreContext): ReconciliationStore => ({
  async findEntries(references) {
    const items = await getItems(context, references.map(entryKey));
    return items.map((item) => (item && toProviderEntry(item)) ?? undefined);
  },
  readOrder: (order_no) => readOrder(context, order_no),
  listEntries: (account, period) => listEntries(context, account, period),
  async findOrigins(entries) {
    const items = await getItems(context, entries.map(originKey));
    return items.map((item) => item && toOrigin(item));
  },
});

/** A refund is mostly booked by the first change after it was asked for, and then its first version names the entry. */
const entryKey = ({ order_no, payment, refund }: EntryReference): ItemKey =>
  refund === null ? paymentKey(order_no, payment) : refundEntryKey({ order_no, refund, n: 1 });

const originKey = ({ order_no, ...of }: ProviderEntry): ItemKey =>
  of.refund === null ? paymentKey(order_no, of.payment) : refundKey(order_no, of.refund);

function toOrigin(item: StoredItem & ItemKey): Origin {
  if (itemKindOf(item) === 'refund') {
    const { payment_no, created_at } = toRecord('refund', item);
    return { payment_no, begun_at: created_at };
  }
  const { payment_no, begun_at } = toRecord('payment', item);
  return { payment_no, begun_at };
}

/** Null for what books nothing, and for what books a refund back: that moves nothing that a bill of the day shows. */
function toProviderEntry(item: StoredItem & ItemKey): ProviderEntry | null {
  const entry = toEntry(item);
  if (!entry) return null;
  const id = `${item.pk} ${item.sk}`;
  if (entry.kind === 'refund') {
    if (entry.debit === providerAccount(entry)) return null;
    const { refund } = toRecord('entry', item);
    return { ...entry, id, payment: null, refund, paid_at: null };
  }
  const { n, paid_at } = toRecord(itemKindOf(item) === 'suspense' ? 'suspense' : 'payment', item);
  return { ...entry, id, payment: n, refund: null, paid_at };
}

async function readOrder(context: StoreContext, order_no: string): Promise<OrderBooks> {
  const items = await queryOrder(context, order_no);
  const refunds = items
    .filter((item) => itemKindOf(item) === 'refund')
    .map((item) => toRecord('refund', item));
  return {
    entries: items.map(toProviderEntry).filter((entry) => entry !== null),
    openRefunds: refunds.filter(({ status }) => status === 'open'),
  };
}

async function* listEntries(
  context: StoreContext,
  account: string,
  period: Period,
): AsyncGenerator<ProviderEntry> {
  for (const { shard } of entryShards(account, period)) {
    for await (const { items } of queryShard(context, shard, { Limit: ENTRIES_PER_QUERY })) {
      for (const item of items) {
        const entry = toProviderEntry(item);
        if (entry) yield entry;
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
