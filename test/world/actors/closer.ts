import type { TokenClaims } from '../documents.ts';
import type { ShopOrderPlan, Town } from '../town.ts';
import type { Reply } from '../wire.ts';
import { admin, callAs, callUntilDecided } from './client.ts';
import { prepayOf, requestPayment } from './payer.ts';

/** Those who give an order up: its owner, or the shop; at any moment, and at the very one at which it is paid or over. */
export async function runCloser(town: Town, plan: ShopOrderPlan): Promise<void> {
  const { random, clock, marks, likely } = town;
  const isBusy = likely.has('closings');
  if (!random.chance(isBusy ? 1 : 0.2)) return;
  for (let rounds = isBusy ? random.between(1, 4) : random.between(1, 2); rounds > 0; rounds -= 1) {
    await clock.sleep(
      random.pick(isBusy ? [500, 4_000, 20_000] : [3_000, 600_000, 5_400_000]) + random.below(3_000),
    );
    if (clock.now() > town.closing_at) return;
    if (random.chance(0.05)) await closeOthers(town, plan);
    await random.pick([closeNow, closeWhilePaid, closeAtDeadline])(town, plan);
    if (random.chance(0.3)) {
      marks.take('closed_twice_at_once');
      await Promise.all([closeNow(town, plan), closeNow(town, plan)]);
    }
  }
}

async function closeNow(town: Town, plan: ShopOrderPlan): Promise<void> {
  const { user_id } = plan.stored ?? plan.sent ?? { user_id: 'nobody' };
  const isOwner = town.random.chance(0.5);
  const path = isOwner
    ? `/v2/orders/${plan.kind}/${plan.id}/close`
    : `/api/pay/orders/${plan.order_no}/close`;
  await closeAs(town, isOwner ? { sub: user_id, role: 'user' } : admin, path);
}

/** The payer asks for what to pay with, pays, and somebody gives the order up meanwhile. */
async function closeWhilePaid(town: Town, plan: ShopOrderPlan): Promise<void> {
  const { random, clock, wechat } = town;
  const asked = requestPayment(town, plan);
  await clock.sleep(random.pick([0, 5, 60, 150, 400, 1_200]));
  const isClosed = closeNow(town, plan);
  const prepay_id = prepayOf(await asked);
  await clock.sleep(random.pick([0, 0, 5, 60, 150]));
  if (prepay_id !== null && random.chance(0.7))
    wechat.pay(prepay_id, wechat.tradeOf(prepay_id)?.openid ?? null);
  await isClosed;
}

async function closeAtDeadline(town: Town, plan: ShopOrderPlan): Promise<void> {
  const { random, clock, marks, closing_at } = town;
  const time = Date.parse(plan.stored?.expires_at ?? '') + random.between(-400, 1_500);
  if (!(time > clock.now() && time < closing_at)) return closeNow(town, plan);
  await clock.sleep(time - clock.now());
  marks.take('close_at_deadline');
  await (random.chance(0.5) ? closeNow(town, plan) : closeWhilePaid(town, plan));
}

/** An order of somebody else is not there. */
async function closeOthers(town: Town, { kind, id, order_no }: ShopOrderPlan): Promise<void> {
  const calls = [
    [{ sub: 'somebody-else', role: 'user' }, `/v2/orders/${kind}/${id}/close`],
    [{ sub: 'a-tenant', role: 'admin', tenant_id: 1 }, `/api/pay/orders/${order_no}/close`],
  ] as const;
  const [claims, path] = town.random.pick(calls);
  const reply = await callAs(town, claims, { method: 'POST', path });
  if (reply && reply.status < 400) town.notes.violations.push(`${claims.sub} closes ${order_no}`);
}

/** Whoever gives an order up asks again until it is said whether it is. */
export async function closeAs(town: Town, claims: TokenClaims, path: string): Promise<Reply> {
  const reply = await callUntilDecided(town, claims, { method: 'POST', path }, 2);
  if (reply?.status === 200) town.marks.take('close_taken');
  if (reply?.status === 409) town.marks.take('close_refused');
  return reply;
}
