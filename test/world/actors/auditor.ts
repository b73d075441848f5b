import { merchantName } from '../documents.ts';
import { confirmedAs, isBooked } from '../invariants/stored.ts';
import { parseNumber } from '../numbers.ts';
import { providerNames, type Transaction } from '../providers/books.ts';
import { givenBack, movedBy, type Range } from '../providers/told.ts';
import type { MemoryTable } from '../table/memory-table.ts';
import type { Town } from '../town.ts';
import type { Reply } from '../wire.ts';
import { admin, callAs, dataOf } from './client.ts';

/** An auditor, when all is quiet: what the API says of orders, their lists, exceptions and accounts is what is so. */
export async function audit(town: Town, table: MemoryTable, since_ms: number): Promise<void> {
  const orders = table.items().filter(({ sk, pk }) => sk === 'ORDER' && pk !== town.notes.poison?.pk);
  for (const order of orders) await auditOrder(town, table, order);
  await auditLists(town, orders, since_ms);
  await auditExceptions(town, table);
  await auditAccounts(town, table, since_ms);
}

type Fields = Readonly<Record<string, unknown>>;

const digits: Readonly<Record<string, number>> = { CNY: 2, USD: 2, JPY: 0, KWD: 3 };

async function auditOrder(town: Town, table: MemoryTable, order: Fields): Promise<void> {
  const { notes, books } = town;
  const order_no = String(order['order_no']);
  const reply = await askFor(town, order);
  const state = dataOf(reply);
  if (reply?.status !== 200 || !state)
    return void notes.violations.push(`the state of ${order_no} is ${reply?.status}`);
  const stored = table.get(`ORDER#${order_no}`, 'ORDER') ?? {};
  const amount = (Number(stored['amount']) / 10 ** (digits[String(stored['currency'])] ?? 2)).toFixed(
    digits[String(stored['currency'])],
  );
  if (
    state['status'] !== stored['status'] ||
    state['amount'] !== amount ||
    state['currency'] !== stored['currency']
  ) {
    notes.violations.push(
      `${order_no} is told to be ${state['status']} over ${state['amount']}, and is ${stored['status']} over ${amount}`,
    );
  }
  const paid = books.transactions.filter(
    ({ number, origin }) =>
      origin === 'ours' &&
      parseNumber(number)?.order_no === order_no &&
      parseNumber(number)?.n === stored['paid_by'],
  );
  const isNamedRight =
    state['transaction_id'] === null || paid.some(({ id }) => id === state['transaction_id']);
  if (stored['paid_by'] !== null && !isNamedRight)
    notes.violations.push(`${order_no} is told to be paid by ${state['transaction_id']}`);
  await auditHistory(town, table, order);
}

/** Of an order, all that is booked and all that was asked for is told, with who asked. */
async function auditHistory(town: Town, table: MemoryTable, { order_no, user_id }: Fields): Promise<void> {
  const { notes } = town;
  const path = `/api/pay/orders/${order_no}/history`;
  const reply = await callAs(town, admin, { method: 'GET', path });
  const { order, history = [] } = (dataOf(reply) ?? {}) as { order?: Fields; history?: Fields[] };
  const own = table.items().filter(({ pk }) => pk === `ORDER#${order_no}`);
  const count = (type: string) => history.filter((item) => item['type'] === type).length;
  const told = ['payment', 'suspense', 'refund', 'exception', 'entry'].map(count).join();
  const under = (prefix: string) => own.filter(({ sk }) => String(sk).startsWith(prefix)).length;
  const booked = own.filter(isBooked).length;
  const stored = [...['PAYMENT#', 'SUSPENSE#', 'REFUND#', 'EXCEPTION#'].map(under), booked].join();
  if (told !== stored)
    notes.violations.push(`the history of ${order_no} has ${told} and should have ${stored}`);
  const strangers = history.filter(
    ({ type, requested_by }) => type === 'refund' && requested_by !== admin.sub,
  );
  if (strangers.length > 0) notes.violations.push(`a refund of ${order_no} was asked for by somebody else`);
  // The sweep, an admin, or its owner: a user, or somebody of its tenant.
  const owners = [user_id, `tenant-${order?.['tenant_id']}`];
  if (![null, admin.sub, ...owners].includes(order?.['closed_by'] as string | null))
    notes.violations.push(`${order_no} was closed by ${order?.['closed_by']}`);
}

const statuses = ['pending', 'paid', 'failed', 'closed', 'refunding', 'refunded'];

/** The orders of each owner, all of them and those of a status, stand in its list, the newest first, and nowhere else. */
async function auditLists(town: Town, orders: readonly Fields[], since_ms: number): Promise<void> {
  const whose = ({ kind, tenant_id }: Fields) =>
    kind === 'tenant' ? `tenant_id=${tenant_id}` : `kind=${kind}`;
  const from = new Date(since_ms - 3_600_000).toISOString();
  const to = new Date(town.clock.now() + 3_600_000).toISOString();
  for (const [owner, own] of Map.groupBy(orders, whose)) {
    for (const status of [null, town.random.pick(statuses)]) {
      const told = await listOrders(
        town,
        `${owner}&from=${from}&to=${to}${status ? `&status=${status}` : ''}`,
      );
      const wanted = own.filter((order) => status === null || order['status'] === status);
      const times = told.map(({ created_at }) => String(created_at));
      if (told.map(numberOf).sort().join() !== wanted.map(numberOf).sort().join())
        town.notes.violations.push(
          `the list ${owner} ${status} is ${told.map(numberOf)}, not ${wanted.map(numberOf)}`,
        );
      if (times.join() !== times.toSorted().reverse().join())
        town.notes.violations.push(`the list ${owner} ${status} is not by time: ${times}`);
    }
  }
}

const numberOf = ({ order_no }: Fields) => String(order_no);

async function listOrders(town: Town, query: string): Promise<Fields[]> {
  const told: Fields[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const place: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const reply = await callAs(town, admin, {
      method: 'GET',
      path: `/api/pay/orders?limit=3&${query}${place}`,
    });
    const data = dataOf(reply) as { orders: Fields[]; cursor: string | null } | null;
    told.push(...(data?.orders ?? []));
    cursor = data?.cursor ?? null;
    if (cursor === null) break;
  }
  return told;
}

function askFor(town: Town, order: Fields): Promise<Reply> {
  const { kind, id, user_id, tenant_id, order_no } = order;
  if (kind !== 'tenant')
    return callAs(
      town,
      { sub: String(user_id), role: 'user' },
      { method: 'GET', path: `/v2/orders/${kind}/${id}` },
    );
  const claims = { sub: 'auditor', role: 'admin', tenant_id: Number(tenant_id) } as const;
  return callAs(town, claims, { method: 'GET', path: `/api/pay/orders/${order_no}` });
}

const MAX_PAGES = 20;

async function auditExceptions(town: Town, table: MemoryTable): Promise<void> {
  const told: string[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const reply = await callAs(town, admin, { method: 'GET', path: `/api/pay/exceptions?limit=3${query}` });
    const data = dataOf(reply) as { exceptions: Fields[]; cursor: string | null } | null;
    told.push(...(data?.exceptions ?? []).map(nameOf));
    cursor = data?.cursor ?? null;
    if (cursor === null) break;
  }
  const open = table
    .items()
    .filter(
      ({ pk, sk, state }) =>
        pk !== town.notes.poison?.pk && String(sk).startsWith('EXCEPTION#') && state === 'open',
    )
    .map(nameOf);
  if (told.sort().join() !== open.sort().join())
    town.notes.violations.push(`the list of exceptions is ${told.join()} and should be ${open.join()}`);
}

const nameOf = ({ kind, payment_no, order_no, transaction_id, refund_no }: Fields) =>
  [kind, order_no, payment_no, transaction_id, refund_no].join(' ');

/** What a provider holds for the merchant is what it took and did not give back. */
async function auditAccounts(town: Town, table: MemoryTable, since_ms: number): Promise<void> {
  const { notes, books, clock } = town;
  const exceptions = table.items().filter(({ sk }) => String(sk).startsWith('EXCEPTION#'));
  const merchants = providerNames.flatMap((provider) =>
    (['stage', 'tenant'] as const).flatMap((owner) =>
      ([0, 1] as const).map((which) => [provider, merchantName(provider, owner, which)] as const),
    ),
  );
  const from = new Date(since_ms - 3_600_000).toISOString();
  const to = new Date(clock.now() + 3_600_000).toISOString();
  for (const [provider, merchant] of merchants) {
    // What is never found out of one that is not known is not booked.
    if (town.setup.wasMissing(provider, merchant)) continue;
    const account = `provider:${provider}.${merchant}`;
    const reply = await callAs(town, admin, {
      method: 'GET',
      path: `/api/pay/ledger/${encodeURIComponent(account)}?from=${from}&to=${to}`,
    });
    const { sums = [] } = (dataOf(reply) ?? {}) as {
      sums?: { currency: string; debit: string; credit: string }[];
    };
    const held = books.transactions
      .filter((each) => each.provider === provider && each.merchant === merchant)
      .map((each) => ({ ...each, confirmed: confirmedAs(exceptions, each) }))
      .filter(({ origin, confirmed }) => origin === 'ours' || confirmed);
    for (const currency of Object.keys(digits)) {
      const { least, most } = held
        .map(({ confirmed, ...transaction }) => heldOf({ ...transaction, ...countedAs(confirmed) }, currency))
        .reduce((sum, each) => ({ least: sum.least + each.least, most: sum.most + each.most }), nothing);
      const told = sums.find((sum) => sum.currency === currency) ?? { debit: '0', credit: '0' };
      const net = Math.round((Number(told.debit) - Number(told.credit)) * 10 ** (digits[currency] ?? 2));
      if (reply?.status !== 200 || net < least || net > most)
        notes.violations.push(
          `${account} holds from ${least} to ${most} ${currency}, and its ledger says ${net} (${reply?.status})`,
        );
    }
  }
}

const nothing: Range = { least: 0, most: 0 };

/** What it took by the word of people who had it given back, and by no provider's. */
const countedAs = (confirmed: Fields | undefined): Partial<Pick<Transaction, 'amount' | 'currency'>> =>
  confirmed ? { amount: Number(confirmed['amount']), currency: String(confirmed['currency']) } : {};

/** What a provider holds of a transaction by its own record, as far as Settle can know of it. */
function heldOf(transaction: Transaction, currency: string): Range {
  const { amount, refunds, disputes } = transaction;
  const fees = disputes.flatMap(({ movements }) => movements.filter((each) => each.currency === currency));
  const parts: Range[] = fees.map(({ told, fee }) => ({
    least: told.isSent ? -fee : 0,
    most: told.taken_at === null ? 0 : -fee,
  }));
  if (transaction.currency === currency) {
    // What is on its way back, or lies at WeChat because a bank did not take it, is not booked.
    const asked = refunds
      .filter(({ origin, state }) => origin === 'asked' && state === 'succeeded')
      .reduce((sum, refund) => sum + refund.amount, 0);
    const gone = givenBack(transaction);
    parts.push(
      { least: amount - asked - gone.most, most: amount - asked - gone.least },
      ...disputes.map(movedBy),
    );
  }
  return parts
    .map(({ least, most }) => ({ least: Math.min(least, most), most: Math.max(least, most) }))
    .reduce((sum, each) => ({ least: sum.least + each.least, most: sum.most + each.most }), nothing);
}
