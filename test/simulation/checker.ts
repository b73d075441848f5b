import { ownerAccount, providerAccount } from '../../lib/orders/journal.ts';
import { parseOrderNumber } from '../../lib/orders/order-number.ts';
import { checkBalances, checkTransactions } from './check-books.ts';
import { checkRefunds } from './check-refunds.ts';
import type { Stage } from './stage.ts';
import { type Report, type StoredOrder, storedOrder } from './stored-order.ts';
import { POISON } from './trouble.ts';
import { exceptionLabel, isPaidStatus, paymentLabel } from './wecom.ts';

/** Holds the whole table, when all has come to rest, to what always holds. */
export function checkEverything(stage: Stage): void {
  const { world, books } = stage;
  for (const [pk, items] of Map.groupBy(world.table.items(), (item) => String(item['pk']))) {
    if (!pk.startsWith('ORDER#')) continue;
    const order_no = pk.slice('ORDER#'.length);
    const report: Report = (invariant, detail) => world.violate(invariant, order_no, detail);
    const stored = storedOrder(items);
    if (order_no === POISON) {
      const isParked = items.every(({ work }) => String(work).startsWith('parked#'));
      if (!isParked) report('nothing_owed', 'a poison item is not parked');
    } else if (stored) {
      checkPayment(stored, report);
      checkRefunds(stored, books, report);
      checkItems(stored, report);
      checkExceptions(stored, stage, report);
      checkAnnounced(stored, stage, report);
    } else report('nothing_invented', 'items without an order');
  }
  checkTransactions(stage);
  checkBalances(stage);
}

function checkPayment({ order, entries }: StoredOrder, report: Report): void {
  const owner = parseOrderNumber(order.order_no);
  const { status, settlement } = order;
  const payments = entries.filter(({ sk }) => sk.startsWith('ENTRY#PAYMENT'));
  const expected = isPaidStatus({ status }) && order.amount > 0 ? 1 : 0;
  if (payments.length !== expected) {
    report('paid_once', `${status} with ${payments.length} payment entries`);
  }
  if ((settlement !== null) !== isPaidStatus({ status })) {
    report('paid_once', `${status} with settlement ${JSON.stringify(settlement)}`);
  }
  for (const { amount, currency, provider, debit, credit } of payments) {
    if (amount !== order.amount || currency !== order.currency || provider !== order.provider) {
      report('paid_once', `${amount} ${currency} is booked for ${order.amount} ${order.currency}`);
    }
    if (debit !== providerAccount(provider) || credit !== (owner && ownerAccount(owner))) {
      report('paid_once', `booked from ${credit} to ${debit}`);
    }
  }
}

function checkItems({ items }: StoredOrder, report: Report): void {
  for (const { sk, amount, reserved, refunded, work, work_due } of items) {
    if (work !== undefined) report('nothing_owed', `${sk} owes ${work}, due ${work_due}`);
    for (const value of [amount, reserved, refunded]) {
      if (value === undefined || value === null) continue;
      if (!Number.isSafeInteger(value) || Number(value) < 0) report('integer_money', `${sk}: ${value}`);
    }
  }
}

/** Money in suspense has its record, and a record has its reason. */
function checkExceptions({ entries, exceptions }: StoredOrder, { mail, books }: Stage, report: Report): void {
  for (const { sk, provider, transaction_id } of entries) {
    const isExplained = exceptions.some(
      (record) => record.provider === provider && record.transaction_id === transaction_id,
    );
    if (sk.startsWith('ENTRY#SUSPENSE#') && !isExplained) report('exception_recorded', sk);
  }
  for (const { kind, order_no, provider, transaction_id } of exceptions) {
    const isOfMismatch = mail.messages.some(
      ({ purpose, order }) => purpose.type === 'mismatched' && order === order_no,
    );
    const isOfSentBack = books.refunds.get(transaction_id ?? '')?.state === 'failed';
    // An order without a provider costs nothing; it was changed while it was being paid.
    if (kind === 'mismatch' && (provider === null || isOfMismatch)) continue;
    if (kind === 'unknown_refund' && isOfSentBack) continue;
    if (kind.startsWith('paid_')) continue;
    report('nothing_invented', `an exception ${kind} of ${transaction_id}`);
  }
}

function checkAnnounced({ order, exceptions }: StoredOrder, { wecom }: Stage, report: Report): void {
  const { order_no, status } = order;
  if (isPaidStatus({ status }) && !wecom.announced.has(paymentLabel(order_no))) {
    report('announced', 'a paid order was not announced');
  }
  for (const [label, records] of Map.groupBy(exceptions, ({ kind }) => exceptionLabel(kind, order_no))) {
    const times = wecom.announced.get(label) ?? 0;
    if (times < records.length) report('announced', `${label}: ${times} of ${records.length} announced`);
  }
}
