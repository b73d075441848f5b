import { readLedger } from './ledger.ts';
import { accepted, askRefund } from './refund.ts';
import { handOver } from './shop.ts';
import { acknowledged, type Stage, summary } from './stage.ts';
import { orderState } from './tenant.ts';
import { waitWhile } from './wait.ts';

const DECIDED_WITHIN_MS = 10_000;

interface Exception {
  readonly order_no: string;
  readonly kind: string;
  readonly amount: string;
  readonly currency: string;
  readonly merchant: string;
  readonly transaction_id: string;
}

/** A payment that comes after its order was given another amount: kept apart, listed, and returned. */
export async function payLate(stage: Stage): Promise<void> {
  const { client, tokens, report } = stage;
  const { id, path, order_no } = await handOver(stage, 'mall', 8.8);
  await report.step('ask for payment parameters', '200 获取支付参数成功', async () => {
    const { status, message } = await client.api('POST', `${path}/pay`, { token: tokens.user });
    return `${status} ${message}`;
  });
  await handOver(stage, 'mall', 9.9, id);
  await report.step('the first amount is paid after all', acknowledged.wechat, async () =>
    (await client.pay('wechat', order_no, { late: true })).map(summary).join(),
  );
  await report.step('the order', '200 pending', () => orderState(stage, order_no));
  let found: Exception | undefined;
  await report.step('the list of exceptions', 'paid_superseded 8.80 CNY', async () => {
    found = await findException(stage, order_no);
    return found ? `${found.kind} ${found.amount} ${found.currency}` : 'not listed';
  });
  await report.step('return the money in suspense', accepted.wechat, () =>
    askRefund(
      stage,
      { order_no, transaction_id: found?.transaction_id ?? '', reason: '金额已更改' },
      `${order_no}-late`,
    ),
  );
  const account = `suspense:wechat.${found?.merchant}`;
  await report.step('the entries of what is in suspense', 'credit 8.80, debit 8.80', () =>
    waitWhile(
      (entries) => entries === 'credit 8.80',
      DECIDED_WITHIN_MS,
      () => entriesOf(stage, account, order_no),
    ),
  );
}

async function findException({ client, tokens }: Stage, order_no: string): Promise<Exception | undefined> {
  const { data } = await client.api('GET', '/api/pay/exceptions?kind=paid_superseded&limit=100', {
    token: tokens.admin,
  });
  return (data['exceptions'] as Exception[]).find((exception) => exception.order_no === order_no);
}

/** What was booked to the account for the order, in time order. */
async function entriesOf(stage: Stage, account: string, order_no: string): Promise<string> {
  const { entries } = await readLedger(stage, account);
  return entries
    .filter((entry) => entry.order_no === order_no)
    .map(({ debit, amount }) => `${debit === account ? 'debit' : 'credit'} ${amount}`)
    .join(', ');
}
