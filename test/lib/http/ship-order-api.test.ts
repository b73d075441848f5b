import { describe, expect, it } from 'vitest';
import { createShipOrderApi } from '../../../lib/http/ship-order-api.ts';
import { isoTime } from '../../../lib/io.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';
import { NOW, paidPayment, paymentOf, shopOrder } from '../../support/orders.ts';
import { type ApiCall, admin, callApi, createApiWorld } from './api-world.ts';

const parcel = { express_company: 'SF', tracking_no: 'SF1234567890' };
const body = { logistics_type: 'courier', items: '苹果*1', parcels: [parcel] };

function arrange(changes: Partial<ShopOrder> = {}) {
  const order = shopOrder({ status: 'paid', paid_by: 1, ...changes });
  const payment = order.paid_by === null ? paymentOf(order) : paidPayment(order);
  const world = createApiWorld({ order, payments: [payment] });
  const { runtime, store, merchants } = world;
  const handler = createShipOrderApi(runtime, { store, merchants });
  const path = { kind: order.kind, id: String(order.id) };
  return {
    ...world,
    order,
    ship: (given: object = body, call: ApiCall = {}) => callApi(handler, { path, body: given, ...call }),
    stored: () => store.stored(order).shipping,
  };
}

describe('telling that an order was sent', () => {
  it('replies with what is known of it', async () => {
    const { ship, order, stored } = arrange();
    const given = { ...body, parcels: [{ ...parcel, contact: '13812341234' }] };
    expect(await ship(given)).toEqual({
      status: 200,
      message: '成功',
      data: {
        ...{ order_no: order.order_no, state: 'told', logistics_type: 'courier', items: '苹果*1' },
        parcels: [{ ...parcel, contact: '138****1234' }],
        ...{ requested_at: isoTime(NOW), told_at: isoTime(NOW) },
      },
    });
    expect(JSON.stringify(stored())).not.toContain('13812341234');
  });

  it.each(['city', 'pickup', 'virtual'])('needs no parcels by %s', async (logistics_type) => {
    const { ship } = arrange();
    expect(await ship({ logistics_type, items: '苹果' })).toMatchObject({ status: 200 });
    expect(await ship({ logistics_type, items: '苹果', parcels: [] })).toMatchObject({ status: 200 });
  });

  it('is taken and not done yet while WeChat is down, and no contact is in the log', async () => {
    const { ship, merchants, log } = arrange();
    merchants.script('reportShipping', () => {
      throw new ProviderCallError('wechat', null, 'WeChat POST /wxa: ECONNREFUSED');
    });
    const given = { ...body, parcels: [{ ...parcel, contact: '13812341234' }] };
    expect(await ship(given)).toMatchObject({ status: 202, data: { state: 'open', told_at: null } });
    const lines = log.written.join();
    expect(lines).toContain('ECONNREFUSED');
    for (const hidden of ['13812341234', '138****1234', 'openid-1', '苹果'])
      expect(lines).not.toContain(hidden);
  });

  it('is refused with WeChat’s code', async () => {
    const { ship, merchants } = arrange();
    merchants.script('reportShipping', () => ({ state: 'refused', code: '10060031' }));
    expect(await ship()).toEqual({ status: 409, message: '微信未接受发货信息（10060031）', data: null });
  });

  it('is refused where nobody asks for it, a third time, and of what is not paid', async () => {
    const unsupported = arrange();
    unsupported.merchants.script('reportShipping', () => ({ state: 'unsupported' }));
    expect(await unsupported.ship()).toMatchObject({
      status: 409,
      message: expect.stringContaining('secret'),
    });
    const thrice = arrange();
    for (const items of ['一', '二'])
      expect(await thrice.ship({ ...body, items })).toMatchObject({ status: 200 });
    expect(await thrice.ship({ ...body, items: '三' })).toMatchObject({
      status: 409,
      message: expect.stringContaining('一次'),
    });
    for (const changes of [{ status: 'pending', paid_by: null }, { status: 'refunded' }] as const) {
      expect(await arrange(changes).ship()).toMatchObject({
        status: 409,
        message: expect.stringContaining('未支付'),
      });
    }
  });

  it('is for the admin of the stage', async () => {
    const { ship, order, store } = arrange();
    expect(await ship(body, { by: { ...admin, tenant_id: 7 } })).toMatchObject({ status: 403 });
    expect(await ship(body, { by: { sub: 'user-1', role: 'user' } })).toMatchObject({ status: 403 });
    const other = { kind: 'mall', id: String(order.id + 1_000_000) };
    expect(await ship(body, { path: other })).toMatchObject({ status: 404 });
    expect(store.changes).toEqual([]);
  });

  const parcels = (change: object) => ({ parcels: [{ ...parcel, ...change }] });
  it.each<[string, object]>([
    ['logistics_type', { logistics_type: 'drone' }],
    ['logistics_type', { logistics_type: undefined }],
    ['items', { items: '' }],
    ['items', { items: '苹'.repeat(121) }],
    ['items', { items: undefined }],
    ['parcels', { parcels: undefined }],
    ['parcels', { parcels: [] }],
    ['parcels', { parcels: Array.from({ length: 11 }, () => parcel) }],
    ['parcels', { parcels: 'SF1' }],
    ['parcels', { logistics_type: 'pickup' }],
    ['parcels.0.tracking_no', parcels({ tracking_no: '' })],
    ['parcels.0.tracking_no', parcels({ tracking_no: '1'.repeat(129) })],
    ['parcels.0.tracking_no', parcels({ tracking_no: '单'.repeat(43) })],
    ['parcels.0.express_company', parcels({ express_company: undefined })],
    ['parcels.0.express_company', parcels({ express_company: 'S'.repeat(129) })],
    ['parcels.0.contact', parcels({ contact: '' })],
    ['parcels.0.contact', parcels({ contact: '张三' })],
    ['parcels.0.contact', parcels({ contact: '1381234****' })],
    ['parcels.0.contact', parcels({ contact: '138****12*4' })],
    ['parcels.0.contact', parcels({ contact: '123456' })],
    ['parcels.0.contact', parcels({ contact: '1'.repeat(33) })],
    ['parcels.0.contact', parcels({ contact: '138 1234 1234' })],
    ['parcels.0.weight', parcels({ weight: 1 })],
    ['carrier', { carrier: 'SF' }],
  ])('names what is wrong: %s', async (field, change) => {
    const { ship, store } = arrange();
    const reply = await ship({ ...body, ...change });
    expect(reply).toMatchObject({ status: 400, data: null });
    expect(reply.message.startsWith(`${field} `)).toBe(true);
    expect(store.changes).toEqual([]);
  });

  it.each([
    '13812341234',
    '138****1234',
    '+8613812341234',
    '021-****1234',
    '****123-8008',
    '0**2-******23-10',
  ])('takes the contact %s', async (contact) => {
    const { ship, stored } = arrange();
    expect(await ship({ ...body, ...parcels({ contact }) })).toMatchObject({ status: 200 });
    const [kept] = stored()?.parcels ?? [];
    expect(kept?.contact?.replace(/\D/g, '').slice(-4)).toBe(contact.replace(/\D/g, '').slice(-4));
  });

  it('takes 120 characters, however many bytes, and ten parcels', async () => {
    const { ship } = arrange();
    expect(await ship({ ...body, items: '🍎'.repeat(120) })).toMatchObject({ status: 200 });
    const ten = Array.from({ length: 10 }, (_, n) => ({ ...parcel, tracking_no: `SF${n}` }));
    expect(await ship({ ...body, parcels: ten })).toMatchObject({ status: 200 });
  });
});
