import type { ExceptionRecord } from '../../lib/orders/exception.ts';
import { type JournalEntry, ownerAccount, providerAccount } from '../../lib/orders/journal.ts';
import type { Order } from '../../lib/orders/order.ts';
import { parseOrderNumber } from '../../lib/orders/order-number.ts';
import { type Refund, refundedStatus } from '../../lib/orders/refund.ts';
import type { TableItem } from './table-scan.ts';

type Keyed<T> = T & { readonly pk: string; readonly sk: string };
/** Money that a provider took, by its own books. */
export interface TakenPayment {
  readonly transaction_id: string;
  readonly amount: number;
}

export interface ReturnedRefund {
  readonly refund_no: string;
  readonly amount: number;
}

/** Everything there is, once faults have stopped and retries have drained. */
export interface World {
  readonly items: readonly TableItem[];
  /** Must be booked, each once. */
  readonly taken: readonly TakenPayment[];
  /** May be booked: whoever sent the message does not know what became of it. */
  readonly perhapsTaken: ReadonlySet<string>;
  readonly returned: readonly ReturnedRefund[];
  /** All messages to people; null where there were more announcements than a robot takes in the time. */
  readonly announced: string | null;
}

/** What is wrong with the books, in words; nothing when all that always holds does (design.md, "What always holds"). */
export function checkBooks(world: World): string[] {
  const orders = itemsOf<Order>(world, (sk) => sk === 'ORDER');
  const payments = itemsOf<JournalEntry>(world, (sk) => sk === 'ENTRY#PAYMENT');
  const suspense = itemsOf<JournalEntry>(world, (sk) => sk.startsWith('ENTRY#SUSPENSE#'));
  const entriesOf = Map.groupBy(payments, ({ pk }) => pk);
  const stored = new Set(orders.map(({ pk }) => pk));
  return [
    ...orders.flatMap((order) => checkOrder(order, entriesOf.get(order.pk) ?? [])),
    ...payments.filter(({ pk }) => !stored.has(pk)).map(({ pk }) => `${pk}: booked without an order`),
    ...checkTransactions(world, [...payments, ...suspense]),
    ...checkRefunds(world, orders),
    ...checkBalances(world),
    ...checkAnnounced(world, orders),
  ];
}

function itemsOf<T>({ items }: World, matches: (sk: string) => boolean): Keyed<T>[] {
  return items.filter(({ sk }) => matches(String(sk))) as unknown as Keyed<T>[];
}

const isPaid = ({ status }: Order) => ['paid', 'refunding', 'refunded'].includes(status);

function checkOrder(order: Keyed<Order>, entries: readonly Keyed<JournalEntry>[]): string[] {
  const expected = isPaid(order) && order.amount > 0 ? 1 : 0;
  if (entries.length !== expected) {
    return [`${order.order_no} is ${order.status} with ${entries.length} payment entries`];
  }
  const owner = parseOrderNumber(order.order_no);
  return entries
    .filter(
      ({ amount, currency, provider, debit, credit }) =>
        amount !== order.amount ||
        currency !== order.currency ||
        provider !== order.provider ||
        debit !== providerAccount(provider) ||
        owner === null ||
        credit !== ownerAccount(owner),
    )
    .map(() => `${order.order_no} and its payment entry differ`);
}

/** One booking for each payment that was taken, and none for another. */
function checkTransactions({ taken, perhapsTaken }: World, booked: readonly Keyed<JournalEntry>[]): string[] {
  const known = new Map(taken.map(({ transaction_id, amount }) => [transaction_id, amount]));
  const count = new Map<string, number>();
  for (const { transaction_id } of booked) {
    if (transaction_id !== null) count.set(transaction_id, (count.get(transaction_id) ?? 0) + 1);
  }
  return [
    ...taken
      .filter((payment) => !count.has(payment.transaction_id))
      .map((payment) => `${payment.transaction_id} was taken and is not booked`),
    ...[...count].filter(([, times]) => times > 1).map(([id, times]) => `${id} is booked ${times} times`),
    ...booked
      .filter(({ transaction_id: id }) => id !== null && !known.has(id) && !perhapsTaken.has(id))
      .map(({ transaction_id }) => `${transaction_id} is booked and was never taken`),
    ...booked
      .filter(({ transaction_id: id, amount }) => id !== null && known.has(id) && known.get(id) !== amount)
      .map(({ transaction_id }) => `${transaction_id} is booked with another amount`),
  ];
}

function checkRefunds(world: World, orders: readonly Keyed<Order>[]): string[] {
  const refunds = itemsOf<Refund>(world, (sk) => sk.startsWith('REFUND#'));
  const entries = itemsOf<JournalEntry>(world, (sk) => sk.startsWith('ENTRY#REFUND#'));
  const returned = new Map(world.returned.map(({ refund_no, amount }) => [refund_no, amount]));
  const sum = (status: string, pk: string) =>
    refunds
      .filter((refund) => refund.pk === pk && refund.status === status)
      .reduce((total, { amount }) => total + amount, 0);
  return [
    ...refunds.flatMap(({ pk, n, refund_no, status, amount }) => {
      const booked = entries.filter((entry) => entry.pk === pk && entry.sk === `ENTRY#REFUND#${n}`);
      if (status === 'open') return [`${refund_no} is still open`];
      if (booked.length !== (status === 'succeeded' ? 1 : 0))
        return [`${refund_no} ${status} with ${booked.length} entries`];
      if (returned.get(refund_no) !== (status === 'succeeded' ? amount : undefined))
        return [`${refund_no} differs from the provider's`];
      return booked.filter((entry) => entry.amount !== amount).map(() => `${refund_no} and its entry differ`);
    }),
    ...[...returned.keys()]
      .filter((refund_no) => !refunds.some((refund) => refund.refund_no === refund_no))
      .map((refund_no) => `${refund_no} was returned and is not known`),
    ...orders
      .filter(
        (order) => order.refunded !== sum('succeeded', order.pk) || order.reserved !== sum('open', order.pk),
      )
      .map(({ order_no }) => `${order_no} does not add up with its refunds`),
    ...orders
      .filter(
        (order) =>
          order.refunded + order.reserved > order.amount ||
          (isPaid(order) && order.amount > 0 && order.status !== refundedStatus(order)),
      )
      .map(({ order_no, status }) => `${order_no} is ${status} with another sum returned`),
  ];
}

/** Debits equal credits, and all amounts are positive integers. */
function checkBalances(world: World): string[] {
  const entries = itemsOf<JournalEntry>(world, (sk) => sk.startsWith('ENTRY#'));
  const balances = new Map<string, bigint>();
  for (const { debit, credit, amount, currency } of entries) {
    if (!Number.isSafeInteger(amount) || amount <= 0) return [`an entry has the amount ${amount}`];
    if (debit === credit) return [`${debit} is booked to itself`];
    const move = (account: string, by: bigint) =>
      balances.set(`${account} ${currency}`, (balances.get(`${account} ${currency}`) ?? 0n) + by);
    move(debit, BigInt(amount));
    move(credit, -BigInt(amount));
  }
  const total = [...balances.values()].reduce((sum, balance) => sum + balance, 0n);
  const overdrawn = [...balances].filter(
    ([account, balance]) => account.startsWith('provider:') !== balance >= 0n && balance !== 0n,
  );
  return [
    ...(total === 0n ? [] : [`debits and credits differ by ${total}`]),
    ...overdrawn.map(([account, balance]) => `${account} has ${balance}`),
  ];
}

function checkAnnounced(world: World, orders: readonly Keyed<Order>[]): string[] {
  const { announced } = world;
  if (announced === null) return [];
  const exceptions = itemsOf<ExceptionRecord>(world, (sk) => sk.startsWith('EXCEPTION#'));
  const owed = new Set([...orders.filter(isPaid), ...exceptions].map(({ order_no }) => order_no));
  return [...owed]
    .filter((order_no) => !announced.includes(`\`${order_no}\``))
    .map((order_no) => `${order_no} was not announced`);
}
