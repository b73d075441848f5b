import { describe, expect, it } from 'vitest';
import { deliveriesCsv, deliveriesReply, readDeliveriesRequest } from '../../../lib/http/deliveries-api.ts';
import { encodeCursor } from '../../../lib/http/query-parameters.ts';
import type { Claims } from '../../../lib/http/token.ts';
import { decodeDeliveryId } from '../../../lib/webhooks/delivery.ts';
import { deliveryOf } from '../../support/deliveries.ts';

const now = Date.parse('2026-11-26T08:00:00.000Z');
const admin: Claims = { sub: 'admin-1', role: 'admin' };
const ofTenant: Claims = { ...admin, tenant_id: 7 };
const read = (query: Readonly<Record<string, string>>, claims = admin) =>
  readDeliveriesRequest(query, claims, now);

describe('readDeliveriesRequest', () => {
  it("asks for all of the stage's own where nothing is said", () => {
    expect(read({})?.query).toEqual({
      receiver: 'stage',
      ...{ state: undefined, type: undefined, order_no: undefined },
      ...{ from: '2026-10-27T08:00:00.000Z', to: '2026-11-26T07:59:59.999Z', after: null, limit: 50 },
    });
  });

  it('asks for what is said', () => {
    const after = { at: '2026-11-25T12:00:00.000Z', key: 'evt_1' };
    const [from, to] = ['2026-11-25T00:00:00.000Z', '2026-11-25T16:00:00.000Z'];
    const query = {
      ...{ tenant_id: '7', state: 'given_up', type: 'refund.failed', order_no: 'mall-1', limit: '5' },
      ...{ from: '2026-11-25', to: '2026-11-25T16:00:00Z', cursor: encodeCursor(after, from, to) },
    };
    expect(read(query)?.query).toEqual({
      receiver: 'tenant:7',
      ...{ state: 'given_up', type: 'refund.failed', order_no: 'mall-1', limit: 5, after },
      ...{ from, to: '2026-11-25T15:59:59.999Z' },
    });
  });

  it("gives a tenant its own alone: another's are none, and the stage's are not asked for", () => {
    expect(read({}, ofTenant)?.query).toMatchObject({ receiver: 'tenant:7' });
    expect(read({ tenant_id: '7' }, ofTenant)?.query).toMatchObject({ receiver: 'tenant:7' });
    expect(read({ tenant_id: '8' }, ofTenant)).toBeNull();
  });

  it.each([
    [{ tenant_id: '0' }, 'tenant_id'],
    [{ tenant_id: 'stage' }, 'tenant_id'],
    [{ state: 'open' }, 'state'],
    [{ type: 'order.packed' }, 'type'],
    [{ order_no: 'mall-1-2' }, 'order_no'],
    [{ order_no: '*' }, 'order_no'],
    [{ from: 'x' }, 'from'],
    [{ to: '2026-11-31' }, 'to'],
    [{ from: '2026-11-26', to: '2026-11-26' }, 'from'],
    [{ from: '2026-10-01', to: '2026-11-02' }, '31'],
    [{ limit: '101' }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
  ])('refuses %j', (query, word) => {
    for (const claims of [admin, ofTenant]) {
      expect(() => read(query, claims)).toThrow(
        expect.objectContaining({ statusCode: 400, message: expect.stringContaining(word) }),
      );
    }
  });
});

describe('a page of deliveries', () => {
  const { period } = read({}) ?? {};
  const [from = '', to = ''] = [period?.from, period?.to];
  const cursorAt = (at: string, key = 'evt_1') => encodeCursor({ at, key }, from, to);

  it('is followed by that of the same period, though another has become the default', () => {
    const later = now + 3_600_000;
    const next = readDeliveriesRequest({ cursor: cursorAt(from) }, admin, later);
    const { query, period: same } = next ?? {};
    expect(same).toEqual({ from, to });
    expect(query).toMatchObject({ from, to: '2026-11-26T07:59:59.999Z', after: { at: from, key: 'evt_1' } });
  });

  it.each([
    ['before the period', cursorAt('2026-10-27T07:59:59.999Z')],
    ['behind it', cursorAt(to)],
    ['of another list, whose cursors have no period', encodeCursor({ at: from, key: 'evt_1' })],
    ['that no key of the table can be', cursorAt(from, 'e'.repeat(961))],
  ])('begins at no place %s', (_, cursor) => {
    expect(() => read({ cursor })).toThrow(expect.objectContaining({ fields: ['cursor'] }));
  });
});

describe('deliveriesReply', () => {
  const request = { period: { from: '2026-10-27T08:00:00.000Z', to: '2026-11-26T08:00:00.000Z' } };
  const attempts = [{ at: '2026-11-26T08:00:00.000Z', status: 503, error: null, duration_ms: 41 }];
  const delivery = deliveryOf({ receiver: 'tenant:7', attempts, due_at: '2026-11-26T08:02:00.000Z' });
  const first = (changes: Partial<typeof delivery>) =>
    deliveriesReply(request, { items: [{ ...delivery, ...changes }], next: null }).deliveries[0];

  it('shows what became of a delivery, and not what was sent', () => {
    const { event_id, timestamp, type, order_no, due_at } = delivery;
    expect(first({})).toEqual({
      ...{ id: expect.any(String), tenant_id: 7, event_id, timestamp, type, order_no, state: 'due', due_at },
      ...{ attempts, ended_at: null, reason: null, redelivered: null },
    });
    expect(JSON.stringify(first({}))).not.toContain('body');
  });

  it('names it by its id', () => {
    const { receiver, timestamp, event_id } = delivery;
    expect(decodeDeliveryId(first({})?.id ?? '')).toEqual({ receiver, timestamp, event_id });
  });

  it('names no time for what waits', () => {
    expect(first({ waits: true })).toMatchObject({ state: 'due', due_at: null });
  });

  it('says where to go on', () => {
    const next = { at: request.period.from, key: delivery.event_id };
    const { cursor } = deliveriesReply(request, { items: [], next });
    expect(read({ cursor: String(cursor) })).toMatchObject({ query: { after: next }, ...request });
  });
});

it('a row of a delivery has how often it was attempted, and what came of the last attempt', () => {
  const attempts = [
    { at: '2026-11-26T08:00:00.000Z', status: 503, error: null, duration_ms: 41 },
    { at: '2026-11-26T08:01:00.000Z', status: null, error: 'timeout' as const, duration_ms: 9_000 },
  ];
  const period = { from: '2026-11-26T00:00:00.000Z', to: '2026-11-27T00:00:00.000Z' };
  const redelivered = { by: 'admin-1', at: '2026-11-26T08:02:00.000Z' };
  const items = [deliveryOf({ attempts, redelivered }), deliveryOf({ receiver: 'tenant:7' })];
  const rows = deliveriesCsv.rows(deliveriesReply({ period }, { items, next: null }));
  const named = rows.map((row) =>
    Object.fromEntries(deliveriesCsv.columns.map((name, at) => [name, row[at]])),
  );
  expect(named).toMatchObject([
    {
      ...{ tenant_id: null, order_no: 'mall-1', state: 'due', attempts: 2 },
      ...{ last_attempt_at: attempts[1]?.at, last_status: null, last_error: 'timeout' },
      ...{ redelivered_by: 'admin-1', redelivered_at: redelivered.at },
    },
    {
      ...{ tenant_id: 7, attempts: 0, last_attempt_at: null, last_status: null, last_error: null },
      ...{ redelivered_by: null, redelivered_at: null },
    },
  ]);
});
