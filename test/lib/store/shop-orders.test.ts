import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { type HandOverPorts, handOver, type ShopOrderRequest } from '../../../lib/orders/hand-over.ts';
import type { Order, ShopOrder } from '../../../lib/orders/order.ts';
import { paymentNumber } from '../../../lib/orders/order-number.ts';
import { type PayPorts, payShopOrder } from '../../../lib/orders/pay-shop-order.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { toItem } from '../../../lib/store/order-item.ts';
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

const payee = { provider: 'wechat', merchant: 'mch/app' } as const;

/** Hands over, with a provider that closes payments, or finds that it cannot. */
const put = (body: ShopOrderRequest, closePayment: HandOverPorts['closePayment'] = async () => true) =>
  handOver(
    { store: createHandOverStore(store.context), now: () => NOW, orderPrefix: '', payee, closePayment },
    body,
  );

const numberOf = ({ kind, id }: ShopOrderRequest) => `${kind}-${id}`;
const read = async (body: ShopOrderRequest): Promise<Order | undefined> =>
  getOrder(store.context, numberOf(body));

/** Pays as a user at a time, with a provider that counts what it is asked for. */
function payer(now = NOW) {
  const asked: { order_no: string; expires_at: string }[] = [];
  const ports = (time: number): PayPorts => ({
    store: createPayStore(store.context),
    now: () => time,
    createPrepay: async (order) =>
      `prepay-${asked.push({ order_no: paymentNumber(order), expires_at: order.expires_at })}`,
    settle: (event) => settle(createSettlementStore(store.context), event, () => time),
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
    'closes the payment that was begun when %s changes, and begins another',
    async (field) => {
      const body = request();
      await put(body);
      const { pay, asked } = payer();
      await pay(body);
      const closed: string[] = [];
      const changed = { ...body, [field]: field === 'amount' ? 1 : 'other' };
      const result = await put(changed, async (order) => closed.push(paymentNumber(order)) > 0);
      expect(result.outcome).toBe('updated');
      expect(closed).toEqual([numberOf(body)]);
      const next = { [field]: changed[field], attempt: 2, prepay: null, expires_at: null };
      expect(await read(body)).toMatchObject(next);
      const [item] = await store.items(numberOf(body));
      expect(item).not.toHaveProperty('work');
      expect((await pay(body)).outcome).toBe('prepaid');
      expect(asked.map(({ order_no }) => order_no)).toEqual([numberOf(body), `${numberOf(body)}-2`]);
    },
  );

  it('changes nothing when the payment cannot be closed, or that is not known', async () => {
    const body = request();
    await put(body);
    await payer().pay(body);
    const before = await read(body);
    expect(await put({ ...body, amount: 1 }, async () => false)).toEqual({ outcome: 'not_pending' });
    const down = () => Promise.reject(new Error('down'));
    await expect(put({ ...body, amount: 1 }, down)).rejects.toThrow('down');
    expect(await read(body)).toEqual(before);
  });

  it.each(['succeeded', 'closed'] as const)(
    'keeps no openid once nothing can be paid (%s), and still knows the order that it was given',
    async (type) => {
      const body = request();
      await put(body);
      await payer().pay(body);
      const order = await read(body);
      if (order?.kind !== 'meal') throw new Error('no order');
      await settle(createSettlementStore(store.context), paymentOf(order, { type }), () => NOW);
      const [item] = (await store.items(numberOf(body))).filter(({ sk }) => sk === 'ORDER');
      expect(item).not.toHaveProperty('openid');
      expect(JSON.stringify(item)).not.toContain(body.openid);
      expect((await put(body)).outcome).toBe('unchanged');
      for (const openid of ['openid-2', null]) {
        expect((await put({ ...body, openid })).outcome).toBe('not_pending');
      }
    },
  );

  /** Stores it as it was stored before there were digests. */
  const putOlder = async (body: ReturnType<typeof request>) => {
    await put(body);
    const { openid_digest: _digest, ...order } = (await read(body)) as ShopOrder;
    await store.context.client.send(
      new PutCommand({ TableName: store.context.tableName, Item: toItem(order) }),
    );
    return order;
  };

  it('takes an order of before that was paid since, whose openid nothing tells any more, for the same', async () => {
    const body = request();
    const order = await putOlder(body);
    await settle(createSettlementStore(store.context), paymentOf(order), () => NOW);
    expect((await put(body)).outcome).toBe('unchanged');
    expect((await put({ ...body, amount: 1 })).outcome).toBe('not_pending');
  });

  it('knows an order of before by the openid itself', async () => {
    const body = request();
    await putOlder(body);
    expect((await put(body)).outcome).toBe('unchanged');
    expect((await put({ ...body, openid: 'openid-2' })).outcome).toBe('updated');
    expect(await read(body)).toMatchObject({ openid: 'openid-2', openid_digest: expect.any(String) });
  });

  it('asks nobody for a change that the provider does not hold, or of a payment never begun', async () => {
    const never = () => Promise.reject(new Error('asked'));
    const [begun, fresh] = [request(), request()];
    await put(begun);
    await payer().pay(begun);
    expect((await put({ ...begun, points: 6, user_id: 'user-2' }, never)).outcome).toBe('updated');
    await put(fresh);
    expect((await put({ ...fresh, amount: 1 }, never)).outcome).toBe('updated');
  });

  it('takes what was asked of a provider that did not answer for begun', async () => {
    const body = request();
    await put(body);
    await expect(payer().failing(body)).rejects.toThrow('down');
    expect(await put({ ...body, amount: 1 }, async () => false)).toEqual({ outcome: 'not_pending' });
  });

  it('books money for the payment that was given up to suspense', async () => {
    const body = request();
    await put(body);
    await payer().pay(body);
    const given = (await read(body)) as ShopOrder;
    await put({ ...body, amount: 1 });
    const settlement = createSettlementStore(store.context);
    for (let time = 0; time < 2; time++) {
      const result = await settle(settlement, paymentOf(given), () => NOW);
      expect(result).toEqual({ outcome: 'paid_superseded', status: 'pending' });
    }
    const closed = await settle(settlement, paymentOf(given, { type: 'closed' }), () => NOW);
    expect(closed).toEqual({ outcome: 'unchanged', status: 'pending' });
    expect((await store.items(numberOf(body))).map(({ sk }) => sk)).toEqual([
      'ENTRY#SUSPENSE#wechat#T1',
      'EXCEPTION#paid_superseded#wechat#T1',
      'ORDER',
    ]);
    const next = paymentOf({ ...given, amount: 1 }, { order_no: `${numberOf(body)}-2` });
    expect(await settle(settlement, next, () => NOW)).toEqual({ outcome: 'settled', status: 'paid' });
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
