import { systemIo } from '../../../lib/io.ts';
import { type Change, paymentUpdate } from '../../../lib/orders/change.ts';
import { FIRST_CHECK_MS } from '../../../lib/orders/schedule.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { type StoreContext, withDeadline } from '../../../lib/store/client.ts';
import { paymentKey, workShard } from '../../../lib/store/keys.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { createWorkStore } from '../../../lib/store/work-store.ts';
import type { Begun } from '../../support/parties.ts';

/** The steps of a payment as the functions take them, straight on a store. */

async function write(context: StoreContext, change: Change): Promise<void> {
  const { applied } = await createOrderStore(context).write(change);
  if (!applied) throw new Error(`${change.order_no} was refused`);
}

export const beginPayment = (context: StoreContext, { order, payment }: Begun): Promise<void> =>
  write(context, {
    order_no: order.order_no,
    writes: [
      { put: 'order', record: order },
      { put: 'payment', record: payment, owes: { kind: 'check', due: Date.now() + FIRST_CHECK_MS } },
    ],
  });

/** What the provider gave out for the payer, kept for when it is asked for again. */
export const storePage = (context: StoreContext, { payment }: Begun): Promise<void> =>
  write(context, {
    order_no: payment.order_no,
    writes: [
      paymentUpdate(payment, {
        handed_out: { page: 'https://pay.example/', id: null, good_until: payment.expires_at },
      }),
    ],
  });

/** @throws Error when the order does not become paid, or is not paid by this payment already */
export async function settlePayment(
  context: StoreContext,
  { payment }: Begun,
  now = Date.now(),
): Promise<void> {
  const { payment_no, provider, merchant, amount, currency } = payment;
  const { outcome } = await settle(
    { store: createOrderStore(withDeadline(context)), io: { ...systemIo, now: () => now } },
    {
      type: 'succeeded',
      ...{ payment_no, provider, merchant, amount, currency },
      transaction_id: `transaction-${payment_no}`,
    },
  );
  if (outcome !== 'settled' && outcome !== 'already_settled') throw new Error(`${payment_no}: ${outcome}`);
}

export const announcePayment = (context: StoreContext, { payment: { order_no, n } }: Begun): Promise<void> =>
  createWorkStore(context).clearWork(paymentKey(order_no, n), workShard('notify', order_no));
