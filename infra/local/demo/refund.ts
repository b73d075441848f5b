import type { Provider } from '../../../lib/orders/kinds.ts';
import type { Stage } from './stage.ts';
import { orderState } from './tenant.ts';
import { waitWhile } from './wait.ts';

/** The simulators decide within a second. */
const DECIDED_WITHIN_MS = 10_000;

export interface RefundBody {
  readonly order_no: string;
  readonly reason: string;
  readonly amount?: number;
  readonly transaction_id?: string;
}

/** WeChat Pay and Stripe take a refund and decide on it later; Alipay decides at once. */
export const accepted: Readonly<Record<Provider, string>> = {
  wechat: '202 open',
  alipay: '200 succeeded',
  stripe: '202 open',
};

/** Returns what a tenant's order of 8.80 was paid with: too much, a part, the rest, and once more. */
export async function refundCheckout(stage: Stage, provider: Provider, order_no: string): Promise<void> {
  const { report } = stage;
  const decided = () =>
    waitWhile(
      (state) => state === '200 refunding',
      DECIDED_WITHIN_MS,
      () => orderState(stage, order_no),
    );
  const part = { order_no, amount: 3, reason: '少发一件' };
  const partKey = `${order_no}-part`;

  await report.step('return more than was paid', '400', async () =>
    (await askRefund(stage, { ...part, amount: 8.81 }, `${order_no}-much`)).slice(0, 3),
  );
  await report.step('return 3.00 of it', accepted[provider], () => askRefund(stage, part, partKey));
  await report.step(`the order, once ${provider} has decided`, '200 paid', decided);
  await report.step('the same request again', '200 succeeded', () => askRefund(stage, part, partKey));
  await report.step('the same key for another amount', '409', async () =>
    (await askRefund(stage, { ...part, amount: 4 }, partKey)).slice(0, 3),
  );
  const rest = { order_no, reason: '退货' };
  await report.step('return the rest', accepted[provider], () => askRefund(stage, rest, `${order_no}-rest`));
  await report.step(`the order, once ${provider} has decided`, '200 refunded', decided);
  await report.step('return once more', '409', async () =>
    (await askRefund(stage, rest, `${order_no}-more`)).slice(0, 3),
  );
}

/** The answer's status, and the refund's. */
export async function askRefund({ client, tokens }: Stage, body: RefundBody, key: string): Promise<string> {
  const { status, message, data } = await client.api('POST', '/api/pay/refund', {
    token: tokens.admin,
    body,
    idempotencyKey: key,
  });
  return `${status} ${data['status'] ?? message}`;
}
