import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { createWebhookReceiver, type Inbox, keepEvent } from '../../../infra/client/receive-webhook.ts';
import type { WebhookEvent } from '../../../infra/client/webhook-events.ts';

const secretOf = (letter: string) => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`;
const [current, next, retired] = ['c', 'n', 'r'].map(secretOf) as [string, string, string];

const emptyInbox = (): Inbox => ({ ids: new Set(), newest: new Map() });

const order = { kind: 'mall', id: 1, tenant_id: null, amount: '19.99', currency: 'CNY' } as const;
const payment = { payment_no: 'mall-1', provider: 'wechat', merchant: '1900000001' } as const;
const timestamp = '2026-11-22T08:00:00.000Z';

const orderEvent = (order_no: string, version: number): WebhookEvent => ({
  type: 'order.closed',
  timestamp,
  data: { ...order, order_no, version, status: 'closed' },
});
const failedPayment = (order_no: string, version: number): WebhookEvent => ({
  type: 'payment.failed',
  timestamp,
  data: { ...order, ...payment, order_no, version, status: 'failed' },
});
const refundEvent = (order_no: string, version: number): WebhookEvent => ({
  type: version % 2 === 0 ? 'refund.failed' : 'refund.succeeded',
  timestamp,
  data: {
    ...payment,
    ...{ order_no, version, refund_no: `${order_no}-r1`, amount: '5.00', currency: 'CNY', tenant_id: null },
    status: version % 2 === 0 ? 'failed' : 'succeeded',
  },
});
const exceptionEvent = (order_no: string, version: number): WebhookEvent => ({
  type: version % 2 === 0 ? 'exception.resolved' : 'exception.raised',
  timestamp,
  data: {
    ...payment,
    ...{ order_no, version, id: `of ${order_no}`, kind: 'paid_twice', amount: '19.99', currency: 'CNY' },
    tenant_id: null,
    state: version % 2 === 0 ? 'resolved' : 'open',
    resolution: version % 2 === 0 ? 'returned' : null,
  },
});
const disputeEvent = (order_no: string, version: number): WebhookEvent => ({
  type: version === 1 ? 'dispute.opened' : 'dispute.closed',
  timestamp,
  data: {
    ...payment,
    ...{ order_no, version, dispute_id: `du_${order_no}`, amount: '19.99', currency: 'CNY', tenant_id: null },
    ...{ state: version === 1 ? 'open' : 'lost', due_by: null },
  },
});
const kinds = { orderEvent, failedPayment, refundEvent, exceptionEvent, disputeEvent };

interface Sent {
  readonly id?: string;
  readonly secrets?: readonly string[];
  readonly secondsAgo?: number;
  readonly signed?: string;
}

/** A request as a stage sends it: signed with each of its secrets. */
function requestOf(
  body: string,
  { id = 'evt_1', secrets = [current], secondsAgo = 0, signed = body }: Sent = {},
) {
  const at = new Date(Date.now() - secondsAgo * 1000);
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, at, signed));
  return new Request('https://shop.test/hooks', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': signatures.join(' '),
    },
    body,
  });
}

it.each(['md', 'zh-CN.md'])('is what the page receive-webhooks.%s shows', (language) => {
  const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  const page = read(`docs/how-to/receive-webhooks.${language}`);
  const shown = /```ts\n(.*?)\n```/s.exec(page)?.[1]?.split('\n\n') ?? [];
  const source = read('infra/client/receive-webhook.ts');
  expect(shown).toHaveLength(2);
  expect(shown.filter((part) => !source.includes(part))).toEqual([]);
});

describe('the receiver', () => {
  const body = JSON.stringify(orderEvent('mall-1', 3));

  it('keeps an event that is signed, once', async () => {
    const inbox = emptyInbox();
    const receive = createWebhookReceiver(current, inbox);
    for (const _ of [1, 2]) expect((await receive(requestOf(body))).status).toBe(204);
    expect(inbox).toEqual({
      ids: new Set(['evt_1']),
      newest: new Map([['order mall-1', orderEvent('mall-1', 3)]]),
    });
  });

  it.each([current, next])('knows either secret of a rotation', async (secret) => {
    const receive = createWebhookReceiver(secret, emptyInbox());
    expect((await receive(requestOf(body, { secrets: [next, current] }))).status).toBe(204);
  });

  it.each<[string, Request]>([
    ['altered', requestOf(body.replace('19.99', '1.99'), { signed: body })],
    ['late', requestOf(body, { secondsAgo: 301 })],
    ['signed with a retired secret', requestOf(body, { secrets: [retired] })],
    ['not signed', new Request('https://shop.test/hooks', { method: 'POST', body })],
  ])('refuses what is %s', async (_, request) => {
    const inbox = emptyInbox();
    expect((await createWebhookReceiver(current, inbox)(request)).status).toBe(401);
    expect(inbox).toEqual(emptyInbox());
  });

  it('refuses an event under the id of another', async () => {
    const request = requestOf(body);
    request.headers.set('webhook-id', 'evt_2');
    expect((await createWebhookReceiver(current, emptyInbox())(request)).status).toBe(401);
  });

  it('acknowledges events of a type that it does not know', async () => {
    const inbox = emptyInbox();
    const unknown = JSON.stringify({
      type: 'order.packed',
      timestamp,
      data: { order_no: 'mall-1', version: 9 },
    });
    expect((await createWebhookReceiver(current, inbox)(requestOf(unknown))).status).toBe(204);
    expect(inbox.newest).toEqual(new Map());
  });

  it('ends with the truth, in whatever order and how often events come', () => {
    const published = fc.uniqueArray(
      fc.record({
        kind: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])),
        order_no: fc.constantFrom('mall-1', 'mall-2'),
        version: fc.integer({ min: 1, max: 6 }),
      }),
      // A version of an order is told of once.
      {
        selector: ({ kind, ...rest }) => JSON.stringify([kind.replace('failedPayment', 'orderEvent'), rest]),
      },
    );
    const deliveries = published
      .map((all) => all.map(({ kind, order_no, version }) => kinds[kind](order_no, version)))
      .map((events) => events.map((event, index) => ({ id: `evt_${index}`, event })))
      .chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc
            .tuple(
              events.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...events)),
              fc.constant(events),
            )
            .chain(([repeats, once]) =>
              fc.shuffledSubarray([...once, ...repeats], { minLength: once.length + repeats.length }),
            ),
        ),
      );
    fc.assert(
      fc.property(deliveries, ([events, sent]) => {
        const inbox = emptyInbox();
        for (const { id, event } of sent) keepEvent(inbox, id, event);
        expect(inbox.ids).toEqual(new Set(events.map(({ id }) => id)));
        expect(new Set(inbox.newest.values())).toEqual(truth(events.map(({ event }) => event)));
      }),
    );
  });
});

/** Of each thing, what was published of it last. */
function truth(events: readonly WebhookEvent[]): Set<WebhookEvent> {
  const things = Map.groupBy(
    events,
    ({ type, data }) => `${data.order_no} ${type.replace('payment', 'order').split('.')[0]}`,
  );
  const newest = [...things.values()].map((all) =>
    all.reduce((one, other) => (other.data.version > one.data.version ? other : one)),
  );
  return new Set(newest);
}
