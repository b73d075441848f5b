import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createCallback } from '../../../lib/http/callback.ts';
import {
  type Acknowledgement,
  envelopeAcknowledgement,
  wechatNotifyAcknowledgement,
} from '../../../lib/http/callback-form.ts';
import { systemIo } from '../../../lib/io.ts';
import type { OrderStore } from '../../../lib/orders/commit.ts';
import {
  MalformedMessageError,
  type ReceivedEvent,
  VerificationError,
  wordings,
} from '../../../lib/providers/message.ts';
import { UnexpectedRefusalError } from '../../../lib/store/conditional-write.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW, paidPayment, paymentOf, shopOrder, successOf } from '../../support/orders.ts';
import { createMemoryStore, type Seed } from '../orders/memory-store.ts';

const PAID_AT = '2026-11-22T07:59:50.000Z';
const LATENCY_MS = 7;

/** What a callback writes when its message, once verified, means this. */
async function callbackOf(
  receive: () => ReceivedEvent,
  {
    body = '{}',
    store,
    acknowledgement = envelopeAcknowledgement,
    ...seed
  }: Seed & { body?: string; store?: OrderStore; acknowledgement?: Acknowledgement } = {},
) {
  const { telemetry, lines, metrics } = captureLines();
  let ticks = 0;
  // It begins at the first look at the clock and has taken so long at every other.
  const io = { ...systemIo, now: () => NOW + (ticks++ === 0 ? 0 : LATENCY_MS) };
  const handler = createCallback(
    { telemetry, io },
    {
      provider: 'wechat',
      findReceiver: async () => async () => receive(),
      chooseForm: () => ({ receiver: 'native', acknowledgement }),
      openStore: () => store ?? createMemoryStore(seed),
    },
  );
  await handler({ headers: {}, body } as APIGatewayProxyEventV2, { awsRequestId: 'r1' } as Context);
  return { lines: lines(), metrics: metrics() };
}

const common = { message: 'callback', request_id: 'r1', provider: 'wechat', latency_ms: LATENCY_MS };
const failing = (error: Error) => () => {
  throw error;
};

describe('the one line of a callback', () => {
  const order = shopOrder();
  const payment = paymentOf(order);
  const success = successOf(payment, { paid_at: PAID_AT });
  const { order_no } = order;
  const named = { order_no, payment_no: payment.payment_no };
  const stored = { order, payments: [payment] };

  it('says that a payment was settled, and how long after it was made', async () => {
    expect(await callbackOf(() => success, stored)).toEqual({
      lines: [
        {
          ...common,
          level: 'INFO',
          ...named,
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
      order: shopOrder({ ...order, status: 'paid', paid_by: 1 }),
      payments: [paidPayment(order)],
    };
    expect(await callbackOf(() => success, paid)).toEqual({
      lines: [{ ...common, level: 'INFO', ...named, outcome: 'already_settled', status: 200, Settlement: 1 }],
      metrics: ['Settlement wechat already_settled: 1'],
    });
  });

  it('does not go back in time when the clocks differ', async () => {
    const ahead = successOf(payment, { paid_at: '2026-11-22T08:00:05.000Z' });
    expect((await callbackOf(() => ahead, stored)).metrics).toContain('SettlementLatency wechat: 0');
  });

  it('names the payment, which is not the first of its order', async () => {
    const second = paymentOf(order, { n: 2 });
    const payments = [paymentOf(order, { state: 'closed', superseded: true }), second];
    const { lines } = await callbackOf(() => successOf(second), {
      order: { ...order, payment: 2, payments: 2 },
      payments,
    });
    expect(lines).toMatchObject([{ order_no, payment_no: `${order_no}-2`, outcome: 'settled' }]);
  });

  it('warns of another amount, as of an exception and as of an amount', async () => {
    expect(await callbackOf(() => ({ ...success, amount: 1 }), stored)).toEqual({
      lines: [
        {
          ...common,
          level: 'WARN',
          ...named,
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
    const { metrics } = await callbackOf(() => ({ ...success, merchant: 'other' }), stored);
    expect(metrics).toEqual([
      'Settlement wechat mismatch: 1',
      'Exception: 1',
      'Exception wechat mismatch: 1',
    ]);
  });

  it.each([
    [
      'for a closed order',
      'paid_after_close',
      { order: { ...order, status: 'closed' }, payments: [payment] },
    ],
    [
      'for a payment that was given up',
      'paid_superseded',
      { order: { ...order, payment: null }, payments: [{ ...payment, superseded: true }] },
    ],
    [
      'that was paid before its payment was begun',
      'number_spent',
      { order, payments: [{ ...payment, begun_at: '2026-11-22T08:30:00.000Z' }] },
    ],
  ] as const)('warns of money %s', async (_, outcome, seed) => {
    const { lines, metrics } = await callbackOf(() => success, seed);
    expect(lines).toMatchObject([{ level: 'WARN', ...named, outcome, status: 200 }]);
    expect(metrics).toContain(`Exception wechat ${outcome}: 1`);
  });

  it('warns of an order that is not there', async () => {
    const { payment_no } = payment;
    expect(await callbackOf(() => success)).toEqual({
      lines: [{ ...common, level: 'WARN', payment_no, outcome: 'not_found', status: 404, Settlement: 1 }],
      metrics: ['Settlement wechat not_found: 1'],
    });
  });

  const refund_no = `${order_no}-r1`;
  const refund = {
    type: 'refund_succeeded',
    ...{ payment_no: payment.payment_no, provider: payment.provider, merchant: payment.merchant, refund_no },
    refund_id: '5030',
    amount: 100,
  } as const;

  it('warns of a refund of a payment that is not settled', async () => {
    const { lines, metrics } = await callbackOf(() => refund, stored);
    expect(lines).toMatchObject([
      { ...named, level: 'WARN', refund_no, outcome: 'not_settled', status: 409 },
    ]);
    expect(metrics).toEqual(['Settlement wechat not_settled: 1']);
  });

  it('names the refund that a message is about', async () => {
    const paid = { order: { ...order, status: 'paid', paid_by: 1 }, payments: [paidPayment(order)] } as const;
    const { lines } = await callbackOf(() => refund, paid);
    expect(lines).toMatchObject([{ ...named, refund_no, outcome: 'unknown_refund' }]);
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
    ['is too large', () => null, 'x'.repeat(300_000), { reason: '请求体不能超过 262144 字节', status: 413 }],
    [
      'lacks a field',
      failing(new MalformedMessageError('amount', wordings.notObject)),
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
    ['is empty', () => null, ''],
    ['lacks a field', failing(new MalformedMessageError('amount', wordings.notObject)), '{}'],
  ])('counts a message that %s apart where it must be answered with 500', async (_, receive, body) => {
    const { lines, metrics } = await callbackOf(receive, {
      body,
      acknowledgement: wechatNotifyAcknowledgement,
    });
    expect(lines).toMatchObject([{ level: 'WARN', outcome: 'malformed', status: 500 }]);
    expect(metrics).toEqual(['MessageMalformed wechat: 1', 'MalformedAnswered500: 1']);
  });

  it.each([
    ['the store does not answer', new Error('ECONNRESET of 10.0.0.1'), 'CallbackFailed'],
    ['the store and the code disagree', new UnexpectedRefusalError('refused "settle"'), 'UnexpectedRefusal'],
  ])('is an error when %s', async (_, error, metric) => {
    const store = { ...createMemoryStore(stored), write: () => Promise.reject(error) };
    const { lines, metrics } = await callbackOf(() => success, { store });
    expect(lines).toMatchObject([
      { ...common, level: 'ERROR', outcome: 'failed', status: 500, error: error.name },
    ]);
    expect(metrics).toEqual([`${metric}: 1`]);
    expect(JSON.stringify(lines)).not.toContain('10.0.0.1');
  });

  it('tells the status that was answered, which is not that of other callbacks at /v2/payments/notify', async () => {
    const { lines } = await callbackOf(() => success, { acknowledgement: wechatNotifyAcknowledgement });
    expect(lines).toMatchObject([{ outcome: 'not_found', status: 500 }]);
  });
});
