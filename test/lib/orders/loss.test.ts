import { describe, expect, it } from 'vitest';
import { exceptionId, exceptionOnce } from '../../../lib/orders/exception.ts';
import type { ExceptionKind, Resolution } from '../../../lib/orders/kinds.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { resolveException } from '../../../lib/orders/resolve-exception.ts';
import { applyEvent } from '../../../lib/orders/settle.ts';
import {
  disputeOf,
  paidPayment,
  paymentOf,
  refundOf,
  returnOf,
  shopOrder,
  successOf,
  tenantOrder,
} from '../../support/orders.ts';
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
    takeBack: (transaction_id: string, dispute_id = 'du_1', state: 'open' | 'lost' | 'won' = 'lost') =>
      applyEvent(world.ports, {
        ...{
          ...dispute,
          dispute_id,
          transaction_id,
          reason: 'fraudulent',
          refundable: false,
          due_by: null,
          state,
        },
        movements:
          state === 'won' ? [] : [{ id: `txn_${dispute_id}`, amount: -1000, fee: 0, fee_currency: 'USD' }],
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

it('numbers that look like sums are numbers of their own', async () => {
  const order = shopOrder({ status: 'paid', paid_by: 1 });
  const { tell, store } = told(order, paidPayment(order, { provider: 'alipay', appid: null }));
  for (const amount of [3, 4]) await tell({ refund_no: `total-${amount}`, amount });
  expect(store.entries(order).map(({ amount }) => amount)).toEqual([3, 4]);
});

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

it('of several disputes, those are for people to see again by which a bank has taken something', async () => {
  const { pay, takeBack, end, stored } = told(paidOrder());
  await pay('T2');
  for (const [dispute_id, state] of [
    ['du_won', 'won'],
    ['du_lost', 'lost'],
    ['du_too', 'lost'],
  ] as const) {
    await takeBack('T2', dispute_id, state);
    await end('disputed', dispute_id, 'dismissed');
  }
  await end('paid_twice', null, 'attributed');
  const disputed = stored().exceptions.filter(({ kind }) => kind === 'disputed');
  expect(disputed.map(({ refund_no, state }) => [refund_no, state])).toEqual([
    ['du_won', 'resolved'],
    ['du_lost', 'open'],
    ['du_too', 'open'],
  ]);
});

it('what waits for people anyhow is not told once more when its money gets an owner', async () => {
  const { pay, takeBack, end, store } = told(paidOrder());
  await pay('T2');
  await takeBack('T2');
  await end('paid_twice', null, 'attributed');
  const written = store.changes.at(-1)?.writes ?? [];
  expect(written.filter((write) => 'update' in write && write.update === 'exception')).toHaveLength(1);
});

it('a dispute of other money stays as people have ended it, when money gets an owner', async () => {
  const { pay, takeBack, end, stored } = told(paidOrder());
  await takeBack('T1', 'du_own');
  await end('disputed', 'du_own', 'dismissed');
  await pay('T2');
  await pay('T3');
  await takeBack('T3', 'du_third');
  await end('disputed', 'du_third', 'dismissed');
  await takeBack('T2', 'du_open');
  const before = stored().exceptions.filter(({ kind }) => kind === 'disputed');
  await end('paid_twice', null, 'attributed');
  expect(
    stored().suspense.find(({ transaction_id }) => transaction_id === 'T2')?.attributed_at,
  ).not.toBeNull();
  expect(stored().exceptions.filter(({ kind }) => kind === 'disputed')).toEqual(before);
});

it('a closed order is paid by what a bank has not taken, whatever it took of other money', async () => {
  for (const takes of ['nothing', 'another']) {
    const order = tenantOrder({ status: 'closed', amount: 1000, payments: 2 });
    const first = paymentOf(order, { state: 'closed', amount: 1000 });
    const second = {
      ...paidPayment(order, { transaction_id: 'T9', amount: 1000 }),
      n: 2,
      payment_no: `${order.order_no}-2`,
    };
    const disputes = takes === 'another' ? [disputeOf(second, { state: 'lost', withdrawn: 1000 })] : [];
    const { pay, takeBack, end, stored } = told(order, first, { payments: [first, second], disputes });
    await pay('T1');
    if (takes === 'nothing') await takeBack('T1', 'du_won', 'won');
    expect(await end('paid_after_close', null, 'attributed')).toBe('resolved');
    expect(stored().order.status).toBe('paid');
  }
});

it('a closed order is paid by its payment’s own money, whatever a bank took of a further transaction', async () => {
  const order = tenantOrder({ status: 'closed', amount: 1000 });
  const { pay, takeBack, end, stored } = told(order, paymentOf(order, { state: 'closed', amount: 1000 }));
  await pay('T1');
  await pay('T2');
  await takeBack('T2');
  expect(await end('paid_after_close', null, 'attributed')).toBe('resolved');
  expect(stored().order.status).toBe('paid');
});

it('a closed order waits while one dispute of several is open', async () => {
  const order = tenantOrder({ status: 'closed', amount: 1000 });
  const { pay, takeBack, end } = told(order, paymentOf(order, { state: 'closed', amount: 1000 }));
  await pay('T1');
  await takeBack('T1', 'du_lost', 'lost');
  await takeBack('T1', 'du_open', 'open');
  expect(await end('paid_after_close', null, 'attributed')).toBe('disputed');
});

it.each([
  ['lost', 'nothing_left'],
  ['open', 'disputed'],
] as const)('a closed order is not paid by what a bank has taken: %s', async (state, outcome) => {
  const order = tenantOrder({ status: 'closed', amount: 1000 });
  const payment = paymentOf(order, { state: 'closed', amount: 1000 });
  const { pay, takeBack, end, stored, owner } = told(order, payment);
  await pay('T1');
  await takeBack('T1', 'du_1', state);
  await end('disputed', 'du_1', 'dismissed');
  expect(await end('paid_after_close', null, 'attributed')).toBe(outcome);
  expect([stored().order.status, owner()]).toEqual(['closed', 0]);
});

describe('what went back in sums', () => {
  it('comes back to its owner part by part, and no more than the owner bore', async () => {
    const { tell, end, owner } = told(paidOrder());
    await tell({ total: 300 });
    await end('unknown_refund', 'total-300', 'attributed');
    expect(owner()).toBe(-300);
    for (const [id, left] of [
      ['re_1', -200],
      ['re_2', -100],
      ['re_3', 0],
    ] as const) {
      await tell({ type: 'refund_failed', refund_id: id, amount: 100 });
      expect(await end('refund_failed', id, 'attributed')).toBe('resolved');
      expect(owner()).toBe(left);
    }
  });

  it('is borne as far as it is away, less what people have given up', async () => {
    const { tell, end, owner } = told(paidOrder());
    await tell({ total: 300 });
    await end('unknown_refund', 'total-300', 'written_off');
    await tell({ total: 500 });
    await tell({ type: 'refund_failed', refund_id: 're_1', amount: 300 });
    expect(await end('unknown_refund', 'total-500', 'attributed')).toBe('nothing_left');
    expect(await end('refund_failed', 're_1', 'attributed')).toBe('nothing_left');
    expect(owner()).toBe(0);
  });

  it('is borne whatever came again by a name, and was not given back', async () => {
    const { tell, end, owner } = told(paidOrder());
    await tell({ refund_id: 're_1', amount: 300 });
    await end('unknown_refund', 're_1', 'attributed');
    await tell({ type: 'refund_failed', refund_id: 're_1', amount: 300 });
    await end('refund_failed', 're_1', 'dismissed');
    await tell({ total: 500 });
    expect(await end('unknown_refund', 'total-500', 'attributed')).toBe('resolved');
    expect(owner()).toBe(-500);
  });

  it('and the rest by a name comes back as both', async () => {
    const { tell, end, owner } = told(paidOrder());
    await tell({ total: 200 });
    await tell({ refund_id: 're_1', amount: 500 });
    await end('unknown_refund', 'total-200', 'attributed');
    await end('unknown_refund', 're_1', 'attributed');
    expect(owner()).toBe(-500);
    await tell({ type: 'refund_failed', refund_id: 're_1', amount: 500 });
    expect(await end('refund_failed', 're_1', 'attributed')).toBe('resolved');
    expect(owner()).toBe(0);
    await tell({ total: 900 });
    await end('unknown_refund', 'total-900', 'attributed');
    expect(owner()).toBe(-400);
    await tell({ type: 'refund_failed', refund_id: 're_2', amount: 400 });
    expect(await end('refund_failed', 're_2', 'attributed')).toBe('resolved');
    expect(owner()).toBe(0);
  });

  it('comes back to its owner though some of it was written off', async () => {
    const { tell, end, owner } = told(paidOrder());
    await tell({ total: 300 });
    await end('unknown_refund', 'total-300', 'written_off');
    await tell({ total: 500 });
    await end('unknown_refund', 'total-500', 'attributed');
    await tell({ type: 'refund_failed', refund_id: 're_1', amount: 400 });
    expect(await end('refund_failed', 're_1', 'attributed')).toBe('resolved');
    expect(owner()).toBe(0);
  });

  it('comes back no further than it came again', async () => {
    const { tell, end, owner } = told(paidOrder());
    await tell({ total: 600 });
    await end('unknown_refund', 'total-600', 'attributed');
    await tell({ type: 'refund_failed', refund_id: 're_9', amount: 100 });
    await end('refund_failed', 're_9', 'dismissed');
    await tell({ refund_id: 're_1', amount: 800 });
    await end('unknown_refund', 're_1', 'attributed');
    await tell({ type: 'refund_failed', refund_id: 're_1', amount: 800 });
    expect(await end('refund_failed', 're_1', 'attributed')).toBe('resolved');
    expect(owner()).toBe(-100);
  });

  it('is borne whatever came again before its money had an owner', async () => {
    const { pay, tell, end, owner } = told(paidOrder());
    await pay('T2');
    await tell({ total: 300, transaction_id: 'T2' });
    await tell({ type: 'refund_failed', refund_id: 're_1', amount: 300, transaction_id: 'T2' });
    await end('paid_twice', null, 'attributed');
    await tell({ total: 500, transaction_id: 'T2' });
    expect(await end('unknown_refund', 'total-500-T2', 'attributed')).toBe('resolved');
    expect(owner()).toBe(800);
  });

  it('is borne whatever refund was refused, and done all the same', async () => {
    const order = paidOrder();
    const payment = paidPayment(order, { reserved: 400 });
    const { tell, end, owner } = told(order, payment, { refunds: [refundOf(payment)] });
    const refund_no = `${order.order_no}-r1`;
    await tell({ type: 'refund_failed', refund_no });
    await tell({ total: 400 });
    await tell({ refund_no, amount: 400 });
    expect(await end('unknown_refund', 'total-400', 'attributed')).toBe('resolved');
    expect(owner()).toBe(-400);
  });

  it('comes back whatever was given back of other money', async () => {
    const { pay, tell, end, owner } = told(paidOrder());
    await pay('T2');
    await end('paid_twice', null, 'attributed');
    const other = { refund_id: 're_1', amount: 400, transaction_id: 'T2' };
    await tell(other);
    await end('unknown_refund', 're_1', 'attributed');
    await tell({ type: 'refund_failed', ...other });
    await end('refund_failed', 're_1', 'attributed');
    await tell({ total: 300 });
    await end('unknown_refund', 'total-300', 'attributed');
    await tell({ type: 'refund_failed', refund_id: 're_2', amount: 300 });
    expect(await end('refund_failed', 're_2', 'attributed')).toBe('resolved');
    expect(owner()).toBe(1000);
  });

  it('and by a number that other money has, too, comes again of its own', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1, amount: 1000 });
    const { pay, tell, end, owner } = told(order, paidPayment(order, { provider: 'alipay', appid: null }));
    await pay('T2');
    await end('paid_twice', null, 'attributed');
    await tell({ refund_no: 'console-1', amount: 100 });
    await tell({ total: 400 });
    await end('unknown_refund', 'total-400', 'attributed');
    await end('unknown_refund', 'console-1', 'attributed');
    expect(owner()).toBe(600);
    await tell({ type: 'refund_failed', refund_no: 'console-1', amount: 300, transaction_id: 'T2' });
    await tell({ type: 'refund_failed', refund_no: 'console-2', amount: 300 });
    expect(await end('refund_failed', 'console-2', 'attributed')).toBe('resolved');
    expect(owner()).toBe(900);
  });

  it('before its money had an owner is the owner’s when it comes again', async () => {
    const { pay, tell, end, owner } = told(paidOrder());
    await pay('T2');
    await tell({ total: 300, transaction_id: 'T2' });
    await end('paid_twice', null, 'attributed');
    expect(owner()).toBe(700);
    expect(await end('unknown_refund', 'total-300-T2', 'attributed')).toBe('never_owned');
    await tell({ type: 'refund_failed', refund_id: 're_1', amount: 300, transaction_id: 'T2' });
    expect(await end('refund_failed', 're_1', 'attributed')).toBe('resolved');
    expect(owner()).toBe(1000);
  });

  it('is of its own money alone, and of what comes again there', async () => {
    const { pay, tell, end, owner } = told(paidOrder());
    await pay('T2');
    await end('paid_twice', null, 'attributed');
    await tell({ total: 300 });
    await end('unknown_refund', 'total-300', 'attributed');
    await tell({ total: 400, transaction_id: 'T2' });
    await end('unknown_refund', 'total-400-T2', 'written_off');
    await tell({ type: 'refund_failed', refund_id: 're_1', amount: 400, transaction_id: 'T2' });
    expect(await end('refund_failed', 're_1', 'attributed')).toBe('nothing_left');
    await tell({ type: 'refund_failed', refund_id: 're_2', amount: 300 });
    expect(await end('refund_failed', 're_2', 'attributed')).toBe('resolved');
    expect(owner()).toBe(1000);
  });
});

it('a refund that was refused and is said to be abnormal is for people to see, and books nothing', async () => {
  const order = paidOrder();
  const payment = paidPayment(order);
  const { tell, open, store } = told(order, payment, { refunds: [refundOf(payment, { status: 'failed' })] });
  await tell({ type: 'refund_abnormal', refund_no: `${order.order_no}-r1`, refund_id: 're_1' });
  expect([open(), store.entries(order)]).toEqual([['unknown_refund'], []]);
});

it('what is known under a number of other money is told, where nobody says how much', async () => {
  const { pay, tell, stored } = told(paidOrder());
  await tell({ refund_id: 're_1', amount: 300 });
  await pay('T2');
  await tell({ refund_id: 're_1', transaction_id: 'T2' });
  await tell({ refund_id: 're_9' });
  expect(stored().exceptions.map(({ kind, refund_no, amount }) => [kind, refund_no, amount])).toEqual(
    expect.arrayContaining([['unknown_refund', 're_9', null]]),
  );
});

it('nor is it by a number under another payment', async () => {
  const order = paidOrder();
  const second = { ...paidPayment(order, { returned: 300 }), n: 2, payment_no: `${order.order_no}-2` };
  const returns = [returnOf(second, { return_id: 're_1', amount: 300 })];
  const payments = [paidPayment(order), second];
  const { tell, open } = told(order, paidPayment(order), { payments, returns });
  await tell({ refund_id: 're_1' });
  expect(open()).toEqual(['unknown_refund']);
});

it.each([{ refunded: 100 }, { returned: 100 }, { refunded: 100, returned: 100 }])(
  'something that has gone back may be what is known to have: %j',
  async (known) => {
    const order = paidOrder();
    const { tell, store } = told(order, paidPayment(order, known));
    await tell({});
    expect(store.changes).toEqual([]);
  },
);

it('what is booked under a name ends nothing that is about something else', async () => {
  const order = paidOrder();
  const payment = paidPayment(order);
  const [put] = exceptionOnce(
    { order, exceptions: [] },
    { kind: 'not_shipped', payment_no: payment.payment_no },
    0,
  );
  const { tell, open } = told(order, payment, { exceptions: put ? [put.record] : [] });
  await tell({ refund_id: 're_1', amount: 300 });
  expect(open()).toEqual(expect.arrayContaining(['not_shipped', 'unknown_refund']));
});
