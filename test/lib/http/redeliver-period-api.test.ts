import { describe, expect, it } from 'vitest';
import { encodeCursor } from '../../../lib/http/query-parameters.ts';
import { createRedeliverPeriodApi } from '../../../lib/http/redeliver-period-api.ts';
import { deliveryOf } from '../../support/deliveries.ts';
import { NOW } from '../../support/orders.ts';
import { createMemoryDeliveries } from '../webhooks/memory-deliveries.ts';
import { admin, callApi, createApiWorld } from './api-world.ts';

const ofTenant = (tenant_id: number) => ({ ...admin, tenant_id });
const today = new Date(NOW).toISOString().slice(0, 10);
const tomorrow = new Date(NOW + 86_400_000).toISOString().slice(0, 10);
const body = { from: today, to: tomorrow };

const at = (hours: number) => ({ timestamp: new Date(Date.parse(today) + hours * 3_600_000).toISOString() });
const stages = deliveryOf({ ...at(1), state: 'given_up', reason: 'time_over', due_at: null });
const delivered = deliveryOf({ ...at(2), state: 'delivered', due_at: null });
const tenants = deliveryOf({ ...at(3), receiver: 'tenant:7', state: 'given_up', due_at: null });
const before = deliveryOf({ ...at(-1), state: 'given_up', due_at: null });

const cursorAt = (at: string, from = `${today}T00:00:00.000Z`) =>
  encodeCursor({ at, key: delivered.event_id }, from, `${tomorrow}T00:00:00.000Z`);

function create() {
  const deliveries = createMemoryDeliveries(stages, delivered, tenants, before);
  const { runtime, log } = createApiWorld();
  const api = createRedeliverPeriodApi(runtime, deliveries.store);
  const again = () =>
    [stages, delivered, tenants, before].filter((one) => deliveries.find(one)?.redelivered?.by === 'admin-1');
  return { ask: (sent: object, by = admin) => callApi(api, { by, body: sent }), again, log };
}

describe('to have a period sent again', () => {
  it("takes all of the stage's own in it", async () => {
    const { ask, again, log } = create();
    expect(await ask(body)).toMatchObject({ status: 202, data: { redelivered: 2, cursor: null } });
    expect(again()).toEqual([stages, delivered]);
    expect(log.lines()).toMatchObject([{ outcome: 'redelivered', receiver: 'stage', status: 202 }]);
  });

  it('takes those in a state alone', async () => {
    const { ask, again } = create();
    expect((await ask({ ...body, state: 'given_up' })).data).toEqual({ redelivered: 1, cursor: null });
    expect(again()).toEqual([stages]);
  });

  it("takes a tenant's own for its token, and where it is named", async () => {
    for (const [sent, by] of [
      [body, ofTenant(7)],
      [{ ...body, tenant_id: 7 }, ofTenant(7)],
      [{ ...body, tenant_id: 7 }, admin],
    ] as const) {
      const { ask, again } = create();
      expect((await ask(sent, by)).data).toEqual({ redelivered: 1, cursor: null });
      expect(again()).toEqual([tenants]);
    }
  });

  it('goes on where the cursor is', async () => {
    const { ask, again } = create();
    const cursor = cursorAt(delivered.timestamp);
    expect((await ask({ ...body, cursor })).data).toEqual({ redelivered: 1, cursor: null });
    expect(again()).toEqual([stages]);
  });

  it("does nothing for one tenant with another's", async () => {
    const { ask, again } = create();
    expect((await ask({ ...body, tenant_id: 8 }, ofTenant(7))).status).toBe(403);
    expect(again()).toEqual([]);
  });

  it.each([
    [{ to: tomorrow }, 'from'],
    [{ from: today }, 'to'],
    [{ from: 'x', to: tomorrow }, 'from'],
    [{ from: tomorrow, to: today }, 'from'],
    [{ from: '2026-01-01', to: tomorrow }, '31'],
    [{ ...body, state: 'open' }, 'state'],
    [{ ...body, tenant_id: '7' }, 'tenant_id'],
    [{ ...body, cursor: 'x' }, 'cursor'],
    [{ ...body, cursor: cursorAt(`${today}T01:00:00.000Z`, '2026-01-01T00:00:00.000Z') }, 'cursor'],
    [{ ...body, cursor: cursorAt('2026-01-01T00:00:00.000Z') }, 'cursor'],
    [{ ...body, cursor: cursorAt(`${tomorrow}T00:00:00.000Z`) }, 'cursor'],
    [{ ...body, typ: 'order.paid' }, 'typ'],
  ])('refuses %j', async (sent, word) => {
    const { ask, again } = create();
    expect(await ask(sent)).toMatchObject({ status: 400, message: expect.stringContaining(word) });
    expect(again()).toEqual([]);
  });
});
