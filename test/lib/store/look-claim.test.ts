import { expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { BETWEEN_LOOKS_MS } from '../../../lib/orders/schedule.ts';
import { createLookClaims } from '../../../lib/store/look-claim.ts';
import { NOW, paymentOf, shopOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();

it('one of those who look at a payment asks about it, and the next only after a while', async () => {
  const payment = paymentOf(shopOrder());
  await store.put({ put: 'payment', record: payment });
  const [before] = await store.items(payment.order_no);
  const { claimLook } = createLookClaims(store.context);
  expect(await claimLook(payment, NOW)).toBe(true);
  expect(await store.items(payment.order_no)).toEqual([{ ...before, queried_at: isoTime(NOW) }]);
  expect(await claimLook(payment, NOW)).toBe(false);
  expect(await claimLook(payment, NOW + BETWEEN_LOOKS_MS - 1)).toBe(false);
  expect(await claimLook(payment, NOW + BETWEEN_LOOKS_MS)).toBe(true);
});

it('nobody asks about a payment that is not there, and none comes to be', async () => {
  const payment = paymentOf(shopOrder());
  expect(await createLookClaims(store.context).claimLook(payment, NOW)).toBe(false);
  expect(await store.items(payment.order_no)).toEqual([]);
});
