import type { HeldPayment, Transaction } from './provider-books.ts';
import type { Item } from './table/expression.ts';

/** The journal entries of an order's items that book this transaction. */
export function bookingsOf(items: readonly Item[], payment: HeldPayment, { id }: Transaction): Item[] {
  const settlement = items.find(({ sk }) => sk === 'ORDER')?.['settlement'] as
    | { transaction_id: string | null }
    | null
    | undefined;
  // A payment whose messages name no transaction is booked without a name; the order learns it later, if at all.
  const unnamed = payment.isUnnamed && payment.transactions[0]?.id === id;
  return items.filter(({ sk, provider, transaction_id }) => {
    if (provider !== payment.provider) return false;
    if (String(sk).startsWith('ENTRY#SUSPENSE#'))
      return transaction_id === id || (unnamed && transaction_id === null);
    if (sk !== 'ENTRY#PAYMENT') return false;
    if (transaction_id !== null) return transaction_id === id;
    return settlement?.transaction_id === id || (unnamed && settlement?.transaction_id === null);
  });
}
