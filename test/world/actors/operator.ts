import { parseNumber } from '../numbers.ts';
import { leftOf, type Transaction } from '../providers/books.ts';
import type { Town } from '../town.ts';
import { admin, callAs, callUntilDecided, dataOf } from './client.ts';

/** An operator: reads the lists, and gives money back, of orders and of what is in suspense. */
export async function runOperator(town: Town): Promise<void> {
  await runRounds(town);
  if (town.random.chance(0.5)) return;
  await town.clock.sleep(town.random.pick([3_600_000, 43_200_000]));
  await repair(town);
}

async function runRounds(town: Town): Promise<void> {
  const { random, clock, books } = town;
  for (let rounds = town.likely.has('refunds') ? 5 : random.pick([0, 1, 2, 3]); rounds > 0; rounds -= 1) {
    await clock.sleep(random.pick([600_000, 1_800_000, 5_400_000]) + random.below(60_000));
    if (clock.now() > town.closing_at) return;
    if (random.chance(0.2)) await readLists(town);
    const own = books.transactions.filter(({ origin }) => origin === 'ours');
    // What came in under a number that was paid already is first to go back.
    const further = own.filter((one) => isFurther(town, one));
    const subjects = further.length > 0 && random.chance(0.7) ? further : own;
    if (subjects.length > 0) await askForRefund(town, random.pick(subjects));
    if (random.chance(0.5)) await repair(town);
  }
}

/** What a payer's bank refused is sent to the merchant's own account; a second click changes nothing. */
async function repair(town: Town): Promise<void> {
  const { random, books, marks } = town;
  const abnormal = books.transactions.flatMap(({ refunds }) =>
    refunds.filter(({ state, origin }) => state === 'abnormal' && origin === 'asked'),
  );
  if (abnormal.length === 0) return;
  const path = `/api/pay/refunds/${random.pick(abnormal).request_no}/repair`;
  marks.take('repair_asked');
  await Promise.all(
    Array.from({ length: random.pick([1, 1, 2]) }, () =>
      callUntilDecided(town, admin, { method: 'POST', path }),
    ),
  );
}

const isFurther = ({ books }: Town, { number, id }: Transaction): boolean =>
  books.transactions.find((one) => one.number === number && one.origin === 'ours')?.id !== id;

async function readLists(town: Town): Promise<void> {
  await callAs(town, admin, { method: 'GET', path: '/api/pay/exceptions' });
  await callAs(town, admin, { method: 'GET', path: '/api/pay/orders?kind=mall&status=paid' });
  await callAs(town, admin, { method: 'GET', path: `/api/pay/ledger/${encodeURIComponent('shop:mall')}` });
}

/** Asks Settle to give back what a transaction brought, or a part of it. */
export async function askForRefund(town: Town, transaction: Transaction): Promise<void> {
  const { random, marks } = town;
  const order_no = parseNumber(transaction.number)?.order_no ?? transaction.number;
  const left = leftOf(transaction);
  const unit = { JPY: 1, KWD: 1_000 }[transaction.currency] ?? 100;
  const step = transaction.currency === 'KWD' ? 10 : 1;
  const part = Math.max(step, Math.floor((left * random.next()) / step) * step);
  const body = {
    order_no,
    reason: random.pick(['客户退货', 'out of stock']),
    ...(random.chance(0.5) ? { amount: part / unit } : {}),
    ...(random.chance(0.5) || isFurther(town, transaction) ? { transaction_id: transaction.id } : {}),
  };
  const callWith = (key: string) =>
    ({ method: 'POST', path: '/api/pay/refund', body, headers: { 'idempotency-key': key } }) as const;
  marks.take('refund_asked');
  const call = callWith(`refund-${random.text(10)}`);
  if (random.chance(0.2)) {
    marks.take('refunds_at_once');
    await Promise.all([
      callAs(town, admin, call),
      callAs(town, admin, callWith(`refund-${random.text(10)}`)),
    ]);
  }
  const reply = await callUntilDecided(town, admin, call);
  if (reply && reply.status < 300 && random.chance(0.4)) {
    marks.take('refund_repeated');
    const again = await callUntilDecided(town, admin, call);
    const [first, second] = [reply, again].map((each) => dataOf(each)?.['refund_no']);
    if (again && again.status < 300 && first !== second)
      town.notes.violations.push(`a refund asked for again is ${second} and was ${first}`);
  }
}
