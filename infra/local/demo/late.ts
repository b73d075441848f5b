import { readLedger } from './ledger.ts';
import { accepted, askRefund } from './refund.ts';
import { type Stage, summary } from './stage.ts';
import { checkOut, orderState } from './tenant.ts';
import { waitWhile } from './wait.ts';

const DECIDED_WITHIN_MS = 10_000;

interface Exception {
  readonly order_no: string;
  readonly kind: string;
  readonly amount: string;
  readonly currency: string;
  readonly transaction_id: string;
}

/** A payment that comes after its order was closed: kept apart, listed, and returned. */
export async function payLate(stage: Stage): Promise<void> {
  const { client, report } = stage;
  const { order_no } = await checkOut(stage, 'stripe');
  await report.step('it closes, and is paid after all', '200 closed, 200 closed', async () => {
    const answers = await client.pay('stripe', order_no, { messages: ['closed', 'paid'] });
    return answers.map(summary).join(', ');
  });
  await report.step('the order', '200 closed', () => orderState(stage, order_no));
  let transaction_id = '';
  await report.step('the list of exceptions', 'paid_after_close 8.80 CNY', async () => {
    const found = await findException(stage, order_no);
    transaction_id = found?.transaction_id ?? '';
    return found ? `${found.kind} ${found.amount} ${found.currency}` : 'not listed';
  });
  await report.step('return the money in suspense', accepted.stripe, () =>
    askRefund(stage, { order_no, transaction_id, reason: '订单已关闭' }, `${order_no}-late`),
  );
  await report.step('the entries of suspense:stripe', 'credit 8.80, debit 8.80', () =>
    waitWhile(
      (entries) => entries === 'credit 8.80',
      DECIDED_WITHIN_MS,
      () => suspenseEntries(stage, order_no),
    ),
  );
}

async function findException({ client, tokens }: Stage, order_no: string): Promise<Exception | undefined> {
  const { data } = await client.api('GET', '/api/pay/exceptions?kind=paid_after_close&limit=100', {
    token: tokens.admin,
  });
  return (data['exceptions'] as Exception[]).find((exception) => exception.order_no === order_no);
}

/** What was booked for the order, in time order. */
async function suspenseEntries(stage: Stage, order_no: string): Promise<string> {
  const { entries } = await readLedger(stage, 'suspense:stripe');
  return entries
    .filter((entry) => entry.order_no === order_no)
    .map(({ debit, amount }) => `${debit === 'suspense:stripe' ? 'debit' : 'credit'} ${amount}`)
    .join(', ');
}
