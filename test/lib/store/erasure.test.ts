import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { type ErasePorts, type ErasureResult, eraseUser } from '../../../lib/orders/erase-user.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { createErasureStore } from '../../../lib/store/erasure-store.ts';
import { toItem } from '../../../lib/store/order-item.ts';
import { putOrder } from '../../../lib/store/order-store.ts';
import { createSettlementStore } from '../../../lib/store/settlement-store.ts';
import { NOW, paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const expires_at = new Date(NOW + 3_600_000).toISOString();
let lastUser = 0;
const newUser = () => `user-to-erase-${++lastUser}`;

async function stored(changes: Partial<ShopOrder>): Promise<ShopOrder> {
  const order = shopOrder(changes);
  await putOrder(store.context, order);
  return order;
}

async function erase(user: string, changes: Partial<ErasePorts['store']> = {}) {
  const told: [string, ErasureResult][] = [];
  const counts = await eraseUser(
    {
      store: { ...createErasureStore(store.context), ...changes },
      now: () => NOW,
      onOrder: ({ order_no }, result) => told.push([order_no, result]),
      onProgress: () => {},
    },
    user,
  );
  return { counts, told: told.toSorted() };
}

const orderItem = async ({ order_no }: ShopOrder) =>
  (await store.items(order_no)).find(({ sk }) => sk === 'ORDER');
const pay = (order: ShopOrder) => settle(createSettlementStore(store.context), paymentOf(order), () => NOW);

describe('erasing a user', () => {
  it('takes the user out of orders that are over, and leaves what was booked', async () => {
    const user_id = newUser();
    const paid = await stored({ user_id });
    await pay(paid);
    const closed = await stored({ user_id, status: 'closed', expires_at });
    const before = await store.items(paid.order_no);
    expect(await erase(user_id)).toMatchObject({
      counts: { erased: 2, erased_and_closed: 0, left_payable: 0, left_changing: 0 },
      told: [
        [closed.order_no, 'erased'],
        [paid.order_no, 'erased'],
      ].toSorted(),
    });
    for (const order of [paid, closed]) {
      expect(await orderItem(order)).toMatchObject({ user_id: null, openid: null, openid_digest: null });
      expect(JSON.stringify(await store.items(order.order_no))).not.toMatch(/user-to-erase|openid-1/);
    }
    const entriesOf = (items: typeof before) => items.filter(({ sk }) => sk !== 'ORDER');
    expect(entriesOf(await store.items(paid.order_no))).toEqual(entriesOf(before));
    expect(await orderItem(paid)).toMatchObject({ status: 'paid', version: 3 });
  });

  it('leaves an order that can still be paid, which is paid as ever', async () => {
    const user_id = newUser();
    const order = await stored({ user_id, expires_at });
    expect((await erase(user_id)).told).toEqual([[order.order_no, 'left_payable']]);
    expect(await orderItem(order)).toMatchObject({ user_id, openid: 'openid-1', version: 1 });
    expect((await pay(order)).outcome).toBe('settled');
    expect((await erase(user_id)).told).toEqual([[order.order_no, 'erased']]);
  });

  it('closes an order whose payment was never begun', async () => {
    const user_id = newUser();
    const order = await stored({ user_id });
    expect((await erase(user_id)).told).toEqual([[order.order_no, 'erased_and_closed']]);
    expect(await orderItem(order)).toMatchObject({ status: 'closed', user_id: null });
  });

  it('is done once, and touches nobody else', async () => {
    const user_id = newUser();
    const [order, other] = [await stored({ user_id, status: 'closed' }), await stored({})];
    await putOrder(store.context, tenantOrder());
    await erase(user_id);
    const items = await store.items();
    expect((await erase(user_id)).told).toEqual([]);
    expect(await store.items()).toEqual(items);
    expect(await orderItem(other)).toMatchObject({ user_id: 'user-1', openid: 'openid-1' });
    expect(await orderItem(order)).toMatchObject({ version: 2 });
  });

  it('looks again at an order that changes meanwhile, and gives up on one that does not stop', async () => {
    const user_id = newUser();
    const order = await stored({ user_id });
    const { updateOrder } = createErasureStore(store.context);
    let changes = 0;
    const racing = (until: number): Partial<ErasePorts['store']> => ({
      updateOrder: async (seen, change) => {
        if (++changes <= until) await updateOrder(seen, { points: changes });
        return updateOrder(seen, change);
      },
    });
    expect((await erase(user_id, racing(100))).told).toEqual([[order.order_no, 'left_changing']]);
    changes = 0;
    expect((await erase(user_id, racing(1))).told).toEqual([[order.order_no, 'erased_and_closed']]);
  });

  it('goes from page to page, and leaves the table room to breathe', async () => {
    const user_id = newUser();
    // A page is 1 MB.
    const filler = 'x'.repeat(350_000);
    for (let n = 0; n < 4; n++) {
      const Item = { ...toItem(shopOrder({ user_id, status: 'closed' })), filler };
      await store.context.client.send(new PutCommand({ TableName: store.context.tableName, Item }));
    }
    const waits: number[] = [];
    const pages: number[] = [];
    const io = { ...store.context.io, sleep: async (ms: number) => waits.push(ms) };
    const found = createErasureStore({ ...store.context, io }).findOrders(user_id);
    for await (const { orders } of found) pages.push(orders.length);
    expect(pages.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(pages.length).toBeGreaterThan(1);
    expect(waits).toHaveLength(pages.length - 1);
    expect(Math.min(...waits)).toBeGreaterThan(0);
  });
});
