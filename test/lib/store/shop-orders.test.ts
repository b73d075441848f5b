import { describe, expect, it } from 'vitest';
import { handOver, type ShopOrderRequest } from '../../../lib/orders/hand-over.ts';
import type { Order } from '../../../lib/orders/order.ts';
import { type PayPorts, payShopOrder } from '../../../lib/orders/pay-shop-order.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { getOrder } from '../../../lib/store/order-store.ts';
import { createSettlementStore } from '../../../lib/store/settlement-store.ts';
import { createHandOverStore, createPayStore } from '../../../lib/store/shop-order-store.ts';
import { NOW, paymentOf } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const HOUR_MS = 3_600_000;
let lastId = 0;

const request = (changes: Partial<ShopOrderRequest> = {}): ShopOrderRequest => ({
  kind: 'meal',
  id: ++lastId,
  user_id: 'user-1',
  openid: 'openid-1',
  amount: 1234,
  points: 5,
  description: '午餐',
  ...changes,
});

const put = (body: ShopOrderRequest) =>
  handOver(createHandOverStore(store.context), body, 'mch/app', new Date(NOW).toISOString());

const numberOf = ({ kind, id }: ShopOrderRequest) => `${kind}-${id}`;
const read = async (body: ShopOrderRequest): Promise<Order | undefined> =>
  getOrder(store.context, numberOf(body));

/** Pays as a user at a time, with a provider that counts what it is asked for. */
function payer(now = NOW) {
  const asked: { order_no: string; expires_at: string }[] = [];
  const ports = (time: number): PayPorts => ({
    store: createPayStore(store.context),
    now: () => time,
    createPrepay: async ({ order_no, expires_at }) => `prepay-${asked.push({ order_no, expires_at })}`,
    settleFree: ({ order_no, currency }) =>
      settle(
        createSettlementStore(store.context),
        { type: 'succeeded', order_no, provider: null, amount: 0, currency, transaction_id: null },
        () => time,
      ),
  });
  return {
    asked,
    pay: (body: ShopOrderRequest, { at = now, user = 'user-1' } = {}) =>
      payShopOrder(ports(at), numberOf(body), user),
    failing: (body: ShopOrderRequest) =>
      payShopOrder(
        { ...ports(now), createPrepay: () => Promise.reject(new Error('down')) },
        numberOf(body),
        'user-1',
      ),
  };
}

const fail = async (body: ShopOrderRequest) => {
  const order = await read(body);
  if (!order || order.kind === 'tenant') throw new Error('no order');
  return settle(createSettlementStore(store.context), paymentOf(order, { type: 'failed' }), () => NOW);
};

describe('handing an order over', () => {
  it('creates it, then finds it unchanged, then changes it', async () => {
    const body = request();
    expect((await put(body)).outcome).toBe('created');
    expect((await put(body)).outcome).toBe('unchanged');
    expect((await put({ ...body, amount: 0, openid: null })).outcome).toBe('updated');
    expect(await read(body)).toMatchObject({
      amount: 0,
      openid: null,
      provider: null,
      merchant: null,
      version: 2,
    });
    expect((await put(body)).outcome).toBe('updated');
    expect(await read(body)).toMatchObject({
      amount: 1234,
      provider: 'wechat',
      merchant: 'mch/app',
      version: 3,
    });
  });

  it.each(['amount', 'openid', 'description'] as const)(
    'cannot change %s once a prepay exists',
    async (field) => {
      const body = request();
      await put(body);
      await payer().pay(body);
      const before = await read(body);
      const changed = { ...body, [field]: field === 'amount' ? 1 : 'other' };
      expect(await put(changed)).toEqual({ outcome: 'payment_started', fields: [field] });
      expect(await read(body)).toEqual(before);
      expect((await put({ ...body, points: 6, user_id: 'user-2' })).outcome).toBe('updated');
    },
  );

  it('cannot change what was asked of a provider that did not answer', async () => {
    const body = request();
    await put(body);
    await expect(payer().failing(body)).rejects.toThrow('down');
    expect((await put({ ...body, amount: 1 })).outcome).toBe('payment_started');
  });

  it('cannot change a paid order, but may repeat it', async () => {
    const body = request({ amount: 0 });
    await put(body);
    await payer().pay(body);
    expect((await put({ ...body, points: 9 })).outcome).toBe('not_pending');
    expect((await put(body)).outcome).toBe('unchanged');
  });
});

describe('paying a shop order', () => {
  it('asks the provider once while the prepay_id is good', async () => {
    const body = request();
    await put(body);
    const { pay, asked } = payer();
    expect(await pay(body)).toEqual({ outcome: 'prepaid', prepay_id: 'prepay-1' });
    expect(await pay(body, { at: NOW + HOUR_MS })).toEqual({ outcome: 'prepaid', prepay_id: 'prepay-1' });
    expect(await pay(body, { at: NOW + 2 * HOUR_MS })).toEqual({ outcome: 'prepaid', prepay_id: 'prepay-2' });
    expect(asked).toHaveLength(2);
    expect(asked[0]).toEqual(asked[1]);
  });

  it('owes a check from the moment the provider is asked', async () => {
    const body = request();
    await put(body);
    await expect(payer().failing(body)).rejects.toThrow('down');
    const [item] = await store.items(numberOf(body));
    expect(item?.['work']).toMatch(/^check#\d$/);
    expect(item?.['work_due']).toBe(new Date(NOW + 60_000).toISOString());
  });

  it('makes a failed order pending again, with the prepay_id it has', async () => {
    const body = request();
    await put(body);
    const { pay, asked } = payer();
    await pay(body);
    await fail(body);
    expect(await read(body)).toMatchObject({ status: 'failed' });
    expect(await pay(body)).toEqual({ outcome: 'prepaid', prepay_id: 'prepay-1' });
    expect(await read(body)).toMatchObject({ status: 'pending' });
    expect(asked).toHaveLength(1);
  });

  it('pays an order that costs nothing at once, and only once', async () => {
    const body = request({ amount: 0, openid: null });
    await put(body);
    const { pay, asked } = payer();
    const results = await Promise.all([pay(body), pay(body), pay(body)]);
    expect(results.filter(({ outcome }) => outcome === 'paid').length).toBeGreaterThanOrEqual(1);
    expect(await pay(body)).toEqual({ outcome: 'not_payable' });
    expect(await read(body)).toMatchObject({ status: 'paid', provider: null, version: 2 });
    expect(asked).toEqual([]);
  });

  it("does not tell somebody else's order from none", async () => {
    const body = request();
    await put(body);
    expect(await payer().pay(body, { user: 'user-2' })).toEqual({ outcome: 'not_found' });
    expect(await payer().pay(request())).toEqual({ outcome: 'not_found' });
  });

  it('refuses an order that is past its time', async () => {
    const body = request();
    await put(body);
    const { pay } = payer();
    await pay(body);
    expect(await pay(body, { at: NOW + 7 * 24 * HOUR_MS })).toEqual({ outcome: 'not_payable' });
  });

  it('gives all of those who ask at once a payment for the same expiry', async () => {
    const body = request();
    await put(body);
    const { pay, asked } = payer();
    const results = await Promise.all(Array.from({ length: 5 }, () => pay(body)));
    expect(results.every(({ outcome }) => outcome === 'prepaid')).toBe(true);
    expect(new Set(asked.map(({ expires_at }) => expires_at)).size).toBe(1);
  });
});
