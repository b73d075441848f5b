import { describe, expect, it } from 'vitest';
import { ordersReply, readOrdersRequest } from '../../../lib/http/orders-api.ts';
import { encodeCursor } from '../../../lib/http/query-parameters.ts';
import type { Claims } from '../../../lib/http/token.ts';
import type { Snapshot } from '../../../lib/orders/snapshot.ts';
import { disputeOf, paidPayment, paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';

const now = Date.parse('2026-11-22T08:00:00.000Z');
const viewer: Claims = { sub: 'viewer-1', role: 'viewer' };
const ofTenant: Claims = { ...viewer, tenant_id: 7 };
const read = (query: Readonly<Record<string, string>>, claims = viewer) =>
  readOrdersRequest(query, claims, now);
const week = { from: '2026-11-15T08:00:00.000Z', to: '2026-11-22T08:00:00.000Z' };

describe('which orders are asked for', () => {
  it.each([
    [{ kind: 'mall' }, 'shop:mall'],
    [{ kind: 'meal' }, 'shop:meal'],
    [{ tenant_id: '9' }, 'tenant:9'],
    [{ kind: 'tenant', tenant_id: '9' }, 'tenant:9'],
  ])('%j: those of %s, of the last week', (query, owner) => {
    expect(read(query)).toEqual({ owner, status: undefined, period: week, after: null, limit: 50 });
  });

  it('is said by status, period and place', () => {
    const period = { from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' };
    const after = { at: '2026-10-05T00:00:00.000Z', key: 'ORDER#mall-1 ORDER' };
    const query = { kind: 'mall', status: 'paid', from: '2026-10-01', to: '2026-11-01', limit: '5' };
    const request = { owner: 'shop:mall', status: 'paid', period, limit: 5 };
    expect(read(query)).toEqual({ ...request, after: null });
    const cursor = encodeCursor(after, period.from, period.to);
    expect(read({ ...query, cursor })).toEqual({ ...request, after });
    // A cursor says its period itself.
    expect(read({ kind: 'mall', status: 'paid', limit: '5', cursor })).toEqual({ ...request, after });
  });

  it("of a tenant's token is its own; another's, and a shop's, are none", () => {
    for (const query of [{}, { kind: 'tenant' }, { tenant_id: '7' }]) {
      expect(read(query, ofTenant)).toMatchObject({ owner: 'tenant:7' });
    }
    for (const query of [{ tenant_id: '8' }, { kind: 'mall' }, { kind: 'meal' }]) {
      expect(read(query, ofTenant)).toBeNull();
    }
  });

  it.each([
    [{}, 'missing_field', ['tenant_id', 'kind']],
    [{ status: 'paid' }, 'missing_field', ['tenant_id', 'kind']],
    [{ kind: 'tenant' }, 'missing_field', ['tenant_id']],
    [{ kind: 'mall', tenant_id: '7' }, 'invalid_field', ['tenant_id']],
    [{ kind: 'shop' }, 'invalid_field', ['kind']],
    [{ tenant_id: '0' }, 'invalid_field', ['tenant_id']],
    [{ kind: 'mall', status: 'open' }, 'invalid_field', ['status']],
    [{ kind: 'mall', limit: '101' }, 'invalid_field', ['limit']],
    [{ kind: 'mall', from: '2026-10-22', to: '2026-11-22T00:00:00.001Z' }, 'invalid_field', ['from', 'to']],
    [{ kind: 'mall', from: '2026-11-22', to: '2026-11-22' }, 'invalid_field', ['from']],
    [{ kind: 'mall', cursor: 'x' }, 'invalid_field', ['cursor']],
    [{ kind: 'x', status: 'y', limit: '0', to: 'z' }, 'invalid_field', ['kind', 'status', 'limit', 'to']],
  ])('cannot be %j', (query, word, fields) => {
    expect(() => read(query)).toThrow(expect.objectContaining({ statusCode: 400, word, fields }));
  });

  it('goes on only within the period that the place is of', () => {
    const cursorAt = (at: string) => encodeCursor({ at, key: 'k' }, week.from, week.to);
    expect(read({ kind: 'mall', cursor: cursorAt(week.from) })).not.toBeNull();
    for (const query of [
      { cursor: cursorAt(week.to) },
      { cursor: cursorAt('2026-11-15T07:59:59.999Z') },
      { cursor: cursorAt(week.from), from: '2026-11-16' },
      { cursor: encodeCursor({ at: week.from, key: 'k' }) },
    ]) {
      expect(() => read({ kind: 'mall', ...query })).toThrow(expect.objectContaining({ fields: ['cursor'] }));
    }
  });
});

describe('what is told of them', () => {
  const request = { owner: 'shop:mall', status: undefined, period: week, after: null, limit: 50 };
  const snapshotOf = (changes: Pick<Snapshot, 'order'> & Partial<Snapshot>): Snapshot => ({
    ...{ payments: [], suspense: [], refunds: [], returns: [], disputes: [], shipping: null, exceptions: [] },
    ...changes,
  });

  it('is whose they are, what they are for, and what waits for somebody', () => {
    const order = tenantOrder({ status: 'paid', paid_by: 1, paid_at: week.to });
    const payment = paidPayment(order);
    const disputes = [
      disputeOf(payment),
      disputeOf(payment, { dispute_id: 'du_2' }),
      disputeOf(payment, { dispute_id: 'du_3', state: 'won' }),
      disputeOf(payment, { dispute_id: 'du_4', state: 'lost' }),
    ];
    const items = [snapshotOf({ order, payments: [payment], disputes })];
    expect(ordersReply(request, { items, next: null })).toEqual({
      orders: [
        {
          ...{ order_no: order.order_no, status: 'paid', amount: '19.99', currency: 'USD' },
          ...{ provider: 'stripe', transaction_id: 'T1', refunded_amount: '0.00', exceptions: 0 },
          ...{ created_at: order.created_at, paid_at: week.to, expires_at: order.expires_at },
          ...{ kind: 'tenant', tenant_id: 7, description: order.description, closed_by: null, disputes: 2 },
        },
      ],
      cursor: null,
    });
  });

  it("of a shop's order names no tenant, and says who closed it", () => {
    const order = shopOrder({ status: 'closed', closed_by: 'user-1' });
    const items = [snapshotOf({ order, payments: [paymentOf(order)] })];
    expect(ordersReply(request, { items, next: null }).orders).toMatchObject([
      { kind: 'mall', tenant_id: null, closed_by: 'user-1', expires_at: null, disputes: 0 },
    ]);
  });

  it('says where it goes on, in a form that is taken again', () => {
    const next = { at: '2026-11-20T00:00:00.000Z', key: 'ORDER#mall-1 ORDER' };
    const { cursor } = ordersReply(request, { items: [], next });
    expect(read({ kind: 'mall', cursor: String(cursor) })).toEqual({ ...request, after: next });
  });
});
