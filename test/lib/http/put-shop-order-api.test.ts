import { describe, expect, it } from 'vitest';
import { createPayShopOrderApi } from '../../../lib/http/pay-shop-order-api.ts';
import { createPutShopOrderApi } from '../../../lib/http/put-shop-order-api.ts';
import { isoTime } from '../../../lib/io.ts';
import { NOW } from '../../support/orders.ts';
import { callApi, createApiWorld } from './api-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const inAnHour = isoTime(NOW + HOUR_MS);
const order_no = 'mall-5000001';
const path = { kind: 'mall', id: '5000001' };
const body = { user_id: 'user-1', openid: 'openid-1', amount: 12.34, points: 0, description: '苹果' };

function arrange() {
  const world = createApiWorld();
  const { runtime, store, merchants } = world;
  const putApi = createPutShopOrderApi(runtime, { store, merchants });
  const payApi = createPayShopOrderApi(runtime, { kind: 'mall', store, merchants });
  return {
    ...world,
    put: (changes: object = {}) => callApi(putApi, { path, body: { ...body, ...changes } }),
    pay: () => callApi(payApi, { path: { id: path.id }, by: { sub: 'user-1', role: 'user' } }),
    stored: () => store.stored({ order_no }),
  };
}

describe('the time by which an order is given up', () => {
  it.each([
    [inAnHour, inAnHour],
    ['2026-11-22T09:00:00Z', '2026-11-22T09:00:00.000Z'],
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    [null, null],
    [undefined, null],
  ])('%j is kept as %j', async (expires_at, kept) => {
    const { put, stored } = arrange();
    expect(await put({ expires_at })).toMatchObject({ status: 201 });
    expect(stored().order.expires_at).toBe(kept);
  });

  it.each([
    '',
    'tomorrow',
    '2026-11-22T17:00:00+08:00',
    '2026-11-22T09:00:00',
    '2026-02-30T00:00:00Z',
    1_795_338_000,
    true,
    `${inAnHour}${'0'.repeat(32)}`,
  ])('is refused by its name: %j', async (expires_at) => {
    const { put, store } = arrange();
    const reply = await put({ expires_at });
    expect(reply).toMatchObject({ status: 400, message: expect.stringMatching(/^expires_at /) });
    expect(store.changes).toEqual([]);
  });

  it.each([-1, 0])('has to be later than now: %i ms', async (ahead_ms) => {
    const { put, store } = arrange();
    const reply = await put({ expires_at: isoTime(NOW + ahead_ms) });
    expect(reply).toEqual({ status: 400, message: 'expires_at 须晚于现在', data: null });
    expect(store.changes).toEqual([]);
  });

  it('may be said again once it is past, as long as nothing else is changed', async () => {
    const { put, clock, store } = arrange();
    await put({ expires_at: inAnHour });
    clock.now = NOW + 2 * HOUR_MS;
    expect(await put({ expires_at: inAnHour })).toMatchObject({ status: 200 });
    expect(store.changes).toHaveLength(1);
    const reply = await put({ expires_at: inAnHour, points: 5 });
    expect(reply).toMatchObject({ status: 400, message: 'expires_at 须晚于现在' });
    expect(store.changes).toHaveLength(1);
    expect(await put({ expires_at: isoTime(NOW + 3 * HOUR_MS) })).toMatchObject({ status: 200 });
  });

  it('that is changed closes the payment that was begun with the one before', async () => {
    const { put, pay, stored, merchants } = arrange();
    await put({ expires_at: inAnHour });
    expect(await pay()).toMatchObject({ status: 200 });
    expect(await put({ expires_at: isoTime(NOW + 2 * HOUR_MS) })).toMatchObject({ status: 200 });
    expect(merchants.calls.map((call) => call.split(' ')[0])).toEqual(['createPayment', 'close']);
    expect(stored()).toMatchObject({
      order: { payment: null },
      payments: [{ state: 'closed', superseded: true }],
    });
    expect(await pay()).toMatchObject({ status: 200 });
    expect(stored().payments).toMatchObject([{}, { n: 2, expires_at: isoTime(NOW + 2 * HOUR_MS) }]);
  });

  it('can be too near for the provider, which is not asked then', async () => {
    const { put, pay, merchants } = arrange();
    await put({ expires_at: isoTime(NOW + MINUTE_MS - 1) });
    expect(await pay()).toEqual({ status: 409, message: '订单剩余时间不足，不能支付', data: null });
    expect(merchants.calls).toEqual([]);
    await put({ expires_at: isoTime(NOW + MINUTE_MS) });
    expect(await pay()).toMatchObject({ status: 200 });
    expect(merchants.requests.createPayment).toMatchObject([{ expires_at: isoTime(NOW + MINUTE_MS) }]);
  });
});
