import { describe, expect, it, vi } from 'vitest';
import { createRedeliverApi } from '../../../lib/http/redeliver-api.ts';
import { type Delivery, encodeDeliveryId } from '../../../lib/webhooks/delivery.ts';
import { parseQueueMessage } from '../../../lib/webhooks/queue-message.ts';
import { deliveryOf } from '../../support/deliveries.ts';
import { createMemoryDeliveries } from '../webhooks/memory-deliveries.ts';
import { admin, callApi, createApiWorld } from './api-world.ts';

const ofTenant = (tenant_id: number) => ({ ...admin, tenant_id });

function create(delivery: Delivery, send = vi.fn(async (_message: object, _group: string) => {})) {
  const { runtime, log } = createApiWorld();
  const deliveries = createMemoryDeliveries(delivery);
  const api = createRedeliverApi(runtime, { store: deliveries.store, send });
  const ask = (by = admin, id = encodeDeliveryId(delivery)) => callApi(api, { by, path: { id } });
  return { ask, send, log, deliveries };
}

const givenUp = (changes: Partial<Delivery> = {}) =>
  deliveryOf({ state: 'given_up', reason: 'gone', due_at: null, version: 2, ...changes });

describe('to have a delivery sent again', () => {
  it('makes it due, keeps who asked, and puts its message into the queue', async () => {
    const delivery = givenUp();
    const { ask, send, deliveries, log } = create(delivery);
    const answer = await ask();
    expect(answer).toMatchObject({
      status: 202,
      data: { id: encodeDeliveryId(delivery), state: 'due', reason: null, redelivered: { by: 'admin-1' } },
    });
    expect(deliveries.find(delivery)).toMatchObject({ state: 'due', redelivered: { by: 'admin-1' } });
    const [[message, group] = []] = send.mock.calls;
    const { receiver, timestamp, event_id } = delivery;
    expect(parseQueueMessage(JSON.stringify(message))).toMatchObject({
      delivery: { receiver, timestamp, event_id },
    });
    expect(group).toBe(receiver);
    expect(log.lines()).toMatchObject([
      {
        outcome: 'redelivered',
        receiver,
        events: [`order.paid ${event_id}`],
        order_no: 'mall-1',
        status: 202,
      },
    ]);
  });

  it('is done all the same when the queue is down: it is stored as due', async () => {
    const delivery = givenUp();
    const { ask, deliveries, log } = create(
      delivery,
      vi.fn().mockRejectedValue(new Error('the queue is down')),
    );
    expect(await ask()).toMatchObject({ status: 202 });
    expect(deliveries.find(delivery)).toMatchObject({ state: 'due', due_at: expect.any(String) });
    expect(log.lines()[0]).toMatchObject({ level: 'WARN', message: 'redeliver', outcome: 'unsent' });
  });

  it("reaches a tenant's own alone", async () => {
    const own = givenUp({ receiver: 'tenant:7' });
    expect((await create(own).ask(ofTenant(7))).status).toBe(202);
    expect((await create(own).ask(admin)).status).toBe(202);
    const { ask, deliveries, send } = create(own);
    expect(await ask(ofTenant(8))).toMatchObject({ status: 404, message: '投递不存在' });
    expect((await create(givenUp()).ask(ofTenant(7))).status).toBe(404);
    expect(deliveries.find(own)).toEqual(own);
    expect(send).not.toHaveBeenCalled();
  });

  it.each(['', 'x', encodeDeliveryId(givenUp())])('finds nothing under %j', async (id) => {
    expect((await create(givenUp()).ask(admin, id)).status).toBe(404);
  });

  it('is refused while it changes each time', async () => {
    const { deliveries, ask, send } = create(givenUp());
    Object.assign(deliveries.store, { write: async () => false });
    expect(await ask()).toMatchObject({ status: 409, message: '这次投递正在变更，请稍后重试' });
    expect(send).not.toHaveBeenCalled();
  });
});
