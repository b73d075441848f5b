import { describe, expect, it } from 'vitest';
import type { DueCheck, SweepPorts, UnreadableCheck } from '../../../lib/orders/sweep.ts';
import { sweepChecks } from '../../../lib/orders/sweep.ts';
import { ProviderCallError } from '../../../lib/providers/errors.ts';
import { reported } from '../../../lib/telemetry/settlement-report.ts';
import { reportChecks, reportSweep } from '../../../lib/telemetry/sweep-report.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW, paymentOf, shopOrder } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';

const ago = (duration_s: number) => new Date(NOW - duration_s * 1_000).toISOString();
const DAY_S = 24 * 3_600;

const started = (changes: object = {}) => shopOrder({ expires_at: ago(-3_600), ...changes });
const dueOrder = (order = started(), due_s = 60): DueCheck => ({
  type: 'order',
  work_due: ago(due_s),
  order,
});

/** A refund that was asked for so long ago. */
function dueRefund(age_s: number): DueCheck {
  const { order_no } = shopOrder();
  const refund = {
    order_no,
    n: 1,
    refund_no: `${order_no}-r1`,
    payment_no: order_no,
    transaction_id: 'T1',
    exception_key: null,
    provider: 'wechat' as const,
    paid_amount: 1_234,
    amount: 1_234,
    currency: 'CNY',
    reason: '',
    status: 'open' as const,
    refund_id: null,
    created_at: ago(age_s),
    updated_at: ago(age_s),
  };
  return { type: 'refund', work_due: ago(30), refund };
}

/** A run of the sweep over what is due, as its function composes it. */
async function run(
  due: readonly (DueCheck | UnreadableCheck)[],
  provider = createProvider(),
  announcements: Parameters<typeof reportSweep>[1]['announcements'] = {
    status: 'fulfilled',
    value: { overdue: 0, oldest_ms: 0 },
  },
) {
  const log = captureLines();
  const now = () => NOW;
  const store: SweepPorts['store'] = {
    listDueChecks: async () => [...due],
    postpone: async () => true,
    clear: async () => {},
  };
  const [checks] = await Promise.allSettled([
    sweepChecks({
      store,
      gateway: provider.gateway,
      settle: reported(async () => ({ outcome: 'settled', status: 'paid' }), log.telemetry, now),
      settleRefund: reported(async () => ({ outcome: 'refunded', status: 'refunded' }), log.telemetry, now),
      now,
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

  it('has one line for each check', async () => {
    const provider = createProvider();
    const [paid, open, over] = [started(), started(), started({ status: 'paid' })];
    provider.pay(paid);
    provider.open(open);
    const { checks, sweep } = await run([dueOrder(paid), dueOrder(open), dueOrder(over)], provider);
    const known = { level: 'INFO', provider: 'wechat', latency_ms: 0 };
    expect(checks).toHaveLength(3);
    expect(checks).toEqual(
      expect.arrayContaining([
        {
          ...known,
          message: 'settlement',
          order_no: paid.order_no,
          outcome: 'settled',
          Settlement: 1,
          ...(paymentOf(paid).paid_at && { SettlementLatency: expect.any(Number) }),
        },
        { ...known, message: 'check', order_no: open.order_no, outcome: 'open' },
        { ...known, message: 'check', order_no: over.order_no, outcome: 'cleared' },
      ]),
    );
    expect(sweep).toMatchObject({ ChecksMade: 3, ChecksOverdue: 3, ChecksFailed: 0 });
  });

  it('blames a provider for what the provider did not answer, and nobody for the rest', async () => {
    const order = started();
    const gateway = createProvider();
    const failing = {
      ...gateway,
      gateway: () => Promise.reject(new ProviderCallError('wechat', 502, 'down')),
    };
    const unreadable = {
      type: 'unreadable',
      work_due: ago(120),
      order_no: 'mall-9',
      error: new Error('v9'),
    } as const;
    const { checks, sweep, metrics } = await run([dueOrder(order), unreadable], failing);
    const failed = { level: 'WARN', message: 'check', outcome: 'failed', latency_ms: 0 };
    expect(checks).toHaveLength(2);
    expect(checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...failed, order_no: order.order_no, error_message: 'down' }),
        { ...failed, order_no: 'mall-9', provider: null, error: 'Error' },
      ]),
    );
    expect(sweep).toMatchObject({
      outcome: 'completed',
      ChecksMade: 0,
      ChecksFailed: 2,
      OldestCheckAge: 120,
    });
    expect(metrics.filter((metric) => metric.startsWith('ProviderFailed'))).toEqual([
      'ProviderFailed wechat: 1',
    ]);
  });

  it('tells how old the oldest check is, and the oldest refund that nobody has decided', async () => {
    const { sweep } = await run([
      dueOrder(started(), 61),
      dueOrder(started(), 1_000),
      dueRefund(3 * DAY_S),
      dueRefund(DAY_S),
    ]);
    expect(sweep).toMatchObject({ ChecksOverdue: 4, OldestCheckAge: 1_000, OldestRefundAge: 3 * DAY_S });
  });

  it('tells what the stream has left to it', async () => {
    const { sweep } = await run([], createProvider(), {
      status: 'fulfilled',
      value: { overdue: 2, oldest_ms: 301_400 },
    });
    expect(sweep).toMatchObject({ AnnouncementsOverdue: 2, OldestAnnouncementAge: 301 });
  });

  it('has not come to its end when a part of it failed, and tells what the other found', async () => {
    const announcements = { status: 'rejected', reason: new Error('10.0.0.1') } as const;
    const { sweep, metrics } = await run([dueOrder()], createProvider(), announcements);
    expect(sweep).toMatchObject({ level: 'ERROR', outcome: 'failed', error: 'Error', ChecksOverdue: 1 });
    expect(sweep).not.toHaveProperty('AnnouncementsOverdue');
    expect(metrics.join()).not.toContain('SweepCompleted');
    expect(JSON.stringify(sweep)).not.toContain('10.0.0.1');
  });
});
