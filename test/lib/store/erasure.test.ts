import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { orderUpdate } from '../../../lib/orders/change.ts';
import type { OrderStore } from '../../../lib/orders/commit.ts';
import { type ErasureResult, eraseUser } from '../../../lib/orders/erase-user.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { createOrderFinder } from '../../../lib/store/erasure-store.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { itemOf } from '../../support/items.ts';
import { NOW, paymentOf, shopOrder, successOf, tenantOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const expires_at = new Date(NOW + 3_600_000).toISOString();
let lastUser = 0;
const newUser = () => `user-to-erase-${++lastUser}`;
const io = () => ({ ...store.context.io, now: () => NOW, sleep: async () => undefined });

/** An order whose payment was begun, or begun and closed, or of which none was. */
async function stored(
  changes: Partial<ShopOrder>,
  payment: Payment['state'] | 'none' = 'open',
): Promise<ShopOrder> {
  const none = { payment: null, payments: 0 };
  const order = shopOrder({ ...(payment === 'none' && none), ...changes });
  await store.put({ put: 'order', record: order });
  if (payment !== 'none') {
    await store.put({ put: 'payment', record: paymentOf(order, { state: payment }) });
  }
  return order;
}

async function erase(user: string, write?: OrderStore['write']) {
  const told: [string, ErasureResult][] = [];
  const orderStore = createOrderStore(store.context);
  const counts = await eraseUser(
    {
      store: { ...orderStore, write: write ?? orderStore.write },
      io: io(),
      findOrders: createOrderFinder(store.context),
      onOrder: ({ order_no }, result) => told.push([order_no, result]),
      onProgress: () => {},
    },
    user,
  );
  return { counts, told: told.toSorted() };
}

const orderItem = async ({ order_no }: ShopOrder) =>
  (await store.items(order_no)).find(({ sk }) => sk === 'ORDER');
const pay = (order: ShopOrder) =>
  settle({ store: createOrderStore(store.context), io: io() }, successOf(paymentOf(order)));

describe('erasing a user', () => {
  it('takes the user out of orders that are over, and leaves what was booked', async () => {
    const user_id = newUser();
    const paid = await stored({ user_id });
    await pay(paid);
    const closed = await stored({ user_id, status: 'closed', expires_at });
    const before = await store.items(paid.order_no);
    expect(await erase(user_id)).toMatchObject({
      counts: { erased: 2, erased_and_closed: 0, left_payable: 0, left_refunding: 0, left_changing: 0 },
      told: [
        [closed.order_no, 'erased'],
        [paid.order_no, 'erased'],
      ].toSorted(),
    });
    for (const order of [paid, closed]) {
      expect(await orderItem(order)).toMatchObject({ user_id: null, openid: null, openid_digest: null });
      expect(JSON.stringify(await store.items(order.order_no))).not.toMatch(/user-to-erase|openid-1/);
    }
    const paymentsOf = (items: typeof before) => items.filter(({ sk }) => sk !== 'ORDER');
    expect(paymentsOf(before)).toMatchObject([{ sk: 'PAYMENT#1', state: 'paid' }]);
    const wordless = paymentsOf(before).map((item) => ({
      ...item,
      description: '',
      version: Number(item['version']) + 1,
    }));
    expect(paymentsOf(await store.items(paid.order_no))).toEqual(wordless);
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

  it.each(['none', 'closed'] as const)(
    'closes an order whose payment cannot be made: %s',
    async (payment) => {
      const user_id = newUser();
      const order = await stored({ user_id }, payment);
      expect((await erase(user_id)).told).toEqual([[order.order_no, 'erased_and_closed']]);
      const item = await orderItem(order);
      expect(item).toMatchObject({ status: 'closed', user_id: null });
      expect(item).not.toHaveProperty('work');
    },
  );

  it('is done once, and touches nobody else', async () => {
    const user_id = newUser();
    const [order, other] = [await stored({ user_id, status: 'closed' }), await stored({})];
    await store.put({ put: 'order', record: tenantOrder() });
    await erase(user_id);
    const items = await store.items();
    expect((await erase(user_id)).told).toEqual([]);
    expect(await store.items()).toEqual(items);
    expect(await orderItem(other)).toMatchObject({ user_id: 'user-1', openid: 'openid-1' });
    expect(await orderItem(order)).toMatchObject({ version: 2 });
  });

  it('looks again at an order that changes meanwhile, and gives up on one that does not stop', async () => {
    const user_id = newUser();
    const order = await stored({ user_id }, 'none');
    const { read, write } = createOrderStore(store.context);
    let changes = 0;
    const racing =
      (until: number): OrderStore['write'] =>
      async (change) => {
        const snapshot = await read(change.order_no);
        if (snapshot && ++changes <= until) {
          const touch = orderUpdate(snapshot.order, { updated_at: isoTime(NOW + changes) });
          await write({ order_no: change.order_no, writes: [touch] });
        }
        return write(change);
      };
    expect((await erase(user_id, racing(100))).told).toEqual([[order.order_no, 'left_changing']]);
    expect(await orderItem(order)).toMatchObject({ user_id, status: 'pending' });
    changes = 0;
    expect((await erase(user_id, racing(1))).told).toEqual([[order.order_no, 'erased_and_closed']]);
  });

  it('goes from page to page, and leaves the table room to breathe', async () => {
    const user_id = newUser();
    // A page is 1 MB.
    const filler = 'x'.repeat(350_000);
    for (let n = 0; n < 4; n++) {
      const Item = { ...itemOf({ put: 'order', record: shopOrder({ user_id, status: 'closed' }) }), filler };
      await store.context.client.send(new PutCommand({ TableName: store.context.tableName, Item }));
    }
    const waits: number[] = [];
    const pages: number[] = [];
    const io = { ...store.context.io, sleep: async (ms: number) => waits.push(ms) };
    const found = createOrderFinder({ ...store.context, io })(user_id);
    for await (const { orders } of found) pages.push(orders.length);
    expect(pages.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(pages.length).toBeGreaterThan(1);
    expect(waits).toHaveLength(pages.length - 1);
    expect(Math.min(...waits)).toBeGreaterThan(0);
  });
});
