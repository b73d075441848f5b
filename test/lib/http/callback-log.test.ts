import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { envelopeAcknowledgement, wechatNotifyAcknowledgement } from '../../../lib/http/acknowledgement.ts';
import { createCallback } from '../../../lib/http/callback.ts';
import type { Order } from '../../../lib/orders/order.ts';
import { UnexpectedRefusalError } from '../../../lib/orders/unexpected-refusal.ts';
import { MalformedMessageError, VerificationError } from '../../../lib/providers/errors.ts';
import type { ReceivedEvent } from '../../../lib/providers/provider.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW, paymentOf, shopOrder } from '../../support/orders.ts';
import { createMemoryStore } from '../orders/memory-store.ts';

const PAID_AT = '2026-11-22T07:59:50.000Z';
const LATENCY_MS = 7;

/** What a callback writes when its message, once verified, means this. */
async function callbackOf(
  receive: () => ReceivedEvent,
  {
    order,
    body = '{}',
    store = createMemoryStore(order),
  }: Partial<{ order: Order; body: string; store: ReturnType<typeof createMemoryStore> }> = {},
) {
  const { telemetry, lines, metrics } = captureLines();
  let ticks = 0;
  const handler = createCallback({
    provider: 'wechat',
    chooseForm: () => ({ receiver: async () => receive, acknowledgement: envelopeAcknowledgement }),
    openStore: () => store,
    telemetry,
    // It begins at the first look at the clock and has taken so long at every other.
    now: () => NOW + (ticks++ === 0 ? 0 : LATENCY_MS),
  });
  await handler({ headers: {}, body } as APIGatewayProxyEventV2, { awsRequestId: 'r1' } as Context);
  return { lines: lines(), metrics: metrics() };
}

const common = { message: 'callback', request_id: 'r1', provider: 'wechat', latency_ms: LATENCY_MS };
const failing = (error: Error) => () => {
  throw error;
};

describe('the one line of a callback', () => {
  const order = shopOrder();
  const payment = { ...paymentOf(order), paid_at: PAID_AT };
  const { order_no } = order;

  it('says that a payment was settled, and how long after it was made', async () => {
    expect(await callbackOf(() => payment, { order })).toEqual({
      lines: [
        {
          ...common,
          level: 'INFO',
          order_no,
          outcome: 'settled',
          status: 200,
          Settlement: 1,
          SettlementLatency: 10_007,
        },
      ],
      metrics: ['Settlement wechat settled: 1', 'SettlementLatency wechat: 10007'],
    });
  });

  it('counts a repeat as one, and no latency for it', async () => {
    const paid = {
      ...order,
      status: 'paid' as const,
      settlement: { provider: 'wechat' as const, transaction_id: payment.transaction_id },
    };
    expect(await callbackOf(() => payment, { order: paid })).toEqual({
      lines: [{ ...common, level: 'INFO', order_no, outcome: 'already_settled', status: 200, Settlement: 1 }],
      metrics: ['Settlement wechat already_settled: 1'],
    });
  });

  it('does not go back in time when the clocks differ', async () => {
    const ahead = { ...payment, paid_at: '2026-11-22T08:00:05.000Z' };
    expect((await callbackOf(() => ahead, { order })).metrics).toContain('SettlementLatency wechat: 0');
  });

  it('warns of another amount, as of an exception and as of an amount', async () => {
    expect(await callbackOf(() => ({ ...payment, amount: 1 }), { order })).toEqual({
      lines: [
        {
          ...common,
          level: 'WARN',
          order_no,
          outcome: 'mismatch',
          mismatched_fields: ['amount'],
          status: 400,
          Settlement: 1,
          Exception: 1,
          AmountMismatch: 1,
        },
      ],
      metrics: [
        'Settlement wechat mismatch: 1',
        'Exception: 1',
        'Exception wechat mismatch: 1',
        'AmountMismatch: 1',
      ],
    });
  });

  it('warns of another merchant as of an exception alone', async () => {
    const { metrics } = await callbackOf(() => ({ ...payment, merchant: 'other' }), { order });
    expect(metrics).toEqual([
      'Settlement wechat mismatch: 1',
      'Exception: 1',
      'Exception wechat mismatch: 1',
    ]);
  });

  it('warns of money for a closed order', async () => {
    const { lines, metrics } = await callbackOf(() => payment, { order: { ...order, status: 'closed' } });
    expect(lines).toMatchObject([{ level: 'WARN', order_no, outcome: 'paid_after_close', status: 200 }]);
    expect(metrics).toContain('Exception wechat paid_after_close: 1');
  });

  it('warns of an order that is not there', async () => {
    expect(await callbackOf(() => payment)).toEqual({
      lines: [{ ...common, level: 'WARN', order_no, outcome: 'not_found', status: 404, Settlement: 1 }],
      metrics: ['Settlement wechat not_found: 1'],
    });
  });

  it('names the refund that a message is about', async () => {
    const refund = {
      type: 'refund_succeeded',
      order_no,
      provider: 'wechat',
      refund_no: `${order_no}-r1`,
      refund_id: '5030',
    } as const;
    const { lines } = await callbackOf(() => refund, { order });
    expect(lines).toMatchObject([{ order_no, refund_no: `${order_no}-r1`, outcome: 'unknown_refund' }]);
  });

  it('says that nothing was asked for', async () => {
    expect(await callbackOf(() => null)).toEqual({
      lines: [{ ...common, level: 'INFO', outcome: 'no_action', status: 200 }],
      metrics: [],
    });
  });

  it('says why a message does not verify, and nothing of what it holds', async () => {
    const error = new VerificationError('unknown_key', 'no key X');
    expect(await callbackOf(failing(error), { body: '{"openid":"o1"}' })).toEqual({
      lines: [
        {
          ...common,
          level: 'WARN',
          outcome: 'refused',
          reason: 'unknown_key',
          status: 401,
          VerificationFailed: 1,
        },
      ],
      metrics: ['VerificationFailed unknown_key: 1', 'VerificationFailed wechat unknown_key: 1'],
    });
  });

  it("does not warn of WeChat Pay's probe", async () => {
    const { lines } = await callbackOf(failing(new VerificationError('probe', 'a probe')));
    expect(lines).toMatchObject([{ level: 'INFO', reason: 'probe', VerificationFailed: 1 }]);
  });

  it.each([
    ['is empty', () => null, '', { reason: '请求体不能为空', status: 400 }],
    ['is too large', () => null, 'x'.repeat(300_000), { reason: '请求体过大', status: 413 }],
    [
      'lacks a field',
      failing(new MalformedMessageError('amount', '须为 JSON 对象')),
      '{}',
      { reason: 'amount 须为 JSON 对象', status: 400 },
    ],
  ])('says what is wrong with a message that %s', async (_, receive, body, expected) => {
    expect(await callbackOf(receive, { body })).toEqual({
      lines: [{ ...common, level: 'WARN', outcome: 'malformed', ...expected, MessageMalformed: 1 }],
      metrics: ['MessageMalformed wechat: 1'],
    });
  });

  it.each([
    ['the store does not answer', new Error('ECONNRESET of 10.0.0.1'), 'CallbackFailed'],
    ['the store and the code disagree', new UnexpectedRefusalError('refused "settle"'), 'UnexpectedRefusal'],
  ])('is an error when %s', async (_, error, metric) => {
    const store = { ...createMemoryStore(order), settleOrder: () => Promise.reject(error) };
    const { lines, metrics } = await callbackOf(() => payment, { store });
    expect(lines).toMatchObject([
      { ...common, level: 'ERROR', outcome: 'failed', status: 500, error: error.name },
    ]);
    expect(metrics).toEqual([`${metric}: 1`]);
    expect(JSON.stringify(lines)).not.toContain('10.0.0.1');
  });

  it('tells the status that was answered, which is not that of other callbacks at /v2/payments/notify', async () => {
    const { telemetry, lines } = captureLines();
    const handler = createCallback({
      provider: 'wechat',
      chooseForm: () => ({
        receiver: async () => () => payment,
        acknowledgement: wechatNotifyAcknowledgement,
      }),
      openStore: () => createMemoryStore(),
      telemetry,
      now: () => NOW,
    });
    await handler({ headers: {}, body: '{}' } as APIGatewayProxyEventV2, { awsRequestId: 'r1' } as Context);
    expect(lines()).toMatchObject([{ outcome: 'not_found', status: 500 }]);
  });
});
