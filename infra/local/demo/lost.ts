import { providers } from '../../../lib/orders/kinds.ts';
import type { Stage } from './stage.ts';
import { checkOut, orderState } from './tenant.ts';
import { waitWhile } from './wait.ts';

/** A pending order is asked about once it is 10 s old and viewed; the sweep comes after a minute. */
const FOUND_WITHIN_MS = 75_000;

const isPending = (state: string): boolean => state === '200 pending';

export type LostPayments = ReadonlyMap<string, string>;

/** Payments that are made, one at each provider, of which no callback ever tells. Order numbers by provider. */
export async function loseCallbacks(stage: Stage): Promise<LostPayments> {
  const { client, report } = stage;
  const lost = new Map<string, string>();
  for (const provider of providers) {
    const { order_no, pay_url } = await checkOut(stage, provider);
    await report.step(`pay at ${provider}; its callback gets lost`, '200 pending', async () => {
      if (provider !== 'wechat') await client.openPage(pay_url);
      await client.pay(provider, order_no, { deliver: false });
      return orderState(stage, order_no);
    });
    lost.set(provider, order_no);
  }
  return lost;
}

/** They are found all the same. */
export async function findLostPayments(stage: Stage, lost: LostPayments): Promise<void> {
  for (const [provider, order_no] of lost) {
    const isFound = await stage.report.step(`the order that ${provider} did not tell of`, '200 paid', () =>
      waitWhile(isPending, FOUND_WITHIN_MS, () => orderState(stage, order_no)),
    );
    if (isFound) stage.paid.push(order_no);
  }
}
