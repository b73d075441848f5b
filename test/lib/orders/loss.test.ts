import { expect, it } from 'vitest';
import { exceptionId } from '../../../lib/orders/exception.ts';
import type { ExceptionKind, Resolution } from '../../../lib/orders/kinds.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { resolveException } from '../../../lib/orders/resolve-exception.ts';
import { applyEvent } from '../../../lib/orders/settle.ts';
import { paidPayment, paymentOf, refundOf, shopOrder, successOf, tenantOrder } from '../../support/orders.ts';
import { createWorld } from './world.ts';

/** What went back without our asking, or by a bank, and whose loss it is in the end: stories that were found to end wrongly. */

const paidOrder = () => tenantOrder({ status: 'paid', paid_by: 1, amount: 1000 });

function told(order: Order, payment: Payment = paidPayment(order), seed: object = {}) {
  const world = createWorld({ order, payments: [payment], ...seed });
  const { payment_no, provider, merchant } = payment;
  const about = { payment_no, provider, merchant, transaction_id: 'T1' };
  const refund = { type: 'refund_succeeded', ...about, refund_no: null, refund_id: null } as const;
  const dispute = { type: 'dispute', ...about, dispute_id: 'du_1', amount: 1000, currency: 'USD' } as const;
  return {
    ...world,
    stored: () => world.store.stored(order),
    open: () =>
      world.store
        .stored(order)
        .exceptions.filter(({ state }) => state === 'open')
        .map(({ kind }) => kind),
    tell: (said: object) => applyEvent(world.ports, { ...refund, ...said }),
    pay: (transaction_id: string, said: object = {}) =>
      applyEvent(world.ports, successOf(payment, { transaction_id, ...said })),
    takeBack: (transaction_id: string) =>
      applyEvent(world.ports, {
        ...{ ...dispute, transaction_id, reason: 'fraudulent', due_by: null, state: 'lost' },
        movements: [{ id: 'txn_1', amount: -1000, fee: 0, fee_currency: 'USD' }],
      }),
    end: async (kind: ExceptionKind, refund_no: string | null, resolution: Resolution) => {
      world.clock.now += 1_000;
      const one = world.store
        .stored(order)
        .exceptions.find((known) => known.kind === kind && known.refund_no === refund_no);
      const end = { order_no: order.order_no, resolution, reason: '核对过', by: 'admin-1' } as const;
      return (await resolveException(world.ports, { ...end, id: one ? exceptionId(one) : '' })).outcome;
    },
    /** What its owner has of it besides the payment. */
    owner: () =>
      world.store
        .entries(order)
        .reduce(
          (sum, { debit, credit, amount }) =>
            sum + (credit === payment.payee ? amount : 0) - (debit === payment.payee ? amount : 0),
          0,
        ),
  };
}

it('a loss that is attributed gives its owner nothing', async () => {
  const { tell, end, owner } = told(paidOrder());
  await tell({ refund_id: 're_1', amount: 900 });
  await end('unknown_refund', 're_1', 'attributed');
  await tell({ type: 'refund_failed', refund_id: 're_1', amount: 900 });
  // Its payer was paid by hand.
  await end('refund_failed', 're_1', 'dismissed');
  await tell({ refund_id: 're_2', amount: 100 });
  await end('unknown_refund', 're_2', 'attributed');
  expect(owner()).toBeLessThanOrEqual(-900);
});

it('what comes again is its owner’s who bore it, whatever else was written off', async () => {
  const { tell, end, owner } = told(paidOrder());
  await tell({ refund_id: 're_1', amount: 300 });
  await tell({ refund_id: 're_2', amount: 300 });
  await end('unknown_refund', 're_1', 'attributed');
  await end('unknown_refund', 're_2', 'written_off');
  await tell({ type: 'refund_failed', refund_id: 're_1', amount: 300 });
  expect(await end('refund_failed', 're_1', 'attributed')).toBe('resolved');
  expect(owner()).toBe(0);
});

it('a sum that came again is not borne because another was written off', async () => {
  const { tell, end, owner } = told(paidOrder());
  await tell({ refund_id: 're_1', amount: 300 });
  await end('unknown_refund', 're_1', 'written_off');
  await tell({ total: 500 });
  await tell({ type: 'refund_failed', refund_id: 're_2', amount: 200 });
  await end('unknown_refund', 'total-500', 'attributed');
  await end('refund_failed', 're_2', 'attributed');
  expect(owner()).toBe(0);
});

it('what a bank took of money in suspense is for people to see again once it has an owner', async () => {
  const { pay, takeBack, end, open, owner } = told(paidOrder());
  await pay('T2');
  await takeBack('T2');
  expect(await end('disputed', 'du_1', 'attributed')).toBe('never_owned');
  // As the API says.
  await end('disputed', 'du_1', 'dismissed');
  await end('paid_twice', null, 'attributed');
  expect([owner(), open()]).toEqual([1000, ['disputed']]);
  await end('disputed', 'du_1', 'attributed');
  expect(owner()).toBe(0);
});

it('no closed order is paid by what a bank has taken', async () => {
  const order = tenantOrder({ status: 'closed', amount: 1000 });
  const { pay, takeBack, end, stored, owner } = told(order, paymentOf(order, { state: 'closed' }));
  await pay('T1');
  await takeBack('T1');
  await end('disputed', 'du_1', 'dismissed');
  await end('paid_after_close', null, 'attributed');
  expect([stored().order.status, owner()]).toEqual(['closed', 0]);
});

it('a refund that was refused, yet done, has come again though that is told first', async () => {
  const order = paidOrder();
  const payment = paidPayment(order, { returned: 0, reserved: 400 });
  const { tell, stored } = told(order, payment, { refunds: [refundOf(payment)] });
  const refund_no = `${order.order_no}-r1`;
  await tell({ total: 400 });
  await tell({ type: 'refund_failed', refund_no });
  await tell({ type: 'refund_failed', refund_no, refund_id: 're_1', amount: 400 });
  await tell({ refund_no, refund_id: 're_1', amount: 400 });
  expect(stored().payments).toMatchObject([{ returned: 0, reserved: 0, refunded: 0 }]);
});

it.each(['alipay', 'stripe'] as const)(
  'what went back is booked once under a number that is asked for later: %s',
  async (provider) => {
    const order =
      provider === 'stripe' ? paidOrder() : shopOrder({ status: 'paid', paid_by: 1, amount: 1000 });
    const { tell, stored, merchants, ports, store } = told(
      order,
      paidPayment(order, { provider, appid: null }),
    );
    const refund_id = provider === 'stripe' ? 're_1' : null;
    await tell({ refund_no: `${order.order_no}-r1`, refund_id, amount: 300 });
    merchants.script('refund', () => ({ state: 'succeeded', refund_id }));
    const wanted = {
      order_no: order.order_no,
      amountOf: () => 300,
      amountText: '3',
      reason: '退款',
      transaction_id: null,
    };
    await requestRefund(ports, wanted, { operation: 'refund', subject: 'admin-1', key: 'k' });
    const [payment] = stored().payments;
    expect((payment?.refunded ?? 0) + (payment?.returned ?? 0)).toBe(300);
    expect(store.entries(order)).toHaveLength(1);
  },
);

it('a number that looks like a sum ends nothing', async () => {
  const order = shopOrder({ status: 'paid', paid_by: 1 });
  const { tell, open } = told(order, paidPayment(order, { provider: 'alipay', appid: null }));
  await tell({ refund_no: 'total-300', total: 300 });
  await tell({ refund_no: 'total-300', amount: 300 });
  expect(open()).toEqual(['unknown_refund']);
});

it('no change is larger than the table takes', async () => {
  const order = shopOrder({ status: 'paid', paid_by: 1 });
  const { tell, pay, store } = told(order, paidPayment(order, { provider: 'alipay', appid: null }));
  for (let n = 1; n <= 100; n++) await tell({ refund_no: `console-${n}`, transaction_id: 'T2', total: n });
  await pay('T2');
  await tell({ refund_no: 'console-100', transaction_id: 'T2', total: 100 });
  expect(Math.max(...store.changes.map(({ writes }) => writes.length))).toBeLessThanOrEqual(100);
});
