import { type JournalEntry, providerAccount, suspenseAccount } from '../../lib/orders/journal.ts';
import { bookingsOf } from './bookings.ts';
import type { Stage } from './stage.ts';
import type { Item } from './table/expression.ts';
import { isPaidStatus } from './wecom.ts';

/** From the provider's books to ours, and from our suspense entries back. */
export function checkTransactions({ world, books }: Stage): void {
  const items = world.table.items();
  const known = new Set<Item>();
  for (const payment of books.payments.values()) {
    const own = items.filter(({ pk }) => pk === `ORDER#${payment.order_no}`);
    const order = own.find(({ sk }) => sk === 'ORDER');
    for (const transaction of payment.transactions) {
      const bookings = bookingsOf(own, payment, transaction);
      for (const booking of bookings) known.add(booking);
      const isSuspended = bookings.some(({ sk }) => String(sk).startsWith('ENTRY#SUSPENSE#'));
      if (bookings.length !== 1) {
        world.violate(
          'booked_once',
          payment.order_no,
          `${transaction.id} is booked ${bookings.length} times`,
        );
      }
      if (order && !isPaidStatus(order) && !isSuspended) {
        world.violate(
          'state_agrees',
          payment.order_no,
          `${order['status']}, though ${transaction.id} was taken`,
        );
      }
    }
  }
  for (const item of items) {
    const isOfPayment = /^ENTRY#(PAYMENT|SUSPENSE)/.test(String(item['sk']));
    if (isOfPayment && !known.has(item)) {
      world.violate(
        'nothing_invented',
        String(item['order_no']),
        `${item['sk']} books what no provider took`,
      );
    }
  }
}

/** For each provider and currency: what it holds for us, by the ledger and by its own books. */
export function checkBalances({ world, books }: Stage): void {
  const balances = new Map<string, number>();
  const add = (account: string, amount: number) =>
    balances.set(account, (balances.get(account) ?? 0) + amount);
  let total = 0;
  for (const item of world.table.items()) {
    if (!String(item['sk']).startsWith('ENTRY#')) continue;
    const { debit, credit, amount, currency } = item as unknown as JournalEntry;
    add(`${debit} ${currency}`, amount);
    add(`${credit} ${currency}`, -amount);
    if (!item['debit_shard'] || !item['credit_shard']) {
      world.violate(
        'ledger_is_provider',
        String(item['order_no']),
        `${item['sk']} is missing from an account`,
      );
    }
  }
  for (const balance of balances.values()) total += balance;
  if (total !== 0) world.violate('ledger_is_provider', '', `debits and credits differ by ${total}`);
  for (const { provider, currency, transactions } of books.payments.values()) {
    for (const { amount } of transactions) add(`${providerAccount(provider)} ${currency}`, -amount);
  }
  for (const { payment, amount, state } of books.refunds.values()) {
    if (state === 'succeeded') add(`${providerAccount(payment.provider)} ${payment.currency}`, amount);
  }
  for (const provider of ['wechat', 'alipay', 'stripe'] as const) {
    for (const currency of ['CNY', 'USD', 'JPY']) {
      const difference = balances.get(`${providerAccount(provider)} ${currency}`) ?? 0;
      if (difference !== 0) {
        world.violate('ledger_is_provider', '', `${provider} ${currency}: the ledger is ${difference} ahead`);
      }
      // Suspense holds money of others: it is never owed to us.
      if ((balances.get(`${suspenseAccount(provider)} ${currency}`) ?? 0) > 0) {
        world.violate('ledger_is_provider', '', `more left suspense than came: ${provider} ${currency}`);
      }
    }
  }
}
