import { describe, expect, it } from 'vitest';
import type { PaymentEvent } from '../../../lib/orders/event.ts';
import { settle } from '../../../lib/orders/settle.ts';
import {
  type DueCheck,
  type SweepPorts,
  sweepChecks,
  type UnreadableCheck,
} from '../../../lib/orders/sweep.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';
import { reported } from '../../../lib/telemetry/reported-settlement.ts';
import { reportChecks, reportSweep } from '../../../lib/telemetry/sweep-report.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW, paidPayment, paymentOf, refundOf, shopOrder } from '../../support/orders.ts';
import { createWorld } from '../orders/world.ts';

const ago = (duration_s: number) => new Date(NOW - duration_s * 1_000).toISOString();
const DAY_S = 24 * 3_600;

/** A payment that is due to be asked about, and its order. */
function due(changes: Parameters<typeof paymentOf>[1] = {}, due_s = 60) {
  const order = shopOrder();
  const payment = paymentOf(order, changes);
  const check: DueCheck = { type: 'payment', work_due: ago(due_s), payment };
  return { order, payment, payments: [payment], check };
}

/** A refund that was asked for so long ago. */
function dueRefund(age_s: number): DueCheck {
  const refund = refundOf(paidPayment(shopOrder()), { created_at: ago(age_s) });
  return { type: 'refund', work_due: ago(30), refund };
}

type World = ReturnType<typeof createWorld>;

/** A run of the sweep over what is due, as its function composes it. */
async function run(
  listed: readonly (DueCheck | UnreadableCheck)[],
  { ports }: World = createWorld(),
  announcements: Parameters<typeof reportSweep>[1]['announcements'] = {
    status: 'fulfilled',
    value: { overdue: 0, oldest_ms: 0 },
  },
) {
  const log = captureLines();
  const { now } = ports.io;
  const work: SweepPorts['work'] = {
    listDueChecks: async () => [...listed],
    postpone: async () => true,
    clear: async () => {},
  };
  const [checks] = await Promise.allSettled([
    sweepChecks({
      ...ports,
      work,
      settle: reported(ports.settle, log.telemetry, now),
      settleRefund: reported(ports.settleRefund, log.telemetry, now),
      ...reportChecks(log.telemetry),
    }),
  ]);
  if (!checks) throw new Error('there is one part');
  reportSweep(log.telemetry, { checks, announcements, latency_ms: 5 });
  const lines = log.lines();
  return { checks: lines.slice(0, -1), sweep: lines.at(-1), metrics: log.metrics() };
}

const nothing = {
  ChecksMade: 0,
  ChecksFailed: 0,
  ChecksLeft: 0,
  ChecksOverdue: 0,
  OrdersClosedLate: 0,
  OldestCheckAge: 0,
  OldestRefundAge: 0,
  AnnouncementsOverdue: 0,
  OldestAnnouncementAge: 0,
};

describe('a run of the sweep', () => {
  it('says that it came to its end, even if nothing was due', async () => {
    const { checks, sweep, metrics } = await run([]);
    expect(checks).toEqual([]);
    expect(sweep).toEqual({
      level: 'INFO',
      message: 'sweep',
      outcome: 'completed',
      latency_ms: 5,
      ...nothing,
      SweepCompleted: 1,
    });
    expect(metrics).toContain('SweepCompleted: 1');
    expect(metrics).toContain('OldestCheckAge: 0');
  });

  it('has one line for each check, of the settlement where it came to one', async () => {
    const [paid, open, over] = [due(), due(), due({ state: 'paid' })];
    const world = createWorld(paid, open, over);
    world.merchants.pay(paid.payment, { paid_at: ago(3) });
    world.merchants.held.set(open.payment.payment_no, 'open');
    const { checks, sweep } = await run([paid.check, open.check, over.check], world);
    const known = { level: 'INFO', provider: 'wechat', latency_ms: 0 };
    const numbers = ({ payment: { order_no, payment_no } }: typeof paid) => ({ order_no, payment_no });
    expect(checks).toHaveLength(3);
    expect(checks).toEqual(
      expect.arrayContaining([
        {
          ...{ ...known, message: 'settlement', ...numbers(paid), outcome: 'settled' },
          ...{ Settlement: 1, SettlementLatency: 3_000 },
        },
        { ...known, message: 'check', ...numbers(open), outcome: 'open' },
        { ...known, message: 'check', ...numbers(over), outcome: 'cleared' },
      ]),
    );
    expect(sweep).toMatchObject({ ChecksMade: 3, ChecksOverdue: 3, ChecksFailed: 0 });
  });

  it('names order and payment by their own numbers, and a refund besides', async () => {
    const order = shopOrder({ status: 'refunding', payment: 2, payments: 2, paid_by: 2, refunds: 1 });
    const payment = paidPayment(order, { reserved: 400 });
    const refund = refundOf(payment);
    const world = createWorld({ order, payments: [payment], refunds: [refund] });
    world.merchants.script('queryRefund', () => ({ state: 'open' }));
    const { checks } = await run([{ type: 'refund', work_due: ago(30), refund }], world);
    const { order_no } = order;
    expect(checks).toMatchObject([
      {
        message: 'check',
        order_no,
        payment_no: `${order_no}-2`,
        refund_no: `${order_no}-r1`,
        outcome: 'open',
      },
    ]);
  });

  it('tells of a payment that it has closed at its provider', async () => {
    const over = due({ expires_at: ago(1) });
    const world = createWorld(over);
    world.merchants.held.set(over.payment.payment_no, 'open');
    const { order_no } = over.order;
    expect((await run([over.check], world)).checks).toMatchObject([
      { level: 'INFO', message: 'check', order_no, payment_no: order_no, outcome: 'closed' },
    ]);
  });

  it('warns of a payment whose merchant nobody knows any more, and counts it for a person to see', async () => {
    const lost = due({ merchant: 'gone' });
    const { checks, metrics } = await run([lost.check], createWorld(lost));
    expect(checks).toMatchObject([
      { level: 'WARN', message: 'check', order_no: lost.order.order_no, outcome: 'merchant_missing' },
    ]);
    expect(metrics).toEqual(expect.arrayContaining(['Exception: 1', 'Exception wechat merchant_missing: 1']));
  });

  it('warns of a number that was paid before, and counts it for a person to see', async () => {
    const spent = due();
    const world = createWorld(spent);
    world.merchants.pay(spent.payment, { paid_at: ago(DAY_S) });
    const { checks, metrics } = await run([spent.check], world);
    expect(checks).toMatchObject([
      { level: 'WARN', message: 'settlement', payment_no: spent.payment.payment_no, outcome: 'number_spent' },
    ]);
    expect(metrics).toContain('Exception wechat number_spent: 1');
  });

  it('blames a provider for what the provider did not answer, and nobody for the rest', async () => {
    const failing = due();
    const world = createWorld(failing);
    world.merchants.script('query', () => {
      throw new ProviderCallError('wechat', 502, 'down');
    });
    const unreadable = {
      type: 'unreadable',
      work_due: ago(120),
      order_no: 'mall-9',
      item: { pk: 'ORDER#mall-9', sk: 'ORDER', work: 'check#1' },
      error: new Error('v9'),
    } as const;
    const { checks, sweep, metrics } = await run([failing.check, unreadable], world);
    const failed = { level: 'WARN', message: 'check', outcome: 'failed', latency_ms: 0 };
    const { order_no, payment_no } = failing.payment;
    expect(checks).toHaveLength(2);
    expect(checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...failed, order_no, payment_no, error_message: 'down' }),
        { ...failed, order_no: 'mall-9', provider: null, error: 'Error' },
      ]),
    );
    expect(sweep).toMatchObject({
      outcome: 'completed',
      ChecksMade: 0,
      ChecksFailed: 2,
      ItemUnreadable: 1,
      OldestCheckAge: 120,
    });
    expect(metrics.filter((metric) => metric.startsWith('ProviderFailed'))).toEqual([
      'ProviderFailed wechat: 1',
    ]);
  });

  it('takes an order that never stands still for no failure of its provider or of the store', async () => {
    const moving = due();
    const world = createWorld(moving);
    world.merchants.pay(moving.payment);
    const { ports } = world;
    const write = async () => ({ applied: false, refused: [null] }) as const;
    const store = { ...ports.store, write };
    const restless = { ...ports, settle: (event: PaymentEvent) => settle({ ...ports, store }, event) };
    const { checks, metrics } = await run([moving.check], { ...world, ports: restless });
    expect(checks).toMatchObject([
      { level: 'WARN', outcome: 'failed', error: 'ContentionError', error_message: expect.any(String) },
    ]);
    expect(metrics.join()).not.toMatch(/UnexpectedRefusal|ProviderFailed/);
  });

  it('tells how old the oldest check is, and the oldest refund that nobody has decided', async () => {
    const { sweep } = await run([
      due({}, 61).check,
      due({}, 1_000).check,
      dueRefund(3 * DAY_S),
      dueRefund(DAY_S),
    ]);
    expect(sweep).toMatchObject({ ChecksOverdue: 4, OldestCheckAge: 1_000, OldestRefundAge: 3 * DAY_S });
  });

  it('tells what the stream has left to it', async () => {
    const { sweep } = await run([], createWorld(), {
      status: 'fulfilled',
      value: { overdue: 2, oldest_ms: 301_400 },
    });
    expect(sweep).toMatchObject({ AnnouncementsOverdue: 2, OldestAnnouncementAge: 301 });
  });

  it('has not come to its end when a part of it failed, and tells what the other found', async () => {
    const announcements = { status: 'rejected', reason: new Error('10.0.0.1') } as const;
    const { sweep, metrics } = await run([due().check], createWorld(), announcements);
    expect(sweep).toMatchObject({ level: 'ERROR', outcome: 'failed', error: 'Error', ChecksOverdue: 1 });
    expect(sweep).not.toHaveProperty('AnnouncementsOverdue');
    expect(metrics.join()).not.toContain('SweepCompleted');
    expect(JSON.stringify(sweep)).not.toContain('10.0.0.1');
  });
});
