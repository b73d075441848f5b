import { parseNumber } from '../numbers.ts';
import { type Dispute, isBack, isTaken, type Movement, type Transaction } from '../providers/books.ts';
import { givenBack, movedBy } from '../providers/told.ts';
import type { Town } from '../town.ts';
import { accountOf, type Fields, findPayment, isBooked, type Stored, type StoredOrder } from './stored.ts';

/**
 * Point 9: every movement of money at a provider that Settle did not ask for ends in the books and in an exception,
 * once, from what the providers themselves hold. What no message and no answer has told, only a day's bill can.
 */
export function checkMovements(town: Town, stored: Stored): string[] {
  const own = town.books.transactions.filter(({ origin }) => origin === 'ours');
  return [
    ...own.flatMap((transaction) => checkGivenBack(stored, transaction)),
    ...own.flatMap((transaction) => checkDisputes(town, stored, transaction)),
    ...[...stored.orders.values()].flatMap((order) => checkInvented(town, order)),
    ...[...stored.orders.values()].flatMap(checkExceptionsOfReturns),
    ...[...stored.orders.values()].flatMap(checkAttributed),
    ...[...stored.orders.values()].flatMap(checkBorne),
  ];
}

const net = (entries: readonly Fields[]): number =>
  entries.reduce(
    (sum, { credit, amount }) =>
      sum + (accountOf(credit).startsWith('provider:') ? Number(amount) : -Number(amount)),
    0,
  );

const entriesOf = ({ entries }: StoredOrder, kind: string): readonly Fields[] =>
  entries.filter(({ sk }) => String(sk).startsWith(`ENTRY#${kind}#`));

/** Which payment an entry of what went back is of. */
const paymentOf = ({ sk }: Fields) => Number(String(sk).split('#')[2]);

function checkGivenBack(stored: Stored, transaction: Transaction): string[] {
  const { provider, merchant, number, id, amount } = transaction;
  const found = findPayment(stored, number);
  if (!found) return [];
  const { stored: order, payment, n } = found;
  const holding = [payment, ...order.suspense].find(
    (each) => isBooked(each) && each['transaction_id'] === id,
  );
  // Before a message named it, it is its payment's own.
  const isOwn = (isBooked(payment) && payment['transaction_id'] === null) || holding === payment;
  const held = holding ?? (isOwn ? payment : null);
  if (!held) return [];
  const entries = entriesOf(order, 'RETURN').filter(
    (entry) =>
      paymentOf(entry) === n &&
      (entry['transaction_id'] === id || (isOwn && entry['transaction_id'] === null)),
  );
  const wrong: string[] = [];
  const name = `${provider} ${number} by ${id}`;
  const booked = net(entries);
  const { least, most } = givenBack(transaction);
  if (booked < least || booked > most)
    wrong.push(`${name} has given back from ${least} to ${most} without our asking, and ${booked} is booked`);
  if (held['returned'] !== booked)
    wrong.push(`${name} has ${held['returned']} returned, and ${booked} is booked`);
  for (const entry of entries) {
    const sides = [accountOf(entry['debit']), accountOf(entry['credit'])].sort().join();
    if (sides !== `provider:${provider}.${merchant},suspense:${provider}.${merchant}`)
      wrong.push(`${name} went back, and is booked on ${sides}`);
  }
  const untold = transaction.refunds.reduce(
    (sum, refund) => sum + (isBack(refund) && !isTaken(refund.returned) ? refund.amount : 0),
    0,
  );
  const gone = ['reserved', 'refunded', 'returned'].reduce((sum, field) => sum + Number(held[field]), 0);
  if (gone > amount + untold) wrong.push(`${name} over ${amount} has ${gone} gone`);
  return [...wrong, ...checkLess(order, transaction)];
}

/** It is known to be paid, and not as a whole: people know. */
function checkLess(
  { exceptions, refunds }: StoredOrder,
  { number, whole, less }: Pick<Transaction, 'number' | 'whole' | 'less'>,
): string[] {
  const isKnown = isTaken(less) || (!whole.isSent && less.isSent);
  // What was asked for here may be what it was.
  if (!isKnown || refunds.some(({ payment_no }) => payment_no === number)) return [];
  const isTold = exceptions.some(
    ({ kind, payment_no }) => kind === 'unknown_refund' && payment_no === number,
  );
  return isTold ? [] : [`${number} was said to be given back, and nobody is told`];
}

/** Each booking of what went back is an exception of its amount. */
function checkExceptionsOfReturns(order: StoredOrder): string[] {
  const wrong: string[] = [];
  const amounts = (kind: string) =>
    order.exceptions.filter((exception) => exception['kind'] === kind).map(({ amount }) => Number(amount));
  const left = { out: amounts('unknown_refund'), back: amounts('refund_failed') };
  for (const entry of entriesOf(order, 'RETURN')) {
    const isOut = accountOf(entry['credit']).startsWith('provider:');
    const among = isOut ? left.out : left.back;
    const index = among.indexOf(Number(entry['amount']));
    if (index < 0) wrong.push(`${order.order_no} books ${entry['sk']}, and nobody is told of its amount`);
    else among.splice(index, 1);
  }
  return wrong;
}

/** What the order's owner bears of returns, or has of them again, is at most what their exceptions say, and is kept. */
function checkAttributed(order: StoredOrder): string[] {
  const { order_no, exceptions } = order;
  const holdings = [...order.suspense, ...order.payments.values()];
  const hasComeAgain = exceptions.some(({ kind }) => kind === 'refund_failed');
  const wrong: string[] = [];
  const borne = new Map<Fields | undefined, number>();
  for (const entry of entriesOf(order, 'ATTRIBUTION')) {
    const exception = exceptions.find(({ sk }) =>
      String(entry['sk']).endsWith(String(sk).slice('EXCEPTION#'.length)),
    );
    const { kind, amount, payment_no, transaction_id } = exception ?? {};
    const isAgain = kind === 'refund_failed';
    if (!isAgain && kind !== 'unknown_refund') continue;
    const of = holdings.filter((held) => held['payment_no'] === payment_no);
    const held = of.find((one) => one['transaction_id'] === transaction_id) ?? of.at(-1);
    borne.set(held, (borne.get(held) ?? 0) + (isAgain ? -1 : 1) * Number(entry['amount']));
    // What failed of money without an owner gives it one, for all of it.
    const isAll = entry['amount'] === amount || (isAgain && held?.['attributed_at'] !== null);
    const isPart = hasComeAgain && Number(entry['amount']) < Number(amount);
    const sides = isAgain ? 'suspense,owner' : 'owner,suspense';
    if (!(isAll || isPart) || sidesOf(entry) !== sides)
      wrong.push(`${order_no} bears ${entry['amount']} of ${kind} over ${amount}, on ${sidesOf(entry)}`);
  }
  for (const [held, sum] of borne) {
    if (sum < 0 && held?.['attributed_at'] === null)
      wrong.push(`${order_no} has ${-sum} more of ${held['sk']} than it bore`);
  }
  return wrong;
}

/** What the order's owner bears of a dispute is what was withdrawn when a person last said so. */
function checkBorne(order: StoredOrder): string[] {
  const entries = entriesOf(order, 'ATTRIBUTION');
  return order.disputes.flatMap(({ dispute_id, withdrawn, borne }) => {
    const ofIt = entries.filter(
      ({ sk }) => /#disputed#/.test(String(sk)) && String(sk).includes(`#${dispute_id}#`),
    );
    const sum = ofIt.reduce((total, entry) => {
      const sides = sidesOf(entry);
      if (sides !== 'owner,suspense' && sides !== 'suspense,owner') return Number.NaN;
      return total + (sides === 'owner,suspense' ? 1 : -1) * Number(entry['amount']);
    }, 0);
    const isOpen = order.exceptions.some(
      ({ refund_no, state }) => refund_no === dispute_id && state === 'open',
    );
    const isLast = ofIt.length === 0 || isOpen || borne === withdrawn;
    return sum === borne && isLast
      ? []
      : [`${order.order_no} bears ${sum} of dispute ${dispute_id}, over ${borne} of ${withdrawn}`];
  });
}

const sidesOf = (entry: Fields): string =>
  [entry['debit'], entry['credit']]
    .map((account) =>
      /^(?:shop|tenant)/.test(accountOf(account)) ? 'owner' : accountOf(account).split(':')[0],
    )
    .join();

function checkDisputes(town: Town, stored: Stored, transaction: Transaction): string[] {
  const found = findPayment(stored, transaction.number);
  if (!found) return [];
  return transaction.disputes.flatMap((dispute) => checkDispute(town, found.stored, transaction, dispute));
}

const DAY_MS = 86_400_000;

function checkDispute(
  { clock, wecom }: Town,
  order: StoredOrder,
  transaction: Transaction,
  dispute: Dispute,
): string[] {
  const { id, amount, reason, opened, closed, status, due_by, closed_at, movements } = dispute;
  const item = order.disputes.find(({ dispute_id }) => dispute_id === id);
  const told = order.exceptions.filter(({ kind, refund_no }) => kind === 'disputed' && refund_no === id);
  if (!item) return isTaken(opened) ? [`${id} of ${transaction.number} is told, and not stored`] : [];
  const wrong: string[] = [];
  if (told.length !== 1) wrong.push(`${id} is ${told.length} exceptions`);
  for (const { amount: said, reason: why, due_by: until } of told) {
    if (said !== amount || why !== reason)
      wrong.push(`${id} over ${amount} for ${reason} is told as ${said}, ${why}`);
    const expected = due_by === 0 ? null : Math.floor(due_by / 1_000) * 1_000;
    const isLate = expected !== null && expected < (opened.taken_at ?? 0);
    if (!isLate && (until === null ? null : Date.parse(String(until))) !== expected)
      wrong.push(`${id} can be answered until ${due_by}, and people are told ${until}`);
  }
  const states = { won: 'won', warning_closed: 'won', lost: 'lost' } as const;
  const outcome = status in states ? states[status as keyof typeof states] : 'open';
  const allowed = isTaken(closed) ? [outcome] : ['open', ...(closed.isSent ? [outcome] : [])];
  if (!allowed.includes(String(item['state']))) wrong.push(`${id} is ${status}, and ${item['state']} here`);
  if (item['amount'] !== amount) wrong.push(`${id} over ${amount} is stored over ${item['amount']}`);
  for (const movement of movements) wrong.push(...checkMovement(order, transaction, movement));
  const moved = movedBy(dispute);
  const bounds = [-moved.least, -moved.most];
  const withdrawn = Number(item['withdrawn']);
  if (withdrawn < Math.min(...bounds) || withdrawn > Math.max(...bounds))
    wrong.push(`${id} has ${withdrawn} withdrawn, and not ${bounds.join(' to ')}`);
  const reminded_at = due_by - 2 * DAY_MS;
  const isDue =
    due_by > 0 &&
    opened.taken_at !== null &&
    opened.taken_at < reminded_at - DAY_MS / 24 &&
    (closed_at === null || closed_at > reminded_at + DAY_MS / 4) &&
    clock.now() > reminded_at + DAY_MS / 4;
  const isReminded = wecom.messages.some(
    ({ time, content }) =>
      time >= reminded_at - 60_000 &&
      time <= due_by &&
      content.includes(`\`${transaction.number}\``) &&
      content.includes('争议'),
  );
  if (isDue && !isReminded)
    wrong.push(`nobody was reminded of ${id} before ${new Date(due_by).toISOString()}`);
  return wrong;
}

/** What a bank took or gave up is booked once, and so is the fee. */
function checkMovement(
  order: StoredOrder,
  { provider, merchant, number, currency }: Transaction,
  movement: Movement,
) {
  const { id, told, disputed, fee, currency: balance } = movement;
  const name = `${id} of ${number}`;
  const check = (kind: string, from: string, amount: number, of: string): string[] => {
    const entries = entriesOf(order, kind).filter(({ sk }) => String(sk).includes(id));
    const expected = amount === 0 ? 0 : 1;
    const isRight = entries.length === expected || (entries.length === 0 && !isTaken(told));
    if (!isRight || (entries.length > 0 && !told.isSent))
      return [`${name} is booked ${entries.length} times as ${kind}`];
    return entries.flatMap((entry) => {
      const sides = [accountOf(entry['debit']), accountOf(entry['credit'])].sort().join();
      const isGood =
        sides === [`${from}:${provider}.${merchant}`, `provider:${provider}.${merchant}`].sort().join() &&
        net([entry]) === amount &&
        entry['currency'] === of;
      return isGood
        ? []
        : [`${name} over ${amount} ${of} is booked as ${net([entry])} ${entry['currency']} on ${sides}`];
    });
  };
  return [...check('DISPUTE', 'suspense', -disputed, currency), ...check('FEE', 'fees', fee, balance)];
}

/** Nothing is booked that no provider moved. */
function checkInvented({ books }: Town, { order_no, disputes, entries, returns }: StoredOrder): string[] {
  const own = books.transactions.filter(({ number }) => parseNumber(number)?.order_no === order_no);
  const wrong: string[] = [];
  const known = own.flatMap((transaction) => transaction.disputes);
  for (const { dispute_id } of disputes)
    if (!known.some(({ id }) => id === dispute_id))
      wrong.push(`${order_no} has the dispute ${dispute_id}, and no bank`);
  const movements = known.flatMap((dispute) => dispute.movements);
  for (const { sk } of entries) {
    if (!/^ENTRY#(?:DISPUTE|FEE)#/.test(String(sk))) continue;
    if (!movements.some(({ id }) => String(sk).includes(id)))
      wrong.push(`${order_no} books ${sk}, and nothing moved`);
  }
  const refunds = own.flatMap((transaction) => transaction.refunds);
  for (const { return_id, amount } of returns) {
    const isThere = refunds.some(
      (refund) =>
        refund.origin === 'console' &&
        [refund.id, refund.request_no].includes(String(return_id)) &&
        refund.amount === amount,
    );
    if (!isThere) wrong.push(`${order_no} has ${amount} returned as ${return_id}, and nobody gave it back`);
  }
  return wrong;
}
