import type { ExceptionRecord } from '../../lib/orders/exception.ts';
import type { JournalEntry } from '../../lib/orders/journal.ts';
import { ownerAccount, providerAccount, suspenseAccount } from '../../lib/orders/journal.ts';
import type { Order } from '../../lib/orders/order.ts';
import { parseOrderNumber } from '../../lib/orders/order-number.ts';
import { type Refund, refundedStatus } from '../../lib/orders/refund.ts';
import { bookingsOf } from './bookings.ts';
import type { InvariantName } from './invariants.ts';
import type { Stage } from './scenario.ts';
import type { Item } from './table/expression.ts';
import { exceptionLabel, isPaidStatus, paymentLabel } from './wecom.ts';

type Report = (invariant: InvariantName, detail: string) => void;

/** Holds the whole table, when all has come to rest, to what always holds. */
export function checkEverything(stage: Stage): void {
  const { world } = stage;
  const groups = Map.groupBy(world.table.items(), ({ pk }) => String(pk));
  for (const [pk, items] of groups) {
    if (!pk.startsWith('ORDER#') || pk === 'ORDER#mall-666') continue;
    const order_no = pk.slice('ORDER#'.length);
    checkOrder(stage, items, (invariant, detail) => world.violate(invariant, order_no, detail));
  }
  const poison = groups.get('ORDER#mall-666') ?? [];
  if (poison.some(({ work }) => !String(work).startsWith('parked#'))) {
    world.violate('nothing_owed', 'mall-666', 'a poison item is not parked');
  }
  checkTransactions(stage);
  checkBalances(stage);
}

function checkOrder(stage: Stage, items: readonly Item[], report: Report): void {
  const order = items.find(({ sk }) => sk === 'ORDER') as unknown as (Order & Item) | undefined;
  if (!order) {
    report('nothing_invented', 'items without an order');
    return;
  }
  const refunds = items.filter(({ sk }) => String(sk).startsWith('REFUND#')) as unknown as (Refund & Item)[];
  const exceptions = items.filter(({ sk }) =>
    String(sk).startsWith('EXCEPTION#'),
  ) as unknown as (ExceptionRecord & Item)[];
  const entries = items.filter(({ sk }) => String(sk).startsWith('ENTRY#')) as unknown as (JournalEntry &
    Item)[];
  checkPayment(order, entries, report);
  checkRefunds(stage, order, refunds, exceptions, entries, report);
  checkWork(items, report);
  checkAnnounced(stage, order, exceptions, report);
  checkExceptions(stage, entries, exceptions, report);
  for (const { sk, amount, reserved = 0, refunded = 0 } of items) {
    if (
      ![amount ?? 0, reserved, refunded].every((value) => Number.isSafeInteger(value) && Number(value) >= 0)
    ) {
      report('integer_money', `${sk}: ${amount}, ${reserved}, ${refunded}`);
    }
  }
}

function checkPayment(order: Order, entries: readonly (JournalEntry & Item)[], report: Report): void {
  const owner = parseOrderNumber(order.order_no);
  const payments = entries.filter(({ sk }) => /^ENTRY#PAYMENT/.test(String(sk)));
  const expected = isPaidStatus({ status: order.status }) && order.amount > 0 ? 1 : 0;
  if (payments.length !== expected) {
    report('paid_once', `${order.status} with ${payments.length} payment entries`);
  }
  if ((order.settlement !== null) !== isPaidStatus({ status: order.status })) {
    report('paid_once', `${order.status} and settlement ${JSON.stringify(order.settlement)}`);
  }
  for (const { amount, currency, provider, debit, credit } of payments) {
    const agrees = amount === order.amount && currency === order.currency && provider === order.provider;
    if (!agrees)
      report('paid_once', `an entry of ${amount} ${currency} for ${order.amount} ${order.currency}`);
    if (debit !== providerAccount(provider) || credit !== (owner && ownerAccount(owner))) {
      report('paid_once', `booked from ${credit} to ${debit}`);
    }
  }
}

function checkRefunds(
  { books }: Stage,
  order: Order,
  refunds: readonly (Refund & Item)[],
  exceptions: readonly (ExceptionRecord & Item)[],
  entries: readonly (JournalEntry & Item)[],
  report: Report,
): void {
  const holders = [
    { name: 'order', key: null as string | null, paid: order.amount, ...reservedOf(order) },
    ...exceptions.map((record) => ({
      name: String(record['sk']),
      key: String(record['sk']),
      paid: record.amount ?? 0,
      ...reservedOf(record),
    })),
  ];
  for (const { name, key, paid, reserved, refunded } of holders) {
    const own = refunds.filter(({ exception_key }) => exception_key === key);
    const sum = (status: string) =>
      own.filter((refund) => refund.status === status).reduce((total, { amount }) => total + amount, 0);
    if (reserved !== sum('open') || refunded !== sum('succeeded') || reserved + refunded > paid) {
      report('refunds_bounded', `${name}: ${reserved} reserved and ${refunded} refunded of ${paid}`);
    }
  }
  if (order.settlement && order.amount > 0 && order.status !== refundedStatus(order)) {
    report('refunds_bounded', `${order.status} with ${order.refunded} of ${order.amount} refunded`);
  }
  for (const { refund_no, n, status, amount } of refunds) {
    const held = books.refunds.get(refund_no)?.state ?? 'failed';
    if (held !== status) report('refund_agrees', `${refund_no} is ${status}, at its provider ${held}`);
    const booked = entries
      .filter(({ sk }) => String(sk).split('#').slice(0, 3).join('#') === `ENTRY#REFUND#${n}`)
      .reduce(
        (total, entry) => total + (entry.credit === providerAccount(entry.provider) ? 1 : -1) * entry.amount,
        0,
      );
    const expected = status === 'succeeded' ? amount : 0;
    if (booked !== expected) report('refunds_bounded', `${refund_no} is ${status} and ${booked} is booked`);
  }
}

const reservedOf = ({ reserved, refunded }: { reserved: number; refunded: number }) => ({
  reserved,
  refunded,
});

function checkWork(items: readonly Item[], report: Report): void {
  for (const { sk, work, work_due } of items) {
    if (work !== undefined) report('nothing_owed', `${sk} owes ${work}, due ${work_due}`);
  }
}

function checkAnnounced(
  { wecom }: Stage,
  { order_no, status }: Order,
  exceptions: readonly ExceptionRecord[],
  report: Report,
): void {
  if (isPaidStatus({ status }) && !wecom.announced.has(paymentLabel(order_no))) {
    report('announced', 'a paid order was not announced');
  }
  for (const [label, records] of Map.groupBy(exceptions, ({ kind }) => exceptionLabel(kind, order_no))) {
    const times = wecom.announced.get(label) ?? 0;
    if (times < records.length) report('announced', `${label}: ${times} of ${records.length} announced`);
  }
}

/** Money in suspense has its record, and a record has its reason. */
function checkExceptions(
  { mail, books }: Stage,
  entries: readonly (JournalEntry & Item)[],
  exceptions: readonly ExceptionRecord[],
  report: Report,
): void {
  for (const { sk, provider, transaction_id } of entries) {
    const isExplained = exceptions.some(
      (record) => record.provider === provider && record.transaction_id === transaction_id,
    );
    if (String(sk).startsWith('ENTRY#SUSPENSE#') && !isExplained) report('exception_recorded', `${sk}`);
  }
  for (const { kind, order_no, provider, transaction_id } of exceptions) {
    const hasReason =
      kind === 'mismatch'
        ? provider === null ||
          mail.messages.some(({ purpose, order }) => purpose.type === 'mismatched' && order === order_no)
        : kind !== 'unknown_refund' || books.refunds.get(transaction_id ?? '')?.state === 'failed';
    if (!hasReason) report('nothing_invented', `an exception ${kind} of ${transaction_id}`);
  }
}

/** From the provider's books to ours, and from our suspense entries back. */
function checkTransactions({ world, books }: Stage): void {
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
function checkBalances({ world, books }: Stage): void {
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
