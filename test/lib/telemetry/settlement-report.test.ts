import { describe, expect, it } from 'vitest';
import type { ProviderEvent, RefundEvent } from '../../../lib/orders/event.ts';
import { exceptionKinds, isOneOf } from '../../../lib/orders/kinds.ts';
import type { EventResult } from '../../../lib/orders/settle.ts';
import { reported } from '../../../lib/telemetry/reported-settlement.ts';
import { describeSettlement } from '../../../lib/telemetry/settlement-report.ts';
import { captureLines } from '../../support/log-lines.ts';
import { merchantNames, NOW, paymentOf, shopOrder, successOf } from '../../support/orders.ts';

const order = shopOrder({ payment: 2, payments: 2 });
const { order_no } = order;
const payment_no = `${order_no}-2`;
const event = successOf(paymentOf(order));
const refundEvent: RefundEvent = {
  ...{ type: 'refund_succeeded', payment_no, provider: 'wechat', merchant: merchantNames.wechat },
  ...{ refund_no: `${order_no}-r1`, refund_id: '5030' },
};

/** Every result that an event can come to, and whether somebody should look at it. */
const results: readonly [EventResult, 'info' | 'warn'][] = [
  [{ outcome: 'settled', order_no, status: 'paid' }, 'info'],
  [{ outcome: 'already_settled', order_no, status: 'paid' }, 'info'],
  [{ outcome: 'failed', order_no, status: 'failed' }, 'info'],
  [{ outcome: 'closed', order_no, status: 'closed' }, 'info'],
  [{ outcome: 'unchanged', order_no, status: 'paid' }, 'info'],
  [{ outcome: 'number_spent', order_no, status: 'pending' }, 'warn'],
  [{ outcome: 'paid_after_close', order_no, status: 'closed' }, 'warn'],
  [{ outcome: 'paid_twice', order_no, status: 'paid' }, 'warn'],
  [{ outcome: 'paid_superseded', order_no, status: 'pending' }, 'warn'],
  [{ outcome: 'mismatch', order_no, fields: ['merchant', 'appid'] }, 'warn'],
  [{ outcome: 'not_found' }, 'warn'],
  [{ outcome: 'not_settled', order_no }, 'warn'],
  [{ outcome: 'refunded', order_no, status: 'refunded' }, 'info'],
  [{ outcome: 'refund_failed', order_no, status: 'paid' }, 'warn'],
  [{ outcome: 'refund_abnormal', order_no, status: 'refunding' }, 'warn'],
  [{ outcome: 'already_refunded', order_no, status: 'refunded' }, 'info'],
  [{ outcome: 'unknown_refund', order_no, status: 'paid' }, 'warn'],
  [{ outcome: 'unnamed_refund' }, 'info'],
  [{ outcome: 'disputed', order_no, status: 'paid' }, 'warn'],
  [{ outcome: 'dispute_updated', order_no, status: 'paid' }, 'info'],
  [{ outcome: 'dispute_known', order_no, status: 'paid' }, 'info'],
];

describe('what is said of a settlement', () => {
  it.each(results)('%j: %s', (result, level) => {
    const isException = isOneOf(exceptionKinds, result.outcome);
    expect(describeSettlement(event, result, NOW)).toEqual({
      level,
      fields: {
        ...('order_no' in result && { order_no }),
        ...{ payment_no, provider: 'wechat', outcome: result.outcome },
        ...(result.outcome === 'mismatch' && { mismatched_fields: result.fields }),
      },
      metrics: { Settlement: 1, ...(isException && { Exception: 1 }) },
    });
  });

  it('counts another amount by itself', () => {
    const result = { outcome: 'mismatch', order_no, fields: ['amount'] } as const;
    expect(describeSettlement(event, result, NOW).metrics).toEqual({
      ...{ Settlement: 1, Exception: 1, AmountMismatch: 1 },
    });
  });

  it.each([
    ['a refund by its number', refundEvent, { refund_no: `${order_no}-r1` }],
    ['no refund where the message names none', { ...refundEvent, refund_no: null }, {}],
  ])('names %s', (_, refunded, expected) => {
    const result = { outcome: 'refunded', order_no, status: 'refunded' } as const;
    expect(describeSettlement(refunded, result, NOW).fields).toEqual({
      ...{ order_no, payment_no, provider: 'wechat', outcome: 'refunded', ...expected },
    });
  });

  const paidAgo = (duration_ms: number) => ({ ...event, paid_at: new Date(NOW - duration_ms).toISOString() });

  it.each<[string, ProviderEvent, EventResult['outcome'], number | undefined]>([
    ['from the payment to its booking', paidAgo(3_000), 'settled', 3_000],
    ['never less than nothing, since clocks differ', paidAgo(-3_000), 'settled', 0],
    ['of nothing when it was booked before', paidAgo(3_000), 'already_settled', undefined],
    ['of nothing when nobody says when it was paid', event, 'settled', undefined],
  ])('measures the time %s', (_, paid, outcome, expected) => {
    const result = { outcome, order_no, status: 'paid' } as EventResult;
    expect(describeSettlement(paid, result, NOW).metrics.SettlementLatency).toBe(expected);
  });
});

describe('a settlement that no callback brought', () => {
  it('has a line of its own, and the same result', async () => {
    const log = captureLines();
    const result = { outcome: 'settled', order_no, status: 'paid' } as const;
    const settle = reported(
      async () => result,
      log.telemetry,
      () => NOW,
    );
    expect(await settle(event)).toBe(result);
    expect(log.lines()).toEqual([
      {
        ...{ level: 'INFO', message: 'settlement', order_no, payment_no, provider: 'wechat' },
        ...{ outcome: 'settled', latency_ms: 0, Settlement: 1 },
      },
    ]);
    expect(log.metrics()).toEqual(['Settlement wechat settled: 1']);
  });

  it('has none when it failed: who asked for it says so', async () => {
    const log = captureLines();
    const settle = reported(
      () => Promise.reject(new Error('no store')),
      log.telemetry,
      () => NOW,
    );
    await expect(settle(event)).rejects.toThrow('no store');
    expect(log.written).toEqual([]);
  });
});
