import type { ShopOrderRequest } from '../../lib/orders/hand-over.ts';
import type { Provider, ShopKind } from '../../lib/orders/order.ts';
import { shopOrderNumber } from '../../lib/orders/order-number.ts';
import { callCheckout, callHandOver, callPay } from './actors.ts';
import { runSweep } from './functions.ts';
import { letPayerAct } from './payer.ts';
import { later, persist, type Stage } from './stage.ts';
import { planOutages, planTrouble, putPoison } from './trouble.ts';

const MINUTE_MS = 60_000;
const AMOUNTS = [1, 1999, 1234, 100_000, 7] as const;

/** Plans what happens in a run, and when: orders, payers, admins, sweeps and trouble. @returns when it is over */
export function planScenario(stage: Stage): number {
  const { world } = stage;
  const { random, scheduler } = world;
  const horizon_ms = random.pick([
    3 * MINUTE_MS,
    20 * MINUTE_MS,
    20 * MINUTE_MS,
    180 * MINUTE_MS,
    7 * 24 * 60 * MINUTE_MS,
  ]);
  const end = scheduler.now() + horizon_ms;
  const orders = random.between(1, 3);
  for (let id = 1; id <= orders; id++) {
    const begin = scheduler.now() + random.below(MINUTE_MS);
    scheduler.at(
      begin,
      () => void (random.chance(0.55) ? playShopOrder(stage, id) : playTenantOrder(stage, id)),
    );
  }
  for (let sweeps = random.between(0, 4); sweeps > 0; sweeps--) {
    const at = scheduler.now() + random.below(horizon_ms);
    for (let side = random.chance(0.3) ? 3 : 1; side > 0; side--) {
      scheduler.at(at, () => void runSweep(world, stage.providers));
    }
  }
  planOutages(stage, horizon_ms);
  if (world.faults.happens('poison_record')) scheduler.at(scheduler.now() + 5_000, () => putPoison(stage));
  return end;
}

async function playShopOrder(stage: Stage, id: number): Promise<void> {
  const { world } = stage;
  const { random } = world;
  const kind: ShopKind = random.pick(['mall', 'meal']);
  const request: ShopOrderRequest = {
    kind,
    id,
    user_id: 'user-1',
    openid: 'openid-1',
    amount: random.chance(0.15) ? 0 : random.pick(AMOUNTS),
    points: random.below(100),
    description: '苹果',
  };
  const order_no = shopOrderNumber(kind, id);
  if (!(await persist(() => callHandOver(stage, request)))) return;
  const isChanged = random.chance(0.3);
  planTrouble(stage, order_no, !isChanged);
  const isUnnamed = !isChanged && random.chance(0.15);
  for (let tries = random.between(1, 3); tries > 0; tries--) {
    world.scheduler.at(later(stage, 40_000), () => void payAsPayer(stage, order_no, isUnnamed));
  }
  if (isChanged) planChanges(stage, request);
}

/** Changes of the order, several at once or one after the other. */
function planChanges(stage: Stage, request: ShopOrderRequest): void {
  const { random, scheduler } = stage.world;
  const at = later(stage, 60_000);
  for (let times = random.between(1, 3); times > 0; times--) {
    const change = random.pick([{ amount: 555 }, { amount: 0 }, { points: 7 }, { openid: 'openid-2' }, {}]);
    const time = random.chance(0.5) ? at : later(stage, 60_000);
    scheduler.at(time, () => void callHandOver(stage, { ...request, ...change }));
  }
}

async function payAsPayer(stage: Stage, order_no: string, isUnnamed: boolean): Promise<void> {
  const payment = await callPay(stage, order_no, 'user-1', isUnnamed);
  if (payment) letPayerAct(stage.world, stage.mail, payment);
}

async function playTenantOrder(stage: Stage, id: number): Promise<void> {
  const { world, books } = stage;
  const { random } = world;
  const provider: Provider = random.pick(['stripe', 'alipay', 'wechat']);
  const call = {
    provider,
    amount: random.pick(AMOUNTS),
    currency: provider === 'stripe' ? random.pick(['USD', 'JPY']) : 'CNY',
    tenant_id: id,
    key: random.chance(0.85) ? `checkout-${id}` : null,
    isUnnamed: provider !== 'stripe' && random.chance(0.15),
  };
  const others = random.chance(0.2) ? [callCheckout(stage, call), callCheckout(stage, call)] : [];
  let order_no: string | null = null;
  for (let tries = 0; tries < 4 && order_no === null; tries++) order_no = await callCheckout(stage, call);
  await Promise.all(others);
  const payment = order_no === null ? undefined : books.payments.get(order_no);
  if (!payment) return;
  planTrouble(stage, payment.order_no, true);
  letPayerAct(world, stage.mail, payment);
}
