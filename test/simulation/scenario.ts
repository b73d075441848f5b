import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { ShopOrderRequest } from '../../lib/orders/hand-over.ts';
import type { Provider, ShopKind } from '../../lib/orders/order.ts';
import { shopOrderNumber } from '../../lib/orders/order-number.ts';
import { exceptionShard, orderKey, workShard } from '../../lib/store/keys.ts';
import { callCheckout, callHandOver, callPay, callRefund, callView, type System } from './actors.ts';
import { runSweep } from './functions.ts';
import type { Mail } from './mail.ts';
import { letPayerAct } from './payer.ts';
import { paymentEvent } from './provider-books.ts';
import type { Wecom } from './wecom.ts';
import { TABLE_NAME } from './world.ts';

export interface Stage extends System {
  readonly mail: Mail;
  readonly wecom: Wecom;
}

/** The order whose items nothing can be made of. */
export const POISON = 'mall-666';
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

/**
 * Admins who look and return money, and messages that are not what they seem. Whether a message about a payment that
 * its order gave up agrees with it is not known any more, so that only those of the others are compared.
 */
function planTrouble(stage: Stage, order_no: string, isComparable: boolean): void {
  const { world } = stage;
  const { random, scheduler, faults } = world;
  if (random.chance(0.5)) scheduler.at(later(stage, 200_000), () => void callView(stage, order_no));
  if (random.chance(0.5)) {
    const atOnce = random.chance(0.1) ? 10 : 1;
    for (let times = random.between(1, 3); times > 0; times--) {
      const at = later(stage, 600_000);
      for (let n = 0; n < atOnce; n++)
        scheduler.at(at, () => void askRefund(stage, order_no, `${order_no}-${times}-${n}`));
    }
  }
  for (const type of ['mismatched', 'forged', 'unknown'] as const) {
    if (type === 'mismatched' && !isComparable) continue;
    const isSent = type === 'unknown' ? random.chance(0.03) : faults.happens(`callback_${type}`);
    if (isSent) scheduler.at(later(stage, 120_000), () => sendStray(stage, type, order_no));
  }
}

async function askRefund(stage: Stage, order_no: string, key: string): Promise<void> {
  const { world } = stage;
  const { random } = world;
  const held = world.table
    .items()
    .filter(({ pk, sk }) => pk === orderKey(order_no).pk && /^EXCEPTION#paid_/.test(String(sk)));
  const exception = random.chance(0.6) ? held[0] : undefined;
  const request = {
    order_no,
    amount: random.pick([null, null, 1, 3, 500, 1_000_000]),
    reason: '',
    transaction_id: (exception?.['transaction_id'] ?? null) as string | null,
  };
  await persist(() => callRefund(stage, request, key));
  if (random.chance(0.3)) await callRefund(stage, request, key);
}

function sendStray(
  { mail, books, world }: Stage,
  type: 'mismatched' | 'forged' | 'unknown',
  order_no: string,
): void {
  const payment = [...books.payments.values()].find((held) => held.order_no === order_no);
  if (!payment) return;
  const { random } = world;
  const event = paymentEvent(payment, random.pick(['succeeded', 'failed', 'closed']), null);
  if (type === 'forged') mail.stray(type, order_no, { ...event, transaction_id: 'T-forged' });
  if (type === 'unknown') mail.stray(type, 'mall-404', { ...event, order_no: 'mall-404' });
  if (type === 'mismatched') {
    const amount = payment.amount + (payment.currency === 'CNY' ? 1 : 100);
    const wrong = random.pick([
      { amount },
      { provider: payment.provider === 'wechat' ? 'alipay' : 'wechat' },
    ] as const);
    const [taken] = payment.transactions;
    const transaction_id = random.chance(0.5) && taken ? taken.id : 'T-other';
    mail.stray(type, order_no, { ...event, type: 'succeeded', transaction_id, ...wrong });
  }
}

function planOutages({ world, wecom, providers }: Stage, horizon_ms: number): void {
  const { random, faults, scheduler } = world;
  const plan = (turn: (isOut: boolean) => void) => {
    const from = scheduler.now() + random.below(horizon_ms);
    scheduler.at(from, () => turn(true));
    scheduler.at(from + random.between(MINUTE_MS, 20 * MINUTE_MS), () => turn(false));
  };
  for (const provider of ['wechat', 'alipay', 'stripe'] as const) {
    if (faults.happens('provider_outage')) {
      plan((isOut) => void (isOut ? providers.outages.add(provider) : providers.outages.delete(provider)));
    }
  }
  if (faults.rate('wecom_down') > 0 && random.chance(0.5)) {
    faults.count('wecom_down');
    plan((isOut) => {
      wecom.isDown = isOut;
    });
  }
}

/** An item of which nothing can be announced. */
function putPoison({ world }: Stage): void {
  const order_no = POISON;
  const work = {
    work: workShard('notify', order_no),
    work_due: new Date(world.scheduler.now()).toISOString(),
  };
  const junk = world.random.pick([
    { status: 'paid', amount: 'a lot', ...orderKey(order_no) },
    {
      pk: orderKey(order_no).pk,
      sk: 'EXCEPTION#other#-#-',
      exception_shard: exceptionShard(order_no),
      recorded_at: '',
    },
  ]);
  world.table.execute(new PutCommand({ TableName: TABLE_NAME, Item: { ...junk, order_no, ...work } }));
}

/** Somebody who does not give up at once. @returns whether an answer came */
async function persist(call: () => Promise<{ readonly state: string }>): Promise<boolean> {
  for (let tries = 0; tries < 3; tries++) {
    if ((await call()).state === 'answered') return true;
  }
  return false;
}

const later = ({ world: { scheduler, random } }: Stage, within_ms: number): number =>
  scheduler.now() + random.below(within_ms);
