import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { exceptionShard, orderKey, workShard } from '../../lib/store/keys.ts';
import { callRefund, callView } from './actors.ts';
import { paymentEvent } from './provider-books.ts';
import { later, persist, type Stage } from './stage.ts';
import { TABLE_NAME } from './world.ts';

/** The order whose items nothing can be made of. */
export const POISON = 'mall-666';
const MINUTE_MS = 60_000;

/**
 * Admins who look and return money, and messages that are not what they seem. Whether a message about a payment that
 * its order gave up agrees with it is not known any more, so that only those of the others are compared.
 */
export function planTrouble(stage: Stage, order_no: string, isComparable: boolean): void {
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

export function planOutages({ world, wecom, providers }: Stage, horizon_ms: number): void {
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
export function putPoison({ world }: Stage): void {
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
