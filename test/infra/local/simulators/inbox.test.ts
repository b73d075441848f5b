import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InboxReceiver } from '../../../../infra/local/simulators/inbox.ts';
import type { KnownState, ReceivedWebhook } from '../../../../infra/local/simulators/received-webhook.ts';
import { type Bench, startBench, uniqueOrderNumber } from './bench.ts';

const OLD_SECRET = `whsec_${randomBytes(24).toString('base64')}`;
let bench: Bench;
beforeAll(async () => {
  bench = await startBench((counterparts) => ({
    ...counterparts,
    inboxes: new Map(
      Array.from(counterparts.inboxes, ([name, { url, secrets }]) => [
        name,
        { url, secrets: [...secrets, OLD_SECRET] },
      ]),
    ),
  }));
});
afterAll(() => bench.stop());

let order_no: string;
beforeEach(async () => {
  order_no = uniqueOrderNumber();
  await answer('stage', 'ok');
});

const answer = (receiver: string, chosen: string, only_next = false) =>
  bench.control('/inbox', { receiver, answer: chosen, only_next });

const paid = (data: object = {}) => event('order.paid', data);

function event(type: string, data: object): object {
  const order = { order_no, version: 3, kind: 'mall', id: 1, tenant_id: null };
  const money = { status: 'paid', amount: '19.99', currency: 'CNY' };
  const by = { payment_no: order_no, provider: 'wechat', merchant: '1900000001' };
  const rest = { transaction_id: 'T1', paid_at: '2026-11-26T08:00:00.000Z' };
  return {
    type,
    timestamp: '2026-11-26T08:00:00.000Z',
    data: { ...order, ...money, ...by, ...rest, ...data },
  };
}

const secretOf = (receiver: string): string => bench.counterparts.inboxes.get(receiver)?.secrets[0] ?? '';

interface Sent {
  readonly id?: string;
  readonly receiver?: string;
  readonly secret?: string;
  readonly at?: Date;
  readonly signal?: AbortSignal;
  readonly change?: (headers: Record<string, string>, body: string) => [Record<string, string>, string];
}

async function send(message: object, sent: Sent = {}): Promise<number> {
  const { receiver = 'stage', id = `evt_${randomBytes(16).toString('hex')}`, at = new Date() } = sent;
  const { secret = secretOf(receiver), signal, change = (...same) => same } = sent;
  const text = JSON.stringify(message);
  const signature = new Webhook(secret).sign(id, at, text);
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signed = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  const [headers, body] = change({ ...signed, 'content-type': 'application/json' }, text);
  const url = bench.counterparts.inboxes.get(receiver)?.url ?? '';
  return (await fetch(url, { method: 'POST', headers, body, ...(signal && { signal }) })).status;
}

async function received(of = order_no): Promise<ReceivedWebhook[]> {
  const { body } = await bench.control(`/inbox/received?order_no=${of}`);
  return (body as { received: ReceivedWebhook[] }).received;
}

async function known(): Promise<KnownState[]> {
  const { body } = await bench.control(`/inbox/known?order_no=${order_no}`);
  return (body as { known: KnownState[] }).known;
}

async function latest(): Promise<ReceivedWebhook | undefined> {
  const { body } = await bench.control('/inbox/received');
  return (body as { received: ReceivedWebhook[] }).received.at(-1);
}

describe('a message', () => {
  it('that is signed is taken and kept, without its signature', async () => {
    expect(await send(paid(), { id: 'evt_1' })).toBe(200);
    const [webhook] = await received();
    expect(webhook).toMatchObject({
      ...{ receiver: 'stage', webhook_id: 'evt_1', refusal: null, attempt: 1, outcome: 'taken', status: 200 },
      ...{ event: paid(), body: JSON.stringify(paid()) },
    });
    expect(webhook?.headers['webhook-signature']).toBe('v1,…');
    expect(webhook?.headers['webhook-timestamp']).toMatch(/^\d{10}$/);
  });

  it('is verified with either secret of a rotation, and by one of several signatures', async () => {
    expect(await send(paid(), { secret: OLD_SECRET })).toBe(200);
    const both = (headers: Record<string, string>, body: string): [Record<string, string>, string] => [
      { ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` },
      body,
    ];
    expect(await send(paid(), { change: both })).toBe(200);
    expect((await received()).at(-1)?.headers['webhook-signature']).toBe('v1,… v1,…');
  });

  const without = (name: string) => (headers: Record<string, string>, body: string) =>
    [Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name)), body] as [
      Record<string, string>,
      string,
    ];
  const MINUTE_MS = 60_000;

  it.each<[string, Sent]>([
    ['no_matching_signature', { secret: `whsec_${randomBytes(24).toString('base64')}` }],
    ['no_matching_signature', { change: (headers, body) => [headers, body.replace('19.99', '1.99')] }],
    ['missing_headers', { change: without('webhook-id') }],
    ['malformed_headers', { change: (headers, body) => [{ ...headers, 'webhook-timestamp': 'now' }, body] }],
    ['too_old', { at: new Date(Date.now() - 6 * MINUTE_MS) }],
    ['too_new', { at: new Date(Date.now() + 6 * MINUTE_MS) }],
  ])('that does not verify is refused, and says why: %s', async (refusal, sent) => {
    expect(await send(paid(), sent)).toBe(401);
    expect(await latest()).toMatchObject({ refusal, outcome: 'not_verified', event: null });
    expect(await known()).toEqual([]);
  });

  it.each([
    ['no event', { hello: 'world' }],
    ['an event without a field', event('refund.succeeded', { version: undefined })],
    ['more than an event', { ...paid(), id: 'evt_9' }],
  ])('that is %s is malformed, though it is verified', async (_name, message) => {
    expect(await send(message)).toBe(400);
    expect(await latest()).toMatchObject({ refusal: null, outcome: 'malformed', event: null });
  });

  it('of a type that is not known is acknowledged, and changes nothing', async () => {
    expect(await send(event('order.sent', {}))).toBe(200);
    expect(await received()).toMatchObject([{ outcome: 'ignored' }]);
    expect(await known()).toEqual([]);
  });
});

describe('what the shop knows', () => {
  it('is the highest version, whatever is repeated and in whatever order it comes', async () => {
    await send(event('order.closed', { status: 'closed', version: 5 }), { id: 'evt_closed' });
    await send(event('payment.failed', { status: 'failed', version: 2 }));
    await send(event('order.closed', { status: 'closed', version: 5 }), { id: 'evt_closed' });
    expect((await received()).map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
      ['taken', 1],
      ['outdated', 1],
      ['repeated', 2],
    ]);
    await send(paid({ version: 6 }));
    expect(await known()).toEqual([
      {
        ...{ receiver: 'stage', about: 'order', name: order_no, order_no, version: 6, state: 'paid' },
        timestamp: '2026-11-26T08:00:00.000Z',
      },
    ]);
  });

  it('is of its refunds, exceptions and disputes too, each by its own version', async () => {
    await send(paid());
    await send(event('refund.succeeded', { refund_no: `${order_no}-r1`, status: 'succeeded', version: 2 }));
    await send(event('dispute.opened', { dispute_id: 'dp_1', state: 'open', due_by: null, version: 1 }));
    const exception = { id: 'x1', kind: 'mismatch', state: 'resolved', resolution: 'returned', version: 2 };
    await send(event('exception.resolved', exception));
    expect((await known()).map(({ about, name, state }) => [about, name, state])).toEqual([
      ['order', order_no, 'paid'],
      ['refund', `${order_no}-r1`, 'succeeded'],
      ['dispute', 'dp_1', 'open'],
      ['exception', 'x1', 'resolved'],
    ]);
  });

  it('is each receiver’s own, and each has secrets of its own', async () => {
    await send(paid());
    await send(paid({ version: 4 }), { receiver: 'tenants/8' });
    expect((await known()).map(({ receiver, version }) => [receiver, version])).toEqual([
      ['stage', 3],
      ['tenants/8', 4],
    ]);
    expect(await send(paid(), { receiver: 'tenants/8', secret: secretOf('stage') })).toBe(401);
  });
});

describe('a receiver that is told to', () => {
  it.each([
    ['error', 500],
    ['gone', 410],
  ])('answers %s, to all or to the next alone, and takes nothing then', async (chosen, status) => {
    await answer('stage', chosen, true);
    expect(await send(paid(), { id: `evt_${order_no}` })).toBe(status);
    expect(await known()).toEqual([]);
    expect(await send(paid(), { id: `evt_${order_no}` })).toBe(200);
    expect((await received()).map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
      ['not_taken', 1],
      ['taken', 2],
    ]);
    await answer('stage', chosen);
    expect([await send(paid()), await send(paid())]).toEqual([status, status]);
    expect(await send(paid(), { receiver: 'tenants/8' })).toBe(200);
    await answer('stage', 'ok', true);
    expect([await send(paid()), await send(paid())]).toEqual([200, status]);
  });

  it('hangs until its sender gives up', async () => {
    await answer('stage', 'hang');
    const giveUp = new AbortController();
    const pending = send(paid(), { signal: giveUp.signal });
    await expect.poll(async () => (await received()).length).toBe(1);
    giveUp.abort();
    await expect(pending).rejects.toThrow('aborted');
    expect(await received()).toMatchObject([{ status: null, outcome: 'not_taken', refusal: null }]);
    expect(await known()).toEqual([]);
  });

  it('says what it answers', async () => {
    await answer('tenants/8', 'gone');
    await answer('tenants/8', 'error', true);
    const { body } = await bench.control('/inbox');
    const { receivers } = body as { receivers: InboxReceiver[] };
    expect(receivers).toEqual([
      { receiver: 'stage', url: `${bench.url}/inbox/stage`, answer: 'ok', next: null },
      { receiver: 'tenants/8', url: `${bench.url}/inbox/tenants/8`, answer: 'gone', next: 'error' },
    ]);
    await answer('tenants/8', 'ok');
  });
});

it('takes nothing but POST, nor has anybody an inbox who has no document', async () => {
  expect((await fetch(`${bench.url}/inbox/stage`)).status).toBe(405);
  expect((await fetch(`${bench.url}/inbox/tenants/9`, { method: 'POST' })).status).toBe(404);
  expect((await answer('tenants/9', 'ok')).status).toBe(404);
  expect(await bench.control('/inbox', { receiver: 'stage', answer: 'maybe' })).toMatchObject({
    status: 400,
    body: { error: 'answer: not valid' },
  });
});

it('is not there where every document is somebody’s own', async () => {
  const empty = await startBench((counterparts) => ({ ...counterparts, inboxes: new Map() }));
  try {
    expect((await fetch(`${empty.url}/inbox/stage`, { method: 'POST' })).status).toBe(503);
    expect((await empty.control('/inbox')).status).toBe(503);
    expect((await empty.control('/inbox', { receiver: 'stage', answer: 'ok' })).status).toBe(503);
  } finally {
    await empty.stop();
  }
});
