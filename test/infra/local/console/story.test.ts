import { describe, expect, expectTypeOf, it } from 'vitest';
import { createJournal } from '../../../../infra/local/console/journal.ts';
import type { CallbackOutcome } from '../../../../infra/local/console/rows.ts';
import { tellStory } from '../../../../infra/local/console/story.ts';
import type { Item } from '../../../../infra/local/console/table.ts';
import type { Payment } from '../../../../infra/local/simulators/payments.ts';
import type { ReceivedWebhook } from '../../../../infra/local/simulators/received-webhook.ts';
import type { EventResult } from '../../../../lib/orders/settle.ts';

const paymentAtWechat: Payment = {
  provider: 'wechat',
  state: 'open',
  ...{ merchant: '1900000001', id: 'mall-1', payment_no: 'mall-1', amount: 1999, currency: 'CNY' },
  ...{ description: '', notify_url: '', pay_url: null, prepay_id: null, transaction_id: null },
  ...{ created_at: '', expires_at: null, paid_at: null, discount: { merchant: 0, provider: 0 } },
};

const isCallback = (name: string) => name === 'wechat-notify';

function setUp() {
  let now = 1_800_000_000_000;
  const journal = createJournal(() => now);
  let requests = 0;
  return {
    journal,
    pass(ms: number) {
      now += ms;
    },
    tell: (items: Parameters<typeof tellStory>[2] = []) =>
      tellStory('mall-1', journal.entries(), items, isCallback),
    /** A callback with its log line and, when the simulators sent it, their record of it. */
    callback(body: string, line: object, sent: { attempt?: number; status?: number | null } | null = {}) {
      now += 10;
      requests += 1;
      const request_id = `r${requests}`;
      journal.addLog(JSON.stringify({ request_id, message: 'callback', ...line }));
      journal.add({
        type: 'request',
        request_id,
        function: 'wechat-notify',
        method: 'POST',
        target: '/v2/payments/notify',
        headers: {},
        body: Buffer.from(body),
        status: 200,
        answer: '{}',
        started_at: new Date(now - 5).toISOString(),
        duration_ms: 5,
      });
      if (!sent) return;
      const { attempt = 1, status = 200 } = sent;
      const message = { url: 'http://127.0.0.1/', headers: {}, body, answer: '' };
      journal.add({
        type: 'delivery',
        delivery: { provider: 'wechat', payment_no: 'mall-1', attempt, status, ...message },
      });
    },
  };
}

describe('a story', () => {
  it('finds a refused callback by its bytes, and says why it was refused', () => {
    const { callback, tell } = setUp();
    callback('{"cipher":1}', { outcome: 'refused', reason: 'signature_mismatch' });
    callback('{"cipher":"of another order"}', { outcome: 'refused', reason: 'probe' }, null);
    expect(tell()).toMatchObject([
      { kind: 'callback', verification: 'refused', reason: 'signature_mismatch', attempt: 1 },
    ]);
  });

  it('finds a callback that nobody here sent by what the function logged', () => {
    const { callback, tell } = setUp();
    callback('{"cipher":1}', { outcome: 'settled', order_no: 'mall-1' }, null);
    callback('{"cipher":2}', { outcome: 'settled', order_no: 'mall-12' }, null);
    expect(tell()).toMatchObject([{ kind: 'callback', verification: 'verified', outcome: 'settled' }]);
  });

  it('joins copies with the same result, and keeps apart what differs', () => {
    const { callback, tell } = setUp();
    callback('a', { outcome: 'settled', order_no: 'mall-1' });
    for (let copy = 0; copy < 3; copy++) callback('a', { outcome: 'already_settled', order_no: 'mall-1' });
    expect(tell()).toMatchObject([
      { outcome: 'settled', count: 1 },
      { outcome: 'already_settled', count: 3 },
    ]);
  });

  it('tells a lost answer and a retry', () => {
    const { callback, tell } = setUp();
    callback('a', { outcome: 'settled', order_no: 'mall-1' }, { status: null });
    callback('b', { outcome: 'already_settled', order_no: 'mall-1' }, { attempt: 2 });
    expect(tell()).toMatchObject([
      { answer_dropped: true, attempt: 1 },
      { answer_dropped: false, attempt: 2 },
    ]);
  });

  it('tells of a message that never arrived', () => {
    const { journal, tell } = setUp();
    const message = { url: 'http://127.0.0.1/', headers: {}, body: 'a', answer: '' };
    journal.add({
      type: 'delivery',
      delivery: { provider: 'wechat', payment_no: 'mall-1-2', attempt: 3, status: null, ...message },
    });
    expect(tell()).toMatchObject([{ kind: 'undelivered', attempt: 3 }]);
  });

  it('tells what is stored beside the order, with amounts as they are read', () => {
    const { tell } = setUp();
    const money = { provider: 'wechat', merchant: '1900000001', amount: 1999, currency: 'CNY' };
    const stored = (sk: string, fields: object): Item => ({ pk: 'ORDER#mall-1', sk, ...money, ...fields });
    const told = tell([
      stored('EXCEPTION#mismatch#wechat#mall-1#T1', {
        kind: 'mismatch',
        payment_no: 'mall-1',
        fields: ['amount'],
        recorded_at: '3',
      }),
      stored('PAYMENT#1', {
        payment_no: 'mall-1',
        begun_at: '1',
        payee: 'shop:mall#3',
        debit: 'provider:wechat.1900000001#3',
        credit: 'shop:mall#3',
        booked_at: '2',
        transaction_id: 'T1',
      }),
      stored('SUSPENSE#1#T2', {
        debit: 'provider:wechat.1900000001#3',
        credit: 'suspense:wechat.1900000001#3',
        booked_at: '4',
        transaction_id: 'T2',
      }),
      stored('REFUND#1', { refund_no: 'mall-1-r1', payment_no: 'mall-1', status: 'open', created_at: '5' }),
      stored('ORDER', { created_at: '0' }),
    ]);
    const debit = 'provider:wechat.1900000001';
    expect(told).toMatchObject([
      { kind: 'begun', payment_no: 'mall-1', provider: 'wechat' },
      {
        kind: 'journal_entry',
        summary: { debit, credit: 'shop:mall', amount: '19.99', transaction_id: 'T1' },
      },
      { kind: 'exception', summary: { kind: 'mismatch', payment_no: 'mall-1', fields: 'amount' } },
      {
        kind: 'journal_entry',
        summary: { debit, credit: 'suspense:wechat.1900000001', transaction_id: 'T2' },
      },
      {
        kind: 'refund_requested',
        summary: { refund_no: 'mall-1-r1', payment_no: 'mall-1', amount: '19.99' },
      },
    ]);
  });

  it.each([
    ['within one millisecond', 0],
    ['while it lasts', 7],
  ])('has whoever calls before what comes of the call: %s', (_name, ms) => {
    const { journal, tell, pass } = setUp();
    const at = new Date(1_800_000_000_000).toISOString();
    const call = { to: 'wechat', method: 'POST', path: '/v3/pay', body: 'mall-1', answer: '' } as const;
    // As the simulators write them down: the payment is made inside the call, and both inside the request.
    pass(ms);
    journal.add({ type: 'payment', payment: paymentAtWechat });
    pass(ms);
    journal.add({ type: 'call', ...call, status: 200, started_at: at });
    journal.add({
      ...{ type: 'request', request_id: 'r1', function: 'pay-mall-order', method: 'POST' },
      ...{ target: '/v2/orders/mall/1/pay', headers: {}, body: Buffer.from(''), status: 200, answer: '' },
      ...{ started_at: at, duration_ms: 2 * ms },
    });
    const begun = { pk: 'ORDER#mall-1', sk: 'PAYMENT#1', payment_no: 'mall-1', begun_at: at };
    const told = tell([{ ...begun, provider: 'wechat', amount: 1, currency: 'CNY', payee: 'shop:mall#3' }]);
    expect(told.map(({ kind }) => kind)).toEqual(['request', 'begun', 'provider_call', 'payment']);
  });

  it('tells of the end of a refund, of a shipment and of an exception when it came', () => {
    const { callback, tell } = setUp();
    callback('a', { outcome: 'refunded', order_no: 'mall-1' });
    const at = (ms: number) => new Date(1_800_000_000_000 + ms).toISOString();
    const stored = (sk: string, fields: object): Item => ({ pk: 'ORDER#mall-1', sk, ...fields });
    const money = { provider: 'wechat', amount: 1999, currency: 'CNY', payment_no: 'mall-1' };
    const resolved = { resolution: 'returned', reason: 'twice', by: 'operator-1', at: at(40) };
    const told = tell([
      stored('REFUND#1', { ...money, status: 'succeeded', created_at: at(0), updated_at: at(20) }),
      stored('SHIPPING', { ...money, state: 'told', requested_at: at(1), told_at: at(30) }),
      stored('EXCEPTION#x', { ...money, kind: 'paid_twice', fields: [], recorded_at: at(2), resolved }),
    ]);
    const ends = [
      { kind: 'refund_decided', summary: { status: 'succeeded' } },
      { kind: 'shipping_told', summary: { state: 'told' } },
      {
        kind: 'exception_resolved',
        summary: { kind: 'paid_twice', resolution: 'returned', reason: 'twice' },
      },
    ];
    expect(told).toMatchObject([
      { kind: 'refund_requested' },
      { kind: 'shipping' },
      { kind: 'exception' },
      { kind: 'callback' },
      ...ends,
    ]);
    const [asked, , exception] = told;
    expect(asked).not.toHaveProperty('summary.status');
    expect(exception).not.toHaveProperty('summary.fields');
    // Who resolved it is a person's name.
    expect(JSON.stringify(told)).not.toContain('operator-1');
  });

  it('knows every outcome that a callback can have', () => {
    expectTypeOf<EventResult['outcome']>().toExtend<CallbackOutcome>();
  });

  it('tells what was published, and each webhook that came of it', () => {
    const { journal, tell } = setUp();
    const order = { order_no: 'mall-1', version: 2, kind: 'mall', id: 1, tenant_id: null } as const;
    const published = {
      id: 'evt_1',
      recorded_at: '2026-11-26T08:00:00.000Z',
      owner: 'shop:mall',
      type: 'order.closed',
      timestamp: '2026-11-26T08:00:00.000Z',
      data: { ...order, status: 'closed', amount: '19.99', currency: 'CNY' },
    } as const;
    const { id: webhook_id, owner: _owner, ...event } = published;
    const body = JSON.stringify(event);
    const came = { receiver: 'stage', headers: {}, body, webhook_id, refusal: null, attempt: 1 } as const;
    const webhook = (heard: Partial<ReceivedWebhook>) =>
      journal.add({
        type: 'webhook',
        webhook: { ...came, event, outcome: 'taken', status: 200, ...heard },
      });
    journal.add({ type: 'event', event: published });
    webhook({ outcome: 'not_taken', status: 500 });
    webhook({ attempt: 2 });
    // A forgery says nothing, and belongs to the story all the same.
    webhook({ event: null, refusal: 'no_matching_signature', outcome: 'not_verified', status: 401 });
    webhook({ event: { ...event, data: { ...event.data, order_no: 'mall-2' } } });
    const row = { kind: 'webhook', receiver: 'stage', type: 'order.closed', order_no: 'mall-1' };
    expect(tell()).toMatchObject([
      { kind: 'event', type: 'order.closed' },
      { ...row, outcome: 'not_taken', status: 500, attempt: 1 },
      { ...row, outcome: 'taken', status: 200, attempt: 2 },
      { ...row, type: null, order_no: null, refusal: 'no_matching_signature', status: 401 },
    ]);
  });

  it('says what the group was told, and whether the robot took it', () => {
    const { journal, tell } = setUp();
    const started_at = new Date(0).toISOString();
    const call = { type: 'call', to: 'wecom', method: 'POST', path: '/send', started_at } as const;
    const body = (order_no: string) => JSON.stringify({ markdown: { content: `paid \`${order_no}\`` } });
    journal.add({ ...call, body: body('mall-1'), status: 200, answer: '{"errcode":45009}' });
    journal.add({ ...call, body: body('mall-1'), status: 200, answer: '{"errcode":0}' });
    journal.add({ ...call, body: body('mall-2'), status: 200, answer: '{"errcode":0}' });
    expect(tell()).toMatchObject([
      { kind: 'wecom', content: 'paid `mall-1`', taken: false },
      { kind: 'wecom', taken: true },
    ]);
  });
});

describe('the journal', () => {
  it('is bounded, and knows its entries by their number', () => {
    const journal = createJournal(() => 0);
    const sent = { method: 'GET', body: '', status: 200, answer: '' } as const;
    const call = { type: 'call', to: 'wecom', ...sent, started_at: new Date(0).toISOString() } as const;
    for (let index = 1; index <= 5_003; index++) journal.add({ ...call, path: `/${index}` });
    expect(journal.entries()).toHaveLength(5_000);
    expect(journal.get(3)).toBeUndefined();
    expect(journal.get(4)).toMatchObject({ path: '/4' });
    expect(journal.get(5_003)).toMatchObject({ path: '/5003' });
  });
});
