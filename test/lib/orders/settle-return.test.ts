import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { PaymentEvent, RefundEvent } from '../../../lib/orders/event.ts';
import { exceptionId } from '../../../lib/orders/exception.ts';
import { providerAccount, suspenseAccount } from '../../../lib/orders/ledger.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { isReturnedSum } from '../../../lib/orders/refund.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { resolveException } from '../../../lib/orders/resolve-exception.ts';
import { applyEvent, settle } from '../../../lib/orders/settle.ts';
import {
  merchantNames,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  returnOf,
  shopOrder,
  successOf,
  suspenseOf,
} from '../../support/orders.ts';
import type { Seed } from './memory-store.ts';
import { createWorld } from './world.ts';

const now = isoTime(NOW);

/** An order that was paid with 1000, of which 400 are asked back, or nothing is. */
function paid({
  refunding = false,
  seed = (_: Payment): Seed => ({}),
  payment: changes = {} as object,
} = {}) {
  const order = shopOrder({
    ...{ amount: 1000, paid_by: 1, paid_at: now },
    ...(refunding ? { status: 'refunding', refunds: 1 } : { status: 'paid' }),
  });
  const payment = paidPayment(order, { reserved: refunding ? 400 : 0, ...changes });
  const refunds = refunding ? [refundOf(payment)] : [];
  const world = createWorld({ order, payments: [payment], refunds, ...seed(payment) });
  const { payment_no, provider, merchant } = payment;
  const tell = (said: Partial<RefundEvent>) =>
    applyEvent(world.ports, {
      ...{ type: 'refund_succeeded', payment_no, provider, merchant, refund_no: null, refund_id: null },
      ...said,
    });
  return {
    ...world,
    order,
    payment,
    tell,
    stored: () => world.store.stored(order),
    entries: () => world.store.entries(order),
    exceptions: () =>
      world.store.stored(order).exceptions.map(({ kind, refund_no, amount }) => [kind, refund_no, amount]),
    suspense: suspenseAccount(payment),
    account: providerAccount(payment),
  };
}

/** What entries of returns have taken from the provider's account. */
const leftBy = (entries: ReturnType<ReturnType<typeof paid>['entries']>) =>
  entries
    .filter(({ kind }) => kind === 'return')
    .reduce((sum, { credit, amount }) => sum + (credit.startsWith('provider:') ? amount : -amount), 0);

const permutations = <T>(values: readonly T[]): T[][] =>
  values.length === 0
    ? [[]]
    : values.flatMap((value, index) =>
        permutations(values.filter((_, other) => other !== index)).map((rest) => [value, ...rest]),
      );

describe('money that went back without our asking', () => {
  it('by a refund that is named is booked out of suspense, told, and less is left', async () => {
    const { tell, order, payment, stored, entries, store, suspense, account } = paid();
    const { order_no } = order;
    const event = { refund_id: 're_1', refund_no: 'console', amount: 300, transaction_id: 'T1' } as const;
    expect(await tell(event)).toEqual({ outcome: 'unknown_refund', order_no, status: 'paid' });
    expect(await tell(event)).toEqual({ outcome: 'already_refunded', order_no, status: 'paid' });
    expect(stored()).toMatchObject({
      order,
      payments: [{ ...payment, returned: 300, version: 2 }],
      returns: [returnOf(payment)],
      exceptions: [
        {
          ...{ kind: 'unknown_refund', payment_no: payment.payment_no, refund_no: 're_1' },
          ...{ transaction_id: 'T1', amount: 300, currency: 'CNY', state: 'open' },
        },
      ],
    });
    expect(entries()).toEqual([
      {
        ...{ order_no, kind: 'return', reference: '1#re_1', refund: null, amount: 300, currency: 'CNY' },
        ...{ provider: payment.provider, merchant: payment.merchant, transaction_id: 'T1' },
        ...{ debit: suspense, credit: account, booked_at: now },
      },
    ]);
    expect(Object.values(store.debts(order))).toEqual([`alert ${isoTime(NOW + 5 * 60_000)}`]);
  });

  it('as a whole leaves the order refunded and nothing to be returned, named or only in sum', async () => {
    for (const said of [{ refund_id: 're_1', amount: 1000 }, { total: 1000 }]) {
      const { tell, order, ports, stored } = paid();
      expect(await tell(said)).toMatchObject({ outcome: 'unknown_refund', status: 'refunded' });
      expect(stored().order.status).toBe('refunded');
      const request = { order_no: order.order_no, amountOf: () => null, amountText: null, reason: '退款' };
      const caller = { operation: 'refund', subject: 'admin-1', key: JSON.stringify(said) } as const;
      const refused = await requestRefund(ports, { ...request, transaction_id: null }, caller);
      expect(refused).toEqual({ outcome: 'nothing_left' });
    }
  });

  it('known only as a sum is booked as far as no refund explains it, and each further part', async () => {
    const { tell, entries, exceptions, stored, store } = paid({ refunding: true });
    for (const _ of [1, 2]) {
      expect(await tell({ total: 400 })).toMatchObject({ outcome: 'already_refunded' });
      expect(store.changes).toMatchObject([{ writes: [{ update: 'payment', set: { reported: 400 } }] }]);
    }
    expect(await tell({ total: 500 })).toMatchObject({ outcome: 'unknown_refund', status: 'refunding' });
    expect(await tell({ total: 500 })).toMatchObject({ outcome: 'already_refunded' });
    expect(await tell({ total: 400 })).toMatchObject({ outcome: 'already_refunded' });
    await tell({ total: 700 });
    expect(entries().map(({ reference, amount }) => [reference, amount])).toEqual([
      ['1#total-500', 100],
      ['1#total-700', 200],
    ]);
    expect(exceptions()).toEqual([
      ['unknown_refund', 'total-500', 100],
      ['unknown_refund', 'total-700', 200],
    ]);
    expect(stored().payments).toMatchObject([{ reserved: 400, returned: 300 }]);
  });

  it('known only as a sum is not explained by a refund that was refused, only by one that failed later', async () => {
    for (const [refund_id, booked] of [
      [null, 500],
      ['re_0', 100],
    ] as const) {
      const { tell, order, payment, ports, store } = paid({ refunding: true });
      const { payment_no, provider, merchant } = payment;
      const of = { payment_no, provider, merchant, refund_no: `${order.order_no}-r1` };
      await applyEvent(ports, { type: 'refund_failed', ...of, refund_id });
      await tell({ total: 500 });
      expect(leftBy(store.entries(order))).toBe(booked);
    }
  });

  it.each([
    ['a part', 500, [100, 400]],
    ['all', 400, [400]],
    ['less', 300, [300]],
  ])(
    'known only as a sum is booked where the refund that %s of it was explained by is refused',
    async (_, total, booked) => {
      const { tell, order, entries, exceptions, stored } = paid({ refunding: true });
      await tell({ total });
      await tell({ type: 'refund_failed', refund_no: `${order.order_no}-r1` });
      expect(entries().map(({ amount }) => amount)).toEqual(booked);
      expect(stored()).toMatchObject({
        order: { status: 'paid' },
        payments: [{ reserved: 0, returned: total }],
      });
      expect(exceptions().filter(([kind]) => kind === 'unknown_refund')).toHaveLength(booked.length);
      await tell({ total });
      expect(entries()).toHaveLength(booked.length);
    },
  );

  it('known only as a sum is kept in mind while a refund of the same money is open, and only then', async () => {
    const done = { status: 'succeeded' } as const;
    const open = { n: 2, amount: 100 };
    for (const [total, refunds, changes] of [
      [400, [done], []],
      [400, [done, { ...open, suspense: 'T2' }], []],
      [500, [done, open], [{ writes: [{ update: 'payment', set: { reported: 500 } }] }]],
    ] as const) {
      const { tell, store } = paid({
        payment: { refunded: 400 },
        seed: (payment) => ({
          refunds: refunds.map((refund) => refundOf(payment, refund)),
          suspense: [suspenseOf(payment, { reserved: 100 })],
        }),
      });
      expect(await tell({ total, transaction_id: 'T1' })).toMatchObject({ outcome: 'already_refunded' });
      expect(store.changes).toMatchObject(changes);
      expect(store.changes).toHaveLength(changes.length);
    }
  });

  it('is of the transaction that is named, though another payment has a return of the same name', async () => {
    const { tell, stored } = paid({
      seed: (payment) => {
        const other = { ...payment, n: 2, payment_no: `${payment.order_no}-2`, transaction_id: 'T3' };
        return {
          payments: [payment, other],
          suspense: [suspenseOf(payment)],
          returns: [returnOf(other)],
        };
      },
    });
    await tell({ refund_id: 're_1', amount: 300, transaction_id: 'T2' });
    expect(stored()).toMatchObject({
      payments: [{ returned: 0 }, { returned: 0 }],
      suspense: [{ returned: 300 }],
    });
  });

  it('that was told of as it is booked is not told again', async () => {
    const { tell, ports, payment, store } = paid();
    const said = { refund_id: 're_1', amount: 300, transaction_id: 'T2' };
    await tell(said);
    await settle(ports, successOf(payment, { transaction_id: 'T2' }));
    await tell(said);
    const writes = store.changes.at(-1)?.writes ?? [];
    expect(writes.map((write) => ('put' in write ? write.put : 'update' in write && write.update))).toEqual(
      expect.not.arrayContaining(['exception']),
    );
    expect(writes.length).toBeGreaterThan(0);
  });

  it('that somebody has seen to before it was named keeps its end', async () => {
    const { tell, ports, order, stored } = paid();
    await tell({ refund_no: 'console', refund_id: null });
    const [vague] = stored().exceptions;
    if (vague) {
      const end = { resolution: 'dismissed', reason: '核对过', by: 'admin-1' } as const;
      await resolveException(ports, { order_no: order.order_no, id: exceptionId(vague), ...end });
    }
    const before = stored().exceptions;
    await tell({ refund_id: 're_1', amount: 300 });
    expect(stored().exceptions.slice(0, before.length)).toEqual(before);
  });

  it('known only as a sum gives its order back as a whole where a refund of ours is refused', async () => {
    const { tell, order, stored } = paid({ refunding: true });
    await tell({ total: 1000 });
    await tell({ type: 'refund_failed', refund_no: `${order.order_no}-r1` });
    expect(stored()).toMatchObject({ order: { status: 'refunded' }, payments: [{ returned: 1000 }] });
  });

  it('known only as a sum stays explained by a refund that was taken on and failed later, or was made', async () => {
    for (const said of [
      { type: 'refund_failed', refund_id: 're_0' },
      { type: 'refund_succeeded' },
    ] as const) {
      const { tell, order, entries } = paid({ refunding: true });
      await tell({ total: 400 });
      await tell({ ...said, refund_no: `${order.order_no}-r1` });
      expect(entries().filter(({ kind }) => kind === 'return')).toEqual([]);
    }
  });

  it('known only as one sum is booked under another name each time, and may always be borne by its owner', async () => {
    const { tell, order, payment, store, entries, exceptions } = paid({
      ...{ refunding: true, payment: { reserved: 500 } },
    });
    store.seed({ refunds: [refundOf(payment, { n: 2, amount: 100 })] });
    await tell({ total: 600 });
    for (const n of [1, 2]) {
      await tell({ type: 'refund_failed', refund_no: `${order.order_no}-r${n}` });
      await tell({ total: 600 });
    }
    const names = exceptions().flatMap(([kind, name]) => (kind === 'unknown_refund' ? [String(name)] : []));
    expect(entries().map(({ reference, amount }) => [reference, amount])).toEqual(
      names.map((name, index) => [`1#${name}`, [100, 400, 100][index]]),
    );
    expect(new Set(names).size).toBe(3);
    expect(names.every(isReturnedSum)).toBe(true);
  });

  it('known only as a sum, and named afterwards, is booked and told once', async () => {
    const { tell, order, entries, exceptions, stored } = paid();
    await tell({ total: 300 });
    expect(await tell({ refund_id: 're_1', amount: 300 })).toEqual({
      ...{ outcome: 'already_refunded', order_no: order.order_no, status: 'paid' },
    });
    expect(entries()).toMatchObject([{ reference: '1#total-300', amount: 300 }]);
    expect(exceptions()).toEqual([['unknown_refund', 'total-300', 300]]);
    expect(stored()).toMatchObject({
      payments: [{ returned: 300 }],
      returns: [{ return_id: 're_1', amount: 300, status: 'succeeded' }],
    });
  });

  it('known only as a sum is not explained by what went back of other money of its order', async () => {
    for (const other of [{ payment: 2 }, { suspense: 'T2' }]) {
      const { tell, payment, stored, store } = paid();
      const returned = [
        returnOf(payment, { ...other, return_id: 're_8', amount: 200 }),
        returnOf(payment, { ...other, return_id: 're_9', amount: 50, status: 'failed' }),
      ];
      store.seed({ refunds: [refundOf(payment, other)], returns: returned });
      await tell({ total: 500 });
      expect(stored().payments).toMatchObject([{ returned: 500 }]);
    }
  });

  it('of two payments of one order is booked of each, be it by the same sum or the same number', async () => {
    const { tell, order, store, stored, entries } = paid();
    const another = paidPayment(order, { n: 2, transaction_id: 'T9', superseded: true, isSuspense: true });
    store.seed({ payments: [another] });
    const { payment_no } = another;
    for (const said of [{ total: 300 }, { refund_no: 'console-1', amount: 400 }]) {
      await tell(said);
      await tell({ ...said, payment_no });
    }
    expect(entries().map(({ reference, amount }) => [reference, amount])).toEqual([
      ['1#total-300', 300],
      ['2#total-300', 300],
      ['1#console-1', 100],
      ['2#console-1', 100],
    ]);
    expect(stored()).toMatchObject({
      payments: [{ returned: 400 }, { returned: 400 }],
      returns: [{ payment: 1 }, { payment: 2 }],
    });
  });

  it('and that a refund here hid from a sum in all is booked once, though the bill names it as well', async () => {
    const { tell, order, entries, stored } = paid({ refunding: true });
    await tell({ total: 500 });
    await tell({ type: 'refund_failed', refund_no: `${order.order_no}-r1` });
    expect(stored().payments).toMatchObject([{ returned: 500 }]);
    for (const _ of [1, 2]) await tell({ refund_no: 'console-1', amount: 500 });
    expect(leftBy(entries())).toBe(500);
    expect(stored().payments).toMatchObject([{ returned: 500 }]);
  });

  it('by a refund of ours that its provider had refused is booked and told, once, in words and in sum', async () => {
    for (const first of ['named', 'in sum'] as const) {
      const { tell, order, entries, exceptions, stored } = paid({ refunding: true });
      const refund_no = `${order.order_no}-r1`;
      await tell({ type: 'refund_failed', refund_no });
      const done = { refund_no, refund_id: 're_1' };
      if (first === 'in sum') await tell({ total: 400 });
      for (const _ of [1, 2]) await tell(done);
      await tell({ total: 400 });
      expect(leftBy(entries())).toBe(400);
      expect(stored().payments).toMatchObject([{ reserved: 0, refunded: 0, returned: 400 }]);
      expect(stored().refunds).toMatchObject([{ status: 'failed' }]);
      expect(exceptions().filter(([kind]) => kind === 'unknown_refund')).toHaveLength(1);
      await tell({ ...done, type: 'refund_failed' });
      expect(leftBy(entries())).toBe(0);
    }
  });

  it('by a refund of ours that was refused, at another amount, is a mismatch, and books nothing', async () => {
    const { tell, order, entries } = paid({ refunding: true });
    const refund_no = `${order.order_no}-r1`;
    await tell({ type: 'refund_failed', refund_no });
    expect(await tell({ refund_no, amount: 401 })).toMatchObject({ outcome: 'mismatch' });
    expect(entries()).toEqual([]);
  });

  it('is not what is said of a refund of ours that is refused again, whatever else went back', async () => {
    for (const told of [[], [{ refund_id: 're_9', amount: 5 }]]) {
      const { tell, order, store } = paid({ refunding: true });
      const refused = { type: 'refund_failed', refund_no: `${order.order_no}-r1` } as const;
      for (const said of [refused, ...told]) await tell(said);
      const before = store.changes.length;
      expect(await tell(refused)).toMatchObject({ outcome: 'already_refunded' });
      expect(store.changes).toHaveLength(before);
    }
  });

  it('by a refund of ours that was taken on and then failed is not: what says so was overtaken', async () => {
    const { tell, order, entries, exceptions } = paid({ refunding: true });
    const done = { refund_no: `${order.order_no}-r1`, refund_id: 're_1' };
    await tell({ ...done, type: 'refund_failed' });
    await tell(done);
    expect(entries()).toEqual([]);
    expect(exceptions().map(([kind]) => kind)).toEqual(['refund_failed', 'unknown_refund']);
  });

  it('is seen by the sum in all that a message of our own refund says besides', async () => {
    const { tell, order, entries, stored } = paid({ refunding: true });
    const said = { refund_no: `${order.order_no}-r1`, amount: 400, total: 700 };
    expect(await tell(said)).toMatchObject({ outcome: 'refunded' });
    expect(await tell(said)).toMatchObject({ outcome: 'already_refunded' });
    expect(stored().payments).toMatchObject([{ refunded: 400, returned: 300 }]);
    expect(leftBy(entries())).toBe(300);
  });

  it('that its bank sends back is booked back, told, and stays so', async () => {
    const { tell, entries, exceptions, stored, suspense, account } = paid();
    const said = { refund_id: 're_1', amount: 1000 };
    await tell(said);
    expect(await tell({ ...said, type: 'refund_failed' })).toMatchObject({
      outcome: 'refund_failed',
      status: 'paid',
    });
    expect(await tell(said)).toMatchObject({ outcome: 'already_refunded' });
    expect(entries()).toMatchObject([
      { reference: '1#re_1', debit: suspense, credit: account },
      { reference: '1#re_1#back', debit: account, credit: suspense, amount: 1000 },
    ]);
    expect(stored()).toMatchObject({
      order: { status: 'paid' },
      payments: [{ returned: 0 }],
      returns: [{ status: 'failed' }],
    });
    expect(exceptions()).toEqual([
      ['unknown_refund', 're_1', 1000],
      ['refund_failed', 're_1', 1000],
    ]);
  });

  it('of which two refunds that are named at once are one unnamed sum, is not taken for both', async () => {
    const { tell, store, stored } = paid();
    await tell({ total: 300 });
    store.before('write', async () => {
      await tell({ refund_id: 're_1', amount: 300 });
    });
    await tell({ refund_id: 're_2', amount: 300 });
    expect(stored().payments).toMatchObject([{ returned: 600 }]);
  });
});

describe('whatever is said in whatever order, however often', () => {
  /** What the provider did: returned ours of 400, and by its console 100 and 200, and 50 that the bank sent back. */
  const ours = { refund_no: 'r1', refund_id: 'R1', amount: 400 };
  const first = { refund_id: 're_1', amount: 100 };
  const second = { refund_id: 're_2', amount: 200 };
  const failing = { refund_id: 're_3', amount: 50 };
  const failure = { ...failing, type: 'refund_failed' } as const;

  async function endOf(messages: readonly Partial<RefundEvent>[]) {
    const { tell, order, stored, entries, exceptions } = paid({ refunding: true });
    for (const said of messages) {
      await tell(said.refund_no === 'r1' ? { ...said, refund_no: `${order.order_no}-r1` } : said);
    }
    const { order: end, payments, returns, refunds } = stored();
    const [payment] = payments;
    return {
      status: end.status,
      sums: [payment?.reserved, payment?.refunded, payment?.returned],
      booked: leftBy(entries()),
      refunds: refunds.map(({ status }) => status),
      returns: returns.map(({ return_id, status, amount }) => [return_id, status, amount]).toSorted(),
      told: exceptions().length > 0,
    };
  }

  const named = (...those: readonly (readonly [string, string, number])[]) => those.map((one) => [...one]);

  it.each<
    [
      name: string,
      messages: readonly Partial<RefundEvent>[],
      left: number,
      returns: readonly (readonly [string, string, number])[],
    ]
  >([
    [
      'named',
      [ours, first, second, first],
      300,
      [
        ['re_1', 'succeeded', 100],
        ['re_2', 'succeeded', 200],
      ],
    ],
    ['in sums', [ours, { total: 500 }, { total: 700 }, { total: 400 }], 300, []],
    [
      'named and in sums',
      [ours, first, { total: 500 }, second, { total: 700 }],
      300,
      [
        ['re_1', 'succeeded', 100],
        ['re_2', 'succeeded', 200],
      ],
    ],
    [
      'some named, all in sums',
      [ours, second, { total: 500 }, { total: 700 }, second],
      300,
      [['re_2', 'succeeded', 200]],
    ],
    [
      'named, and one that failed',
      [ours, first, failing, failure, failure],
      100,
      [
        ['re_1', 'succeeded', 100],
        ['re_3', 'failed', 50],
      ],
    ],
    [
      'one that failed, of which a sum was said before',
      [ours, failing, failure, { total: 450 }],
      0,
      [['re_3', 'failed', 50]],
    ],
    [
      'one that failed, named by its failure alone',
      [ours, failure, { total: 450 }],
      0,
      [['re_3', 'failed', 50]],
    ],
  ])('%s: the books end the same, and as the provider’s', async (_, messages, left, returns) => {
    for (const order of permutations(messages)) {
      const end = await endOf([...order, ...order]);
      expect([order, end]).toEqual([
        order,
        {
          status: 'paid',
          sums: [0, 400, left],
          booked: left,
          refunds: ['succeeded'],
          returns: named(...returns),
          told: left > 0 || end.told,
        },
      ]);
    }
  });
});

describe('a message about a refund of nobody here', () => {
  it('is sent again while its payment is not known to be paid', async () => {
    const order = shopOrder();
    const payment = paymentOf(order);
    const { ports, store } = createWorld({ order, payments: [payment] });
    const { payment_no, provider, merchant } = payment;
    for (const said of [{ refund_id: 're_1', amount: 5 }, { total: 5 }]) {
      const event = { type: 'refund_succeeded', payment_no, provider, merchant, refund_no: null } as const;
      expect(await applyEvent(ports, { ...event, refund_id: null, ...said })).toEqual({
        ...{ outcome: 'not_settled', order_no: order.order_no },
      });
    }
    expect(store.changes).toEqual([]);
  });

  it('of money in suspense is booked of that, and its sums are its own', async () => {
    const { tell, payment, store, stored, entries } = paid();
    store.seed({ suspense: [suspenseOf(payment)] });
    await tell({ total: 300 });
    await tell({ total: 300, transaction_id: 'T2' });
    expect(await tell({ refund_id: 're_1', amount: 700, transaction_id: 'T2' })).toMatchObject({
      outcome: 'unknown_refund',
      status: 'paid',
    });
    expect(stored()).toMatchObject({
      payments: [{ returned: 300 }],
      suspense: [{ returned: 700 }],
      returns: [{ suspense: 'T2', amount: 700 }],
    });
    expect(stored().exceptions).toHaveLength(3);
    expect(
      entries().map(({ transaction_id, reference, amount }) => [transaction_id, reference, amount]),
    ).toEqual([
      ['T1', '1#total-300', 300],
      ['T2', '1#total-300-T2', 300],
      ['T2', '1#re_1', 400],
    ]);
  });

  it('booked before its transaction was known to be another stays where it is, and is taken again', async () => {
    const { tell, payment, ports, stored, entries } = paid();
    const said = { refund_id: 're_1', amount: 300, transaction_id: 'T2' };
    await tell({ refund_id: 're_1', amount: 300 });
    await settle(ports, successOf(payment, { transaction_id: 'T2' }));
    expect(await tell(said)).toMatchObject({ outcome: 'already_refunded' });
    expect(leftBy(entries())).toBe(300);
    expect(await tell({ ...said, type: 'refund_failed' })).toMatchObject({ outcome: 'refund_failed' });
    expect(leftBy(entries())).toBe(0);
    expect(stored()).toMatchObject({ payments: [{ returned: 0 }], suspense: [{ returned: 0 }] });
  });

  it('of a transaction that is not told of yet is told, sent again, and booked once that is', async () => {
    const { tell, ports, order, payment, stored, exceptions } = paid();
    const said = { refund_id: 're_1', refund_no: 'console-1', amount: 300, transaction_id: 'T2' };
    const { order_no } = order;
    for (const _ of [1, 2]) expect(await tell(said)).toEqual({ outcome: 'not_settled', order_no });
    expect(stored().payments).toEqual([payment]);
    expect(exceptions()).toEqual([['unknown_refund', 're_1', 300]]);
    await settle(ports, successOf(payment, { transaction_id: 'T2' }));
    await tell(said);
    expect(stored()).toMatchObject({ payments: [{ returned: 0 }], suspense: [{ returned: 300 }] });
    expect(exceptions().filter(([kind]) => kind === 'unknown_refund')).toHaveLength(1);
  });

  it.each([
    ['all of it in sum before is that exception alone', 300, { amount: 300, state: 'resolved' }],
    ['a part of it in sum before is told for the rest', 100, { amount: 200, state: 'open' }],
    ['none of it in sum before is told as it was', 0, { amount: 300, state: 'open' }],
  ])('of a transaction that is not told of yet, and %s', async (_, total, foretold) => {
    const { tell, ports, payment, stored } = paid();
    const said = { refund_id: 're_1', amount: 300, transaction_id: 'T2' };
    await tell(said);
    await settle(ports, successOf(payment, { transaction_id: 'T2' }));
    await tell({ total, transaction_id: 'T2' });
    for (const _again of [1, 2]) await tell(said);
    const told = stored().exceptions.filter(({ kind }) => kind === 'unknown_refund');
    expect(told.find(({ refund_no }) => refund_no === 're_1')).toMatchObject(foretold);
    const open = told.filter(({ state }) => state === 'open');
    expect(open.reduce((sum, { amount }) => sum + Number(amount), 0)).toBe(300);
    expect(stored().suspense).toMatchObject([{ returned: 300 }]);
  });

  it('of a transaction that is not told of yet, and that a person has dismissed, is told again once it is booked', async () => {
    const { tell, ports, payment, order, stored, clock } = paid();
    const event = { refund_id: 're_1', transaction_id: 'T2' } as const;
    await tell(event);
    const [foretold] = stored().exceptions;
    expect(foretold).toMatchObject({ state: 'open', amount: null });
    const end = { resolution: 'dismissed', reason: '核对过', by: 'admin-1' } as const;
    const id = foretold ? exceptionId(foretold) : '';
    await resolveException(ports, { order_no: order.order_no, id, ...end });
    await settle(ports, successOf(payment, { transaction_id: 'T2' }));
    clock.now += 1000;
    await tell({ ...event, amount: 300 });
    await tell({ ...event, amount: 300 });
    expect(stored()).toMatchObject({
      suspense: [{ returned: 300 }],
      exceptions: [{ refund_no: 're_1', state: 'open', resolved: null, amount: 300 }, { kind: 'paid_twice' }],
    });
  });

  it('of a transaction that is not told of yet, and that its sum has named, is told again where it is booked besides', async () => {
    const { tell, ports, payment, stored } = paid();
    await tell({ refund_id: 're_1', transaction_id: 'T2' });
    await settle(ports, successOf(payment, { transaction_id: 'T2' }));
    await tell({ total: 300, transaction_id: 'T2' });
    await tell({ type: 'refund_failed', refund_id: 're_2', amount: 300, transaction_id: 'T2' });
    await tell({ refund_id: 're_1', amount: 300, transaction_id: 'T2' });
    const open = stored().exceptions.filter(({ state }) => state === 'open');
    expect(open.map(({ kind, refund_no, amount }) => [kind, refund_no, amount])).toEqual([
      ['unknown_refund', 're_1', 300],
      ['paid_twice', null, 1000],
      ['unknown_refund', 'total-300-T2', 300],
      ['refund_failed', 're_2', 300],
    ]);
  });

  it('of a transaction that is not told of yet is told with its amount once the bill says that', async () => {
    const { tell, ports, payment, exceptions } = paid();
    const said = { refund_no: 'console-1', transaction_id: 'T2' };
    await tell(said);
    await settle(ports, successOf(payment, { transaction_id: 'T2' }));
    await tell({ ...said, amount: 300 });
    expect(exceptions().filter(([kind]) => kind === 'unknown_refund')).toEqual([
      ['unknown_refund', 'console-1', 300],
    ]);
  });

  it('of a transaction that is not told of yet, and came again before it is, is told as nothing', async () => {
    const { tell, ports, payment, stored } = paid();
    const said = { refund_id: 're_1', amount: 300, transaction_id: 'T2' };
    await tell(said);
    await settle(ports, successOf(payment, { transaction_id: 'T2' }));
    await tell({ ...said, type: 'refund_failed' });
    expect(stored().exceptions.filter(({ kind }) => kind === 'unknown_refund')).toMatchObject([
      { refund_no: 're_1', state: 'resolved', resolved: { resolution: 'named' } },
    ]);
  });

  describe('of a payment of which no message has named the transaction', () => {
    const unnamed = (seed = (_: Payment): Seed => ({})) => paid({ payment: { transaction_id: null }, seed });
    const said = { refund_id: 're_1', amount: 300, transaction_id: 'T2' };

    it('names it and is booked of it, whatever else is paid under its number', async () => {
      const { tell, payment, ports, stored, entries } = unnamed();
      expect(await tell(said)).toMatchObject({ outcome: 'unknown_refund' });
      expect(stored().payments).toMatchObject([{ transaction_id: 'T2', returned: 300 }]);
      expect(entries()).toMatchObject([{ kind: 'return', transaction_id: 'T2', amount: 300 }]);
      expect(await settle(ports, successOf(payment, { transaction_id: 'T1' }))).toMatchObject({
        outcome: 'paid_twice',
      });
      expect(await settle(ports, successOf(payment, { transaction_id: 'T2' }))).toMatchObject({
        outcome: 'already_settled',
      });
      expect(await tell(said)).toMatchObject({ outcome: 'already_refunded' });
      expect(await tell({ ...said, refund_id: 're_2', transaction_id: 'T1' })).toMatchObject({
        outcome: 'unknown_refund',
      });
      expect(stored()).toMatchObject({
        payments: [{ transaction_id: 'T2', returned: 300 }],
        suspense: [{ transaction_id: 'T1', returned: 300 }],
      });
    });

    it('names it with its sum alone, and where it failed', async () => {
      for (const one of [
        { total: 300, transaction_id: 'T2' },
        { ...said, type: 'refund_failed' as const },
      ]) {
        const { tell, stored } = unnamed();
        await tell(one);
        expect(stored().payments).toMatchObject([{ transaction_id: 'T2' }]);
      }
    });

    it.each([
      ['another amount', { paid: 999 }],
      ['less than it returns', { amount: 1001 }],
      ['another merchant', { merchant: '1900000002' }],
      ['another currency', { currency: 'USD' }],
    ])('and that is of %s, does not name it', async (_, other) => {
      const { tell, payment, stored } = unnamed();
      expect(await tell({ ...said, ...other })).toMatchObject({ outcome: 'mismatch' });
      expect(stored().payments).toEqual([payment]);
    });

    it('and that is of money that is in the books already, does not name it', async () => {
      const further = unnamed((payment) => ({ suspense: [suspenseOf(payment)] }));
      await further.tell(said);
      expect(further.stored()).toMatchObject({
        payments: [{ transaction_id: null, returned: 0 }],
        suspense: [{ transaction_id: 'T2', returned: 300 }],
      });
      const others = paid({
        payment: { transaction_id: null },
        seed: (payment) => ({
          payments: [
            payment,
            { ...payment, n: 2, payment_no: `${payment.payment_no}-2`, transaction_id: 'T2' },
          ],
        }),
      });
      for (const _ of [1, 2]) expect(await others.tell(said)).toMatchObject({ outcome: 'not_settled' });
      expect(others.stored().payments).toMatchObject([
        { transaction_id: null, returned: 0 },
        { returned: 0 },
      ]);
      expect(others.exceptions()).toEqual([['unknown_refund', 're_1', 300]]);
    });

    it('and that is not paid, or not there, does not name it', async () => {
      const order = shopOrder();
      const open = paymentOf(order);
      const { ports, store } = createWorld({ order, payments: [open] });
      const { payment_no, provider, merchant } = open;
      const event = {
        type: 'refund_succeeded' as const,
        ...{ provider, merchant, refund_no: null, refund_id: 're_1', amount: 300, transaction_id: 'T2' },
      };
      expect(await applyEvent(ports, { ...event, payment_no })).toMatchObject({ outcome: 'not_settled' });
      expect(await applyEvent(ports, { ...event, payment_no: `${payment_no}-2` })).toEqual({
        outcome: 'not_found',
      });
      expect(store.stored(order).payments).toEqual([open]);
    });

    it('and that names none itself, does not name it', async () => {
      const { tell, stored } = unnamed();
      await tell({ refund_id: 're_1', amount: 300 });
      expect(stored().payments).toMatchObject([{ transaction_id: null, returned: 300 }]);
    });
  });

  it('of another merchant or currency is a mismatch, each once, and books nothing', async () => {
    const { tell, entries, stored } = paid();
    for (const said of [{ merchant: '1900000002' }, { currency: 'USD' }]) {
      for (const refund_id of ['re_1', 're_2', 're_1']) {
        const fields = Object.keys(said);
        expect(await tell({ refund_id, amount: 5, ...said })).toMatchObject({ outcome: 'mismatch', fields });
      }
    }
    expect(stored().exceptions.map(({ kind, refund_no, fields }) => [kind, refund_no, ...fields])).toEqual([
      ['mismatch', 're_1', 'merchant'],
      ['mismatch', 're_2', 'merchant'],
      ['mismatch', 're_1', 'currency'],
      ['mismatch', 're_2', 'currency'],
    ]);
    expect(entries()).toEqual([]);
  });
});

describe('what is said of a refund of another merchant', () => {
  it('without a number, a sum and an amount is told as it is', async () => {
    const { tell, stored } = paid();
    await tell({ merchant: '1900000002' });
    expect(stored().exceptions).toMatchObject([
      { kind: 'mismatch', fields: ['merchant'], refund_no: null, amount: null, currency: null },
    ]);
  });

  it('is taken to be in the currency of the money that it is of', async () => {
    const { tell, payment, store, stored } = paid();
    const of = { merchant: '1900000002', currency: 'USD' };
    store.seed({ suspense: [suspenseOf(payment, of)] });
    await tell({ refund_id: 're_1', amount: 5, transaction_id: 'T2' });
    expect(stored().exceptions).toMatchObject([{ fields: ['merchant'], amount: 5, currency: 'USD' }]);
  });
});

describe('what cannot have gone back', () => {
  const impossible: readonly (readonly [string, Partial<RefundEvent>, string, number])[] = [
    ['of a payment of another amount', { refund_id: 're_1', amount: 300, paid: 999 }, 're_1', 300],
    ['by its name more than was paid', { refund_id: 're_1', amount: 1001 }, 're_1', 1001],
    [
      'and came again, more than was paid',
      { type: 'refund_failed', refund_id: 're_1', amount: 1001 },
      're_1',
      1001,
    ],
    ['in all more than was paid', { total: 1001 }, 'total-1001', 1001],
    [
      'in all more than was paid, of a transaction',
      { total: 1001, transaction_id: 'T1' },
      'total-1001-T1',
      1001,
    ],
    ['in all more than was paid, with a number', { refund_no: 'console-1', total: 1001 }, 'console-1', 1001],
  ];

  it.each(impossible)(
    '%s is a mismatch, told once, and nothing is booked',
    async (_, said, refund_no, amount) => {
      const { tell, order, payment, ports, stored, entries } = paid();
      const { order_no } = order;
      for (const _again of [1, 2]) {
        expect(await tell(said)).toEqual({ outcome: 'mismatch', order_no, fields: ['amount'] });
      }
      expect(stored()).toMatchObject({ order, payments: [payment], returns: [] });
      expect(entries()).toEqual([]);
      const [exception] = stored().exceptions;
      expect(stored().exceptions).toMatchObject([
        { kind: 'mismatch', refund_no, amount, currency: 'CNY', fields: ['amount'], state: 'open' },
      ]);
      // It is no money that came in, and says nothing of the payment.
      const id = exception ? exceptionId(exception) : '';
      const end = { order_no, id, reason: '核对过', by: 'admin-1' };
      expect(await resolveException(ports, { ...end, resolution: 'returned' })).toEqual({
        ...{ outcome: 'not_allowed', allowed: ['written_off', 'dismissed'] },
      });
      await resolveException(ports, { ...end, resolution: 'dismissed' });
      expect(await settle(ports, successOf(payment, { amount: 1 }))).toMatchObject({ isSeenTo: false });
    },
  );

  it('is more than what is left of what went back before', async () => {
    const { tell, stored, exceptions } = paid();
    await tell({ refund_id: 're_1', amount: 800 });
    expect(await tell({ refund_id: 're_2', amount: 201 })).toMatchObject({ outcome: 'mismatch' });
    expect(await tell({ refund_id: 're_3', amount: 200 })).toMatchObject({ outcome: 'unknown_refund' });
    expect(stored().payments).toMatchObject([{ returned: 1000 }]);
    expect(exceptions()).toEqual([
      ['unknown_refund', 're_1', 800],
      ['mismatch', 're_2', 201],
      ['unknown_refund', 're_3', 200],
    ]);
  });

  it('is more than our own refund leaves, and no more than one that is not decided does', async () => {
    const { tell, stored } = paid({ refunding: true });
    await tell({ refund_id: 're_1', amount: 601 });
    expect(stored().payments).toMatchObject([{ reserved: 400, returned: 601 }]);
    const { tell: tellLater, stored: later } = paid({ refunding: true });
    await tellLater({ refund_no: `${later().order.order_no}-r1`, refund_id: 'R1' });
    expect(await tellLater({ refund_id: 're_1', amount: 601 })).toMatchObject({ outcome: 'mismatch' });
    expect(later().payments).toMatchObject([{ refunded: 400, returned: 0 }]);
  });

  it('can have, once what had gone back is told to have come again: it is booked then, and one exception is left of it', async () => {
    const { tell, stored, exceptions } = paid();
    const other: Partial<RefundEvent> = { refund_id: 're_3', amount: 5, merchant: '1900000002' };
    await tell({ refund_id: 're_1', amount: 800 });
    for (const said of [{ refund_id: 're_2', amount: 300 }, { refund_id: 're_4', amount: 400 }, other]) {
      expect(await tell(said)).toMatchObject({ outcome: 'mismatch' });
    }
    await tell({ type: 'refund_failed', refund_id: 're_1', amount: 800 });
    for (const refund_id of ['re_2', 're_3']) await tell({ refund_id, amount: 300 });
    expect(stored().payments).toMatchObject([{ returned: 600 }]);
    const mismatches = stored().exceptions.filter(({ kind }) => kind === 'mismatch');
    expect(mismatches.map(({ refund_no, resolved }) => [refund_no, resolved?.resolution])).toEqual([
      ['re_2', 'named'],
      ['re_4', undefined],
      ['re_3', undefined],
    ]);
    expect(exceptions().filter(([kind]) => kind === 'unknown_refund')).toHaveLength(3);
  });

  it('and is told again as it can leaves as it is what people have ended, and what is of other money', async () => {
    const { tell, order, ports, store, stored } = paid();
    const another = paidPayment(order, { n: 2, transaction_id: 'T2' });
    store.seed({ payments: [another] });
    const { payment_no } = another;
    for (const refund_no of ['1', '2']) await tell({ refund_no, amount: 1001 });
    await tell({ refund_no: '1', amount: 1001, payment_no });
    const [, second] = stored().exceptions;
    const id = second ? exceptionId(second) : '';
    const end = { resolution: 'dismissed', reason: '核对过', by: 'admin-1' } as const;
    await resolveException(ports, { order_no: order.order_no, id, ...end });
    for (const refund_no of ['1', '2']) await tell({ refund_no, amount: 300 });
    const mismatches = stored().exceptions.filter(({ kind }) => kind === 'mismatch');
    expect(mismatches.map(({ resolved }) => resolved?.resolution)).toEqual(['named', 'dismissed', undefined]);
  });

  it('and was booked before that was refused, may come again, and so may a refund of ours', async () => {
    const seed = (payment: Payment) => ({ returns: [returnOf(payment, { amount: 3000, booked: 3000 })] });
    const { tell, order, stored } = paid({ refunding: true, seed, payment: { returned: 4500 } });
    const ours = { refund_no: `${order.order_no}-r1`, refund_id: 'R1' };
    expect(await tell({ ...ours, type: 'refund_failed' })).toMatchObject({ outcome: 'refund_failed' });
    const again = { type: 'refund_failed', refund_id: 're_1', amount: 900 } as const;
    expect(await tell(again)).toMatchObject({ outcome: 'refund_failed' });
    expect(stored().payments).toMatchObject([{ reserved: 0, returned: 1500 }]);
    // What is counted already is no more than before.
    expect(await tell({ refund_id: 're_3', amount: 200 })).toMatchObject({ outcome: 'already_refunded' });
    const unnamed = { type: 'refund_failed', refund_id: 're_2', amount: 300 } as const;
    expect(await tell(unnamed)).toMatchObject({ outcome: 'refund_failed' });
    expect(stored().payments).toMatchObject([{ returned: 1200 }]);
  });

  it('is held against the money that it is of', async () => {
    const { tell, payment, store, stored } = paid();
    store.seed({ suspense: [suspenseOf(payment, { amount: 500 })] });
    const said = { refund_id: 're_1', transaction_id: 'T2' };
    expect(await tell({ ...said, amount: 501 })).toMatchObject({ outcome: 'mismatch' });
    expect(await tell({ ...said, amount: 500, paid: 1000 })).toMatchObject({ outcome: 'mismatch' });
    expect(await tell({ ...said, amount: 500, paid: 500 })).toMatchObject({ outcome: 'unknown_refund' });
    expect(await tell({ ...said, amount: 900, transaction_id: 'T3', paid: 900 })).toMatchObject({
      outcome: 'not_settled',
    });
    expect(stored()).toMatchObject({ payments: [{ returned: 0 }], suspense: [{ returned: 500 }] });
  });

  it('is booked of money that was given back by another merchant than its payment, and in its currency', async () => {
    const of = { provider: 'alipay', merchant: merchantNames.alipay, currency: 'USD' } as const;
    const { tell, payment, store, stored, entries } = paid();
    const [debit, credit] = [providerAccount(of), suspenseAccount(of)];
    const booking = { debit, credit, booked_at: now };
    store.seed({ suspense: [suspenseOf(payment, { ...of, booking })] });
    const said = { ...of, refund_no: 'console-1', amount: 1000, transaction_id: 'T2' };
    expect(await tell({ ...said, merchant: payment.merchant })).toMatchObject({ fields: ['merchant'] });
    expect(await tell(said)).toMatchObject({ outcome: 'unknown_refund' });
    expect(stored()).toMatchObject({ payments: [{ returned: 0 }], suspense: [{ returned: 1000 }] });
    expect(entries()).toMatchObject([{ ...of, debit: credit, credit: debit, amount: 1000 }]);
  });

  it('as its provider says with the payment, leaves the payment settled as it was made', async () => {
    const order = shopOrder({ amount: 1000 });
    const payment = paymentOf(order);
    const { ports, store } = createWorld({ order, payments: [payment] });
    const event = successOf(payment, { returned: 1001 });
    for (const outcome of ['settled', 'already_settled']) {
      expect(await settle(ports, event)).toMatchObject({ outcome, status: 'paid' });
    }
    expect(store.stored(order)).toMatchObject({
      payments: [{ state: 'paid', returned: 0 }],
      exceptions: [{ kind: 'mismatch', refund_no: 'total-1001-T1', amount: 1001, currency: 'CNY' }],
    });
  });
});

describe('a provider that says with the payment that some of it went back', () => {
  const asked = (changes: Partial<PaymentEvent> = {}) => {
    const order = shopOrder({ amount: 1000 });
    const payment = paymentOf(order);
    const world = createWorld({ order, payments: [payment] });
    return { ...world, order, payment, event: successOf(payment, { returned: 300, ...changes }) };
  };

  it.each([
    [300, 'paid'],
    [1000, 'refunded'],
    [0, 'paid'],
  ])('has it paid, and %i out of suspense: it is %s', async (returned, status) => {
    const { ports, store, order, event } = asked({ returned });
    for (const outcome of ['settled', 'already_settled']) {
      expect(await settle(ports, event)).toMatchObject({ outcome, status });
    }
    expect(store.stored(order)).toMatchObject({
      order: { status, paid_by: 1 },
      payments: [{ state: 'paid', returned, booking: { credit: 'shop:mall' } }],
    });
    expect(leftBy(store.entries(order))).toBe(returned);
    expect(store.stored(order).exceptions).toMatchObject(
      returned > 0 ? [{ kind: 'unknown_refund', amount: returned }] : [],
    );
  });

  it('and dies between the one and the other is finished when it is said again', async () => {
    const { ports, store, order, event } = asked();
    store.before(
      'write',
      () => undefined,
      () => 'lose request',
    );
    await expect(settle(ports, event)).rejects.toThrow('lost');
    expect(store.stored(order)).toMatchObject({
      order: { status: 'pending' },
      payments: [{ returned: 300 }],
    });
    expect(await settle(ports, event)).toMatchObject({ outcome: 'settled', status: 'paid' });
    expect(leftBy(store.entries(order))).toBe(300);
    expect(store.stored(order).exceptions).toHaveLength(1);
  });

  it('is not taken for whole by a message of the payment that says nothing of it', async () => {
    const { ports, store, order, payment, event } = asked({ returned: 1000 });
    store.before(
      'write',
      () => undefined,
      () => 'lose request',
    );
    await expect(settle(ports, event)).rejects.toThrow('lost');
    expect(await settle(ports, successOf(payment))).toMatchObject({ outcome: 'settled', status: 'refunded' });
    expect(store.stored(order).order.status).toBe('refunded');
    expect(store.calls.slice(-3)).toEqual(['write', 'read', 'write']);
  });

  it('without saying how much is told, once, unless refunds here are what it was', async () => {
    const { ports, store, order, payment, event } = asked({ returned: 'unknown' });
    for (const _ of [1, 2]) await settle(ports, event);
    const { exceptions, payments, order: end } = store.stored(order);
    expect(exceptions).toMatchObject([
      { kind: 'unknown_refund', payment_no: payment.payment_no, transaction_id: 'T1', amount: null },
    ]);
    expect([end.status, payments[0]?.returned]).toEqual(['paid', 0]);

    for (const of of [{ reserved: 400 }, { refunded: 400 }, { returned: 400 }]) {
      const known = paid({ payment: of });
      await settle(known.ports, successOf(known.payment, { returned: 'unknown' }));
      expect(known.exceptions()).toEqual([]);
    }
  });

  it('of a further transaction has it in suspense, and what went back is of that', async () => {
    const { ports, payment, stored, entries } = paid();
    const event = successOf(payment, { transaction_id: 'T2', returned: 1000 });
    for (const _ of [1, 2]) {
      expect(await settle(ports, event)).toMatchObject({ outcome: 'paid_twice' });
      expect(stored()).toMatchObject({
        order: { status: 'paid' },
        payments: [{ returned: 0 }],
        suspense: [{ transaction_id: 'T2', returned: 1000 }],
      });
      expect(leftBy(entries())).toBe(1000);
    }
  });

  it.each([
    ['its merchant is another', { merchant: '1900000002' }, 'mismatch'],
    ['its amount is another', { amount: 1 }, 'mismatch'],
    ['it was made before ours was begun', { paid_at: '2020-01-01T00:00:00.000Z' }, 'number_spent'],
  ])('books nothing where %s', async (_, said, outcome) => {
    const { ports, store, order, event } = asked();
    expect(await settle(ports, { ...event, ...said })).toMatchObject({ outcome });
    expect(store.entries(order)).toEqual([]);
    expect(store.stored(order).exceptions).toMatchObject([{ kind: outcome }]);
  });

  it('of a payment that the order had given up has it in suspense, less what went back', async () => {
    const order = shopOrder({ payment: 2, payments: 2, amount: 1000 });
    const old = paymentOf(order, { n: 1, superseded: true });
    const { ports, store } = createWorld({ order, payments: [old, paymentOf(order)] });
    expect(await settle(ports, successOf(old, { returned: 1000 }))).toMatchObject({
      outcome: 'paid_superseded',
      status: 'pending',
    });
    expect(store.stored(order).payments[0]).toMatchObject({ state: 'paid', returned: 1000 });
    expect(leftBy(store.entries(order))).toBe(1000);
  });
});

describe('that some of it went back, told without saying how much', () => {
  /** A payment T1, a further transaction T2 under it, and another payment T9 of the same order. */
  function asked({ refunding = false } = {}) {
    const world = paid({ refunding });
    const { order, payment, ports, store, stored } = world;
    const another = paidPayment(order, { n: 2, transaction_id: 'T9', superseded: true, isSuspense: true });
    store.seed({ payments: [another], suspense: [suspenseOf(payment)] });
    return {
      ...world,
      another,
      say: ({ payment_no, provider, merchant }: Payment, transaction_id: string | null) =>
        settle(ports, {
          ...{ type: 'succeeded', payment_no, provider, merchant, transaction_id },
          returned: 'unknown',
        }),
      states: () =>
        stored().exceptions.map(({ kind, refund_no, state }) => [kind, refund_no, state] as const),
    };
  }

  it('is told by one open exception, once it is said what it was', async () => {
    const { tell, payment, say, stored, order, store } = asked();
    await say(payment, 'T1');
    await tell({ refund_id: 're_1', amount: 300 });
    expect(stored().exceptions).toMatchObject([
      { amount: null, state: 'resolved' },
      { amount: 300, state: 'open', resolved: null },
    ]);
    expect(stored().exceptions[0]?.resolved).toEqual({
      ...{ resolution: 'named', reason: 'its provider has said what it was', by: 'settle', at: now },
      ...{ entries: [], refund_no: null },
    });
    expect(stored().order).toEqual(order);
    expect(Object.keys(store.debts(order))).toEqual([expect.stringContaining('re_1')]);
  });

  it.each([
    ['the payment', 1, { transaction_id: 'T1' }, 0],
    ['the payment, in sum', 1, { refund_id: null, total: 300 }, 0],
    ['the further transaction', 1, { transaction_id: 'T2' }, 1],
    ['the other payment', 2, {}, 2],
  ])('is ended by what is said of that very money alone: of %s', async (_, n, said, ended) => {
    const { tell, payment, another, say, stored } = asked();
    await say(payment, null);
    await say(payment, 'T2');
    await say(another, null);
    const { payment_no } = n === 1 ? payment : another;
    await tell({ payment_no, refund_id: 're_1', amount: 300, ...said });
    expect(stored().exceptions.map(({ state }) => state)).toEqual(
      [0, 1, 2, 3].map((index) => (index === ended ? 'resolved' : 'open')),
    );
  });

  it('of a further transaction, by a number without an amount, is ended by its sum, and what is said of ours is not', async () => {
    const { tell, ports, payment, order, stored } = paid({ refunding: true });
    const ours = { refund_no: `${order.order_no}-r1`, refund_id: 'R1' };
    for (const type of ['refund_failed', 'refund_succeeded'] as const) await tell({ ...ours, type });
    const said = { refund_no: 'console-1', total: 300, transaction_id: 'T2' };
    expect(await tell(said)).toEqual({ outcome: 'not_settled', order_no: order.order_no });
    await settle(ports, successOf(payment, { transaction_id: 'T2' }));
    await tell(said);
    await tell({ total: 200, transaction_id: 'T1' });
    const told = stored().exceptions.filter(({ kind }) => kind === 'unknown_refund');
    expect(told.map(({ refund_no, state }) => [refund_no, state])).toEqual([
      [ours.refund_no, 'open'],
      ['console-1', 'resolved'],
      ['total-300-T2', 'open'],
    ]);
  });

  it('with its transaction and without is told once, and ended', async () => {
    const { tell, payment, say, states } = asked();
    for (const transaction_id of [null, 'T1']) await say(payment, transaction_id);
    await tell({ refund_id: 're_1', amount: 300 });
    expect(states()).toEqual([
      ['unknown_refund', null, 'resolved'],
      ['unknown_refund', 're_1', 'open'],
    ]);
  });

  it('stays as a person has ended it', async () => {
    const { tell, order, payment, say, stored, ports } = asked();
    await say(payment, 'T1');
    const id = stored().exceptions.map(exceptionId)[0] ?? '';
    const end = { resolution: 'dismissed', reason: '核对过', by: 'admin-1' } as const;
    await resolveException(ports, { order_no: order.order_no, id, ...end });
    const [before] = stored().exceptions;
    await tell({ refund_id: 're_1', amount: 300 });
    expect(stored().exceptions[0]).toEqual(before);
  });

  it('is alone in ending so: whatever else is open stays open', async () => {
    const { tell, order, payment, ports, states } = asked({ refunding: true });
    await settle(ports, successOf(payment, { merchant: '1900000002' }));
    const done = { refund_no: `${order.order_no}-r1`, refund_id: 'R1' };
    // It was overtaken, or what it returned was returned anew: a person has to see which.
    for (const type of ['refund_failed', 'refund_succeeded'] as const) await tell({ ...done, type });
    await tell({ refund_id: 're_1', amount: 300 });
    await tell({ refund_id: 're_2', amount: 300 });
    expect(states()).toEqual([
      ['mismatch', null, 'open'],
      ['refund_failed', `${order.order_no}-r1`, 'open'],
      ['unknown_refund', `${order.order_no}-r1`, 'open'],
      ['unknown_refund', 're_1', 'open'],
      ['unknown_refund', 're_2', 'open'],
    ]);
  });

  it('is not what comes again: that it was told while a refund was named leaves it to the next', async () => {
    const { tell, payment, say, store, states } = asked();
    const said = { refund_id: 're_1', amount: 300 };
    store.before('write', () => tell(said));
    await say(payment, 'T1');
    await tell({ ...said, type: 'refund_failed' });
    expect(states()).toContainEqual(['unknown_refund', null, 'open']);
    await tell({ ...said, refund_id: 're_2' });
    expect(states()).toContainEqual(['unknown_refund', null, 'resolved']);
  });
});
