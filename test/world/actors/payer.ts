import type { ShopOrderPlan, Town } from '../town.ts';
import type { Reply } from '../wire.ts';
import { callAs, dataOf } from './client.ts';

/** A payer in the mini-program: comes and goes, looks, pays, and sometimes pays with what he was given long ago. */
export async function runPayer(town: Town, plan: ShopOrderPlan): Promise<void> {
  const { random, clock, marks } = town;
  const kept: string[] = [];
  const visits = random.pick([1, 2, 2, 3, 5]);
  for (let visit = 0; visit < visits; visit += 1) {
    const isEager = town.likely.has('eager_payers') || town.likely.has('changes');
    const isLate = town.likely.has('late_visits') && visit > 0;
    await clock.sleep(
      random.pick(
        isLate
          ? [6_930_000, 7_000_000, 7_100_000]
          : isEager
            ? [200, 800, 3_000]
            : [400, 3_000, 30_000, 600_000, 7_500_000],
      ) + random.below(isLate ? 120_000 : 3_000),
    );
    if (clock.now() > town.closing_at) return;
    if (random.chance(0.3)) {
      await callAs(town, payerOf(plan), { method: 'GET', path: pathOf(plan) });
      continue;
    }
    // Impatient payers press the button twice.
    const presses = random.chance(0.2) ? 2 : 1;
    if (presses === 2) marks.take('paid_twice_at_once');
    const replies = await Promise.all(Array.from({ length: presses }, () => requestPayment(town, plan)));
    for (const prepay_id of replies.map(prepayOf)) if (prepay_id) kept.push(prepay_id);
    if (kept.length === 0) continue;
    await clock.sleep(random.pick([2_000, 2_000, 20_000, 900_000]));
    const handle = random.chance(0.25) ? (kept[0] as string) : (kept.at(-1) as string);
    payWith(town, plan, handle);
  }
}

function payWith(town: Town, plan: ShopOrderPlan, handle: string): void {
  const { random, wechat, marks } = town;
  const trade = wechat.tradeOf(handle);
  if (!trade) return;
  if (random.chance(town.likely.has('eager_payers') ? 0.02 : 0.2)) {
    town.tell(`the payer of ${plan.order_no} leaves`);
    return;
  }
  if (random.chance(town.likely.has('failing_payers') ? 0.6 : 0.15)) {
    wechat.fail(handle);
    return;
  }
  const refusal = wechat.pay(handle, trade.openid);
  if (refusal) marks.take('provider_takes_no_payment');
  else if (
    trade.transactions.length > 0 &&
    random.chance(town.likely.has('second_transactions') ? 0.7 : 0.06)
  )
    wechat.takeTwice(trade);
}

const payerOf = (plan: ShopOrderPlan) =>
  ({ sub: (plan.stored ?? plan.sent)?.user_id ?? 'nobody', role: 'user' }) as const;

const pathOf = ({ kind, id }: ShopOrderPlan) => `/v2/orders/${kind}/${id}`;

export const requestPayment = (town: Town, plan: ShopOrderPlan): Promise<Reply> =>
  callAs(town, payerOf(plan), { method: 'POST', path: `${pathOf(plan)}/pay` });

/** What the mini-program calls WeChat with; null where there is nothing to pay with. */
export function prepayOf(reply: Reply): string | null {
  if (reply?.status !== 200) return null;
  const prepay = dataOf(reply)?.['package'];
  return typeof prepay === 'string' ? prepay.slice('prepay_id='.length) : null;
}
