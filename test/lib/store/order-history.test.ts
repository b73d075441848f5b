import { expect, it } from 'vitest';
import { toEntries } from '../../../lib/store/ledger-store.ts';
import { readOrderHistory } from '../../../lib/store/order-history.ts';
import { itemOf, refundEntryOf } from '../../support/items.ts';
import { paidPayment, paymentOf, refundOf, shopOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();

it('is all that is stored of an order, and all that was booked of it', async () => {
  const order = shopOrder({ status: 'refunding', paid_by: 2, refunds: 1 });
  const [open, paid] = [paymentOf(order), paidPayment(order, { n: 2 })];
  const refund = refundOf(paid);
  const entry = refundEntryOf(paid, refund);
  await store.put(
    { put: 'order', record: order },
    { put: 'payment', record: open },
    { put: 'payment', record: paid },
    { put: 'refund', record: refund },
    { put: 'entry', record: entry },
  );
  const history = await readOrderHistory(store.context, order.order_no);
  expect(history?.snapshot).toMatchObject({ order, payments: [open, paid], refunds: [refund] });
  const booked = [itemOf({ put: 'entry', record: entry }), itemOf({ put: 'payment', record: paid })];
  expect(history?.entries).toEqual(toEntries(booked));
  expect(history?.entries.map(({ kind }) => kind)).toEqual(['refund', 'payment']);
});

it('is nothing where there is no order', async () => {
  expect(await readOrderHistory(store.context, shopOrder().order_no)).toBeNull();
});
