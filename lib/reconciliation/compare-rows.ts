import type { MerchantName } from '../orders/accounts.ts';
import { type BillRow, type EntryReference, referenceOf } from './bill-row.ts';
import type { OrderBooks, ProviderEntry, ReconciliationStore } from './books.ts';
import type { Difference, ReconciliationPorts, Summary } from './difference.ts';
import type { KeySet } from './key-set.ts';
import { findEntry, isCertain, isSameMoney } from './match.ts';
import { mapInChunks } from './stream.ts';

type RowSums = Omit<Summary, 'missing_there' | 'undecided'>;

/** Looks for each row of the bill in the ledger, and adds what is found to what is taken. */
export async function compareRows(
  { store, orderPrefix, onDifference, onProgress }: ReconciliationPorts,
  merchant: MerchantName,
  rows: AsyncIterable<BillRow>,
  taken: KeySet,
): Promise<RowSums> {
  const sums = { rows: 0, agreed: 0, under_way: 0, missing_here: 0, other_amount: 0, foreign: 0 };
  const lookUp = (chunk: readonly BillRow[]) => {
    const known = chunk.map((row) => ({ row, reference: referenceOf(row, orderPrefix) }));
    return lookUpRows(store, merchant, known);
  };
  for await (const found of mapInChunks(rows, lookUp)) {
    for (const { row, reference, books } of found) {
      const { outcome, entry } = compareRow(row, reference, books, taken);
      if (entry) taken.add(entry.id);
      sums[outcome] += 1;
      if (outcome === 'missing_here' || outcome === 'other_amount') {
        onDifference(differenceOfRow(outcome, row, entry));
      }
    }
    sums.rows += found.length;
    onProgress(sums.rows, 'rows');
  }
  return sums;
}

interface FoundRow {
  readonly row: BillRow;
  readonly reference: ReturnType<typeof referenceOf>;
  readonly books: OrderBooks;
}

const noBooks: OrderBooks = { entries: [], openRefunds: [] };

async function lookUpRows(
  store: ReconciliationStore,
  merchant: MerchantName,
  known: readonly Omit<FoundRow, 'books'>[],
): Promise<FoundRow[]> {
  const wanted = known.map(({ reference }) => reference).filter((reference) => typeof reference !== 'string');
  const entries = await store.findEntries(wanted);
  const entryOf = new Map(wanted.map((reference, index) => [reference, entries[index]]));
  const found: FoundRow[] = [];
  for (const { row, reference } of known) {
    const isOurs = typeof reference !== 'string';
    const books = isOurs ? await readBooks(store, row, reference, entryOf.get(reference)) : noBooks;
    found.push({ row, reference, books: booksWith(merchant, books) });
  }
  return found;
}

/** Most rows have the entry that is looked for first; for another, all that its order has is read. */
async function readBooks(
  store: ReconciliationStore,
  row: BillRow,
  { order_no }: EntryReference,
  entry: ProviderEntry | undefined,
): Promise<OrderBooks> {
  return entry && isCertain(row, entry) ? { entries: [entry], openRefunds: [] } : store.readOrder(order_no);
}

function booksWith({ provider, merchant }: MerchantName, { entries, openRefunds }: OrderBooks): OrderBooks {
  const isTheirs = (one: MerchantName) => one.provider === provider && one.merchant === merchant;
  return { entries: entries.filter(isTheirs), openRefunds: openRefunds.filter(isTheirs) };
}

interface RowResult {
  readonly outcome: 'agreed' | 'under_way' | 'missing_here' | 'other_amount' | 'foreign';
  readonly entry?: ProviderEntry;
}

function compareRow(
  row: BillRow,
  reference: FoundRow['reference'],
  { entries, openRefunds }: OrderBooks,
  taken: KeySet,
): RowResult {
  if (reference === 'foreign') return { outcome: 'foreign' };
  if (reference === 'unnumbered') return { outcome: 'missing_here' };
  const free = entries.filter(({ id }) => !taken.has(id));
  const entry = findEntry(row, reference, free);
  if (entry) return { outcome: isSameMoney(entry, row) ? 'agreed' : 'other_amount', entry };
  const isOpen = openRefunds.some((open) => open.n === reference.refund && isSameMoney(open, row));
  return { outcome: isOpen ? 'under_way' : 'missing_here' };
}

function differenceOfRow(
  kind: 'missing_here' | 'other_amount',
  row: BillRow,
  entry: ProviderEntry | undefined,
): Difference {
  const { payment_no } = row;
  const transaction = row.refund_no ?? row.transaction_id;
  return { kind, of: entry?.kind ?? row.kind, payment_no, transaction, ours: entry ?? null, theirs: row };
}
