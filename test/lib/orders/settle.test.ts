import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { ContentionError } from '../../../lib/orders/commit.ts';
import type { PaymentEvent } from '../../../lib/orders/event.ts';
import { exceptionId } from '../../../lib/orders/exception.ts';
import {
  type ExceptionKind,
  type OrderStatus,
  orderStatuses,
  type PaymentState,
  paymentStates,
} from '../../../lib/orders/kinds.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { resolveException } from '../../../lib/orders/resolve-exception.ts';
import { applyEvent, settle } from '../../../lib/orders/settle.ts';
import type { Snapshot } from '../../../lib/orders/snapshot.ts';
import {
  APPID,
  merchantNames,
  NOW,
  paidPayment,
  paymentOf,
  shopOrder,
  successOf,
  suspenseOf,
  tenantOrder,
} from '../../support/orders.ts';
import { createWorld } from './world.ts';

const now = isoTime(NOW);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const suspense = `suspense:wechat.${merchantNames.wechat}`;
const provider = `provider:wechat.${merchantNames.wechat}`;

/** Every combination of one choice for each name. */
const combine = <T extends object>(choices: { readonly [K in keyof T]: readonly T[K][] }): T[] =>
  Object.entries<readonly unknown[]>(choices).reduce<object[]>(
    (cases, [name, values]) => cases.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  ) as T[];

interface Case {
  readonly status: OrderStatus;
  readonly state: PaymentState;
  /** Of the payment, once it is paid. */
  readonly stored: 'T1' | null;
  readonly superseded: boolean;
  readonly current: boolean;
  /** T2 is in suspense under the payment already. */
  readonly known: boolean;
  readonly transaction: 'T1' | 'T2' | null;
  readonly amount: 'absent' | 'same' | 'other';
  readonly merchant: 'same' | 'other';
  /** By the provider's clock, which may differ by five minutes; the payment was begun a minute ago. */
  readonly paid: 'absent' | 'since' | 'just before' | 'long before';
}

const cases = combine<Case>({
  status: orderStatuses,
  state: paymentStates,
  stored: ['T1', null],
  superseded: [false, true],
  current: [true, false],
  known: [false, true],
  transaction: ['T1', 'T2', null],
  amount: ['absent', 'same', 'other'],
  merchant: ['same', 'other'],
  paid: ['absent', 'since', 'just before', 'long before'],
}).filter(({ state, stored, known }) => state === 'paid' || (stored === null && !known));

const begun_at = NOW - MINUTE_MS;
const paidAt: Readonly<Record<Case['paid'], number | null>> = {
  absent: null,
  since: begun_at + 1_000,
  'just before': begun_at - 5 * MINUTE_MS,
  'long before': begun_at - 5 * MINUTE_MS - 1,
};

/** What is done to the payment, what is put beside it, and what is told to people. */
interface Expected {
  readonly outcome: string;
  readonly payment: 'kept' | 'closed' | 'named' | 'to payee' | 'to suspense';
  readonly suspense?: true;
  readonly exception?: ExceptionKind;
}

/** The page's table "A success, tried from the top", row by row. */
const table: readonly (readonly [row: string, holds: (it: Case) => boolean, then: (it: Case) => Expected])[] =
  [
    [
      'the merchant is not the payment’s',
      (it) => it.merchant === 'other',
      () => ({ outcome: 'mismatch', payment: 'kept', exception: 'mismatch' }),
    ],
    [
      'paid before the payment was begun',
      (it) => it.paid === 'long before',
      (it) => ({
        outcome: 'number_spent',
        payment: it.state === 'open' || it.state === 'failed' ? 'closed' : 'kept',
        exception: 'number_spent',
      }),
    ],
    [
      'amount or currency is not the payment’s',
      (it) => it.amount === 'other',
      () => ({ outcome: 'mismatch', payment: 'kept', exception: 'mismatch' }),
    ],
    [
      'in the books as money that people gave back, or may be',
      (it) =>
        it.known &&
        (it.state === 'paid'
          ? it.stored === null && it.transaction === 'T2'
          : it.transaction === 'T2' || it.transaction === null),
      () => ({ outcome: 'mismatch', payment: 'kept', exception: 'mismatch' }),
    ],
    [
      'paid by this transaction',
      (it) => it.state === 'paid' && it.transaction !== null && it.transaction === it.stored,
      () => ({ outcome: 'already_settled', payment: 'kept' }),
    ],
    [
      'paid, its transaction not named, and this names one',
      (it) => it.state === 'paid' && it.stored === null && it.transaction !== null,
      () => ({ outcome: 'already_settled', payment: 'named' }),
    ],
    [
      'paid, and this names none',
      (it) => it.state === 'paid' && it.transaction === null,
      () => ({ outcome: 'already_settled', payment: 'kept' }),
    ],
    [
      'paid by another transaction, which is known',
      (it) => it.state === 'paid' && it.known && it.transaction === 'T2',
      () => ({ outcome: 'paid_twice', payment: 'kept' }),
    ],
    [
      'paid by another transaction',
      (it) => it.state === 'paid',
      () => ({ outcome: 'paid_twice', payment: 'kept', suspense: true, exception: 'paid_twice' }),
    ],
    [
      'current, and the order is payable',
      (it) => it.current && (it.status === 'pending' || it.status === 'failed'),
      () => ({ outcome: 'settled', payment: 'to payee' }),
    ],
    [
      'superseded',
      (it) => it.superseded,
      () => ({ outcome: 'paid_superseded', payment: 'to suspense', exception: 'paid_superseded' }),
    ],
    [
      'the order is closed',
      (it) => it.status === 'closed',
      () => ({ outcome: 'paid_after_close', payment: 'to suspense', exception: 'paid_after_close' }),
    ],
    [
      'the order is paid otherwise',
      () => true,
      () => ({ outcome: 'paid_twice', payment: 'to suspense', exception: 'paid_twice' }),
    ],
  ];

function arrange(it: Case): { before: Snapshot; event: PaymentEvent } {
  const order = shopOrder({
    status: it.status,
    payment: it.current ? 1 : null,
    payments: 2,
    has_suspense: it.known,
  });
  const common = { n: 1, superseded: it.superseded } as const;
  const payment: Payment =
    it.state === 'paid'
      ? paidPayment(order, { ...common, transaction_id: it.stored })
      : paymentOf(order, { ...common, state: it.state });
  const { amount: _amount, currency: _currency, ...bare } = successOf(payment);
  const paid_at = paidAt[it.paid];
  const event: PaymentEvent = {
    ...bare,
    transaction_id: it.transaction,
    ...(it.amount !== 'absent' && { amount: it.amount === 'same' ? 1234 : 1, currency: 'CNY' }),
    ...(it.merchant === 'other' && { merchant: '1900000002' }),
    ...(paid_at !== null && { paid_at: isoTime(paid_at) }),
  };
  return {
    before: {
      order,
      payments: [payment],
      suspense: it.known ? [suspenseOf(payment)] : [],
      refunds: [],
      returns: [],
      disputes: [],
      shipping: null,
      exceptions: [],
    },
    event,
  };
}

/** The order's items as they are to be afterwards, but for exceptions. */
function afterwards(
  { order, payments, suspense: held, shipping }: Snapshot,
  event: PaymentEvent,
  { payment, suspense: isHeld }: Expected,
) {
  const [was] = payments as [Payment];
  const paid_at = event.paid_at ?? now;
  const paid = {
    state: 'paid',
    transaction_id: event.transaction_id,
    paid_at,
    handed_out: null,
    version: 2,
  } as const;
  const changes: Readonly<Record<Expected['payment'], Partial<Payment>>> = {
    kept: {},
    closed: { state: 'closed', version: 2 },
    named: {
      transaction_id: event.transaction_id,
      ...(event.paid_at !== undefined && { paid_at }),
      version: 2,
    },
    'to payee': { ...paid, booking: { debit: provider, credit: 'shop:mall', booked_at: now } },
    'to suspense': { ...paid, booking: { debit: provider, credit: suspense, booked_at: now } },
  };
  const paidOrder = { status: 'paid', paid_by: 1, paid_at, updated_at: now, openid: null, version: 2 };
  const further = suspenseOf(was, { transaction_id: event.transaction_id ?? '', paid_at });
  const isPayable = order.status === 'pending' || order.status === 'failed';
  const isOfNoOther = order.payments > 1 && (payment === 'to suspense' || payment === 'named' || isHeld);
  const ofOrder = {
    ...(payment === 'to payee' && paidOrder),
    ...(payment === 'to suspense' && isPayable && { has_suspense: true, version: 2 }),
    ...(isOfNoOther && { version: 2 }),
  };
  return {
    order: { ...order, ...ofOrder },
    payments: [{ ...was, ...changes[payment] }],
    suspense: isHeld ? [...held, further] : held,
    shipping,
  };
}

/** As `expect` compares, for tens of thousands of cases: the case stands beside what differs. */
function expectOf(one: object, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect({ one, actual }).toEqual({ one, actual: expected });
}

describe('a success, tried from the top', () => {
  const rows = new Map<string, number>();
  for (const it of cases) {
    const [row] = table.find(([, holds]) => holds(it)) ?? [''];
    rows.set(row, (rows.get(row) ?? 0) + 1);
  }

  it.each(table)('%s', async (row, _holds, then) => {
    const mine = cases.filter((one) => table.find(([, holds]) => holds(one))?.[0] === row);
    expect(mine.length).toBeGreaterThan(0);
    for (const one of mine) {
      const { before, event } = arrange(one);
      const expected = then(one);
      const { ports, store } = createWorld(before);
      const { order } = before;
      const result = await settle(ports, event);
      expectOf(one, result.outcome, expected.outcome);
      const status = expected.outcome === 'settled' ? 'paid' : order.status;
      if ('status' in result) expectOf(one, [result.order_no, result.status], [order.order_no, status]);

      const {
        exceptions,
        refunds: _refunds,
        returns: _returns,
        disputes: _disputes,
        ...after
      } = store.stored(order);
      expectOf(one, after, afterwards(before, event, expected));
      const kinds = exceptions.map(({ kind }) => kind);
      expectOf(one, kinds, expected.exception ? [expected.exception] : []);

      const again = await settle(ports, event);
      const { order: last, payments, suspense: held, shipping, exceptions: told } = store.stored(order);
      const later = { order: last, payments, suspense: held, shipping };
      expectOf(one, [later, told], [after, exceptions]);
      const isPaid = expected.payment === 'to payee' || expected.payment === 'to suspense';
      expectOf(one, again.outcome, isPaid ? 'already_settled' : result.outcome);
    }
  });

  it('has met every row, in every combination', () => {
    expect(cases.length).toBeGreaterThan(10_000);
    expect([...rows.keys()].sort()).toEqual(table.map(([row]) => row).sort());
  });

  it.each(['', 'constructor', 'shop-1', 'mall-1-1'])(
    'asks the store nothing about %j',
    async (payment_no) => {
      const { ports, store } = createWorld();
      const event = successOf(paymentOf(shopOrder()), { payment_no });
      expect(await settle(ports, event)).toEqual({ outcome: 'not_found' });
      expect(store.calls).toEqual([]);
    },
  );

  it.each(['succeeded', 'failed', 'closed'] as const)(
    'invents neither an order nor a payment, and asks the store once: %s',
    async (type) => {
      const order = shopOrder();
      const { ports, store } = createWorld({ order, payments: [paymentOf(order)] });
      for (const payment of [paymentOf(shopOrder()), paymentOf(order, { n: 2 })]) {
        expect(await settle(ports, successOf(payment, { type }))).toEqual({ outcome: 'not_found' });
      }
      const asked = type === 'succeeded' ? 'write' : 'read';
      expect(store.calls).toEqual([asked, asked]);
      expect(store.changes).toEqual([]);
    },
  );
});

describe('what a message says', () => {
  it.each([
    ['provider', { provider: 'alipay' }],
    ['merchant', { merchant: 'other' }],
    ['appid', { appid: 'wxother' }],
    ['amount', { amount: 1 }],
    ['currency', { currency: 'USD' }],
  ] as const)('of another %s is a mismatch in every state and kind of event', async (field, change) => {
    for (const state of paymentStates) {
      for (const type of ['succeeded', 'failed', 'closed'] as const) {
        const order = shopOrder();
        const payment = state === 'paid' ? paidPayment(order) : paymentOf(order, { state });
        const { ports, store } = createWorld({ order, payments: [payment] });
        const event = successOf(payment, { type, ...change });
        const { order_no } = order;
        expect(await settle(ports, event)).toEqual({
          ...{ outcome: 'mismatch', order_no },
          ...{ fields: [field], isSeenTo: false },
        });
        const { provider, merchant, amount, currency } = event;
        expect(store.stored(order)).toEqual({
          order,
          payments: [payment],
          suspense: [],
          refunds: [],
          returns: [],
          disputes: [],
          shipping: null,
          exceptions: [
            {
              order_no,
              owner: 'shop:mall',
              payment_no: payment.payment_no,
              kind: 'mismatch',
              state: 'open',
              version: 1,
              ...{ provider, merchant, amount, currency },
              transaction_id: 'T1',
              refund_no: null,
              fields: [field],
              reason: null,
              due_by: null,
              resolved: null,
              recorded_at: now,
            },
          ],
        });
      }
    }
  });

  it.each([
    ['amount and currency', { amount: 1, currency: 'USD' }, { amount: 1, currency: 'USD' }],
    ['an amount alone, which is in the payment’s currency', { amount: 1 }, { amount: 1, currency: 'CNY' }],
    ['a currency alone', { currency: 'USD' }, { amount: null, currency: 'USD' }],
    ['neither, under another app', { appid: 'wxother' }, { amount: null, currency: null }],
  ])('is recorded as it was said: %s', async (_, said, recorded) => {
    const order = shopOrder();
    const payment = paymentOf(order);
    const { ports, store } = createWorld({ order, payments: [payment] });
    const { amount: _amount, currency: _currency, ...bare } = successOf(payment);
    expect(await settle(ports, { ...bare, ...said })).toMatchObject({ outcome: 'mismatch' });
    expect(store.stored(order).exceptions).toMatchObject([recorded]);
  });

  it('is named as far as it disagrees: who first, and how much only then', async () => {
    const order = shopOrder();
    const payment = paymentOf(order);
    const { ports } = createWorld({ order, payments: [payment] });
    const strange = successOf(payment, { provider: 'alipay', merchant: 'm', amount: 1, currency: 'USD' });
    expect(await settle(ports, strange)).toMatchObject({ fields: ['provider', 'merchant'] });
    const wrong = successOf(payment, { appid: 'wxother', amount: 1, currency: 'USD' });
    expect(await settle(ports, wrong)).toMatchObject({ fields: ['appid', 'amount', 'currency'] });
  });

  it.each([
    ['nothing', {}],
    ['amount', { amount: 1234 }],
    ['currency', { currency: 'CNY' }],
    ['app', { appid: APPID }],
    ['time', { paid_at: now }],
  ])(
    'about what was paid may be %s; the payment’s is booked, with one write and no read',
    async (_, said) => {
      const order = shopOrder();
      const payment = paymentOf(order);
      const { ports, store } = createWorld({ order, payments: [payment] });
      const { payment_no, provider, merchant } = payment;
      const event = {
        type: 'succeeded',
        payment_no,
        provider,
        merchant,
        transaction_id: null,
        ...said,
      } as const;
      expect(await settle(ports, event)).toMatchObject({ outcome: 'settled' });
      expect(store.stored(order).payments).toMatchObject([{ amount: 1234, transaction_id: null }]);
      expect(store.calls).toEqual(['write']);
      const marked = { type: 'order.paid', payment: { n: 1, provider, merchant, transaction_id: null } };
      expect(store.changes[0]?.writes[0]).toMatchObject({
        update: 'order',
        marks: { at: isoTime(NOW), events: [marked] },
      });
      expect(await settle(ports, event)).toMatchObject({ outcome: 'already_settled' });
      expect(store.calls).toEqual(['write', 'write']);
    },
  );

  it('books to the tenant, and leaves the announcement to the payment', async () => {
    const order = tenantOrder();
    const payment = paymentOf(order);
    const { ports, store } = createWorld({ order, payments: [payment] });
    await settle(ports, successOf(payment, { paid_at: isoTime(NOW - 1_000) }));
    const debit = `provider:stripe.${merchantNames.stripe}`;
    const stored = store.stored(order);
    expect(stored.payments).toMatchObject([{ booking: { debit, credit: 'tenant:7', booked_at: now } }]);
    expect(stored.order).toEqual({
      ...order,
      ...{ status: 'paid', paid_by: 1, paid_at: isoTime(NOW - 1_000), updated_at: now, version: 2 },
    });
    expect(store.debts(order)).toEqual({ 'payment 1': `notify ${isoTime(NOW + 5 * MINUTE_MS)}` });
  });

  it('that does not fit costs one request more to read it and one to record it', async () => {
    const order = shopOrder({ payment: 2, payments: 2 });
    const old = paymentOf(order, { n: 1, superseded: true });
    const { ports, store } = createWorld({ order, payments: [old, paymentOf(order)] });
    await settle(ports, successOf(old));
    expect(store.calls).toEqual(['write', 'read', 'write']);
    expect(store.debts(order)).toEqual({
      [`exception paid_superseded#wechat#${order.order_no}#T1`]: `alert ${isoTime(NOW + 5 * MINUTE_MS)}`,
    });
  });
});

describe('a message that may be of several merchants', () => {
  it('is of its payment’s where that is one of them, and else of the first', async () => {
    const order = shopOrder();
    const payment = paymentOf(order);
    const { payment_no, merchant } = payment;
    for (const [said, others, outcome] of [
      ['1900000007', [merchant], 'settled'],
      ['1900000007', ['1900000008', merchant], 'settled'],
      ['1900000007', ['1900000008'], 'mismatch'],
      [merchant, ['1900000008'], 'settled'],
    ] as const) {
      const { ports } = createWorld({ order, payments: [payment] });
      const event = { ...successOf(payment, { merchant: said }), others };
      expect(await applyEvent(ports, event)).toMatchObject({ outcome });
      for (const unknown of [`${payment_no}-2`, 'mall-99', 'shop-1']) {
        expect(await applyEvent(ports, { ...event, payment_no: unknown })).toEqual({ outcome: 'not_found' });
      }
    }
  });
});

describe('a disagreement without a transaction', () => {
  const begun = () => {
    const order = shopOrder();
    const payment = paymentOf(order);
    const world = createWorld({ order, payments: [payment] });
    const unnamed = { transaction_id: null, currency: 'CNY' };
    return {
      order,
      tell: (said: Partial<PaymentEvent>) => settle(world.ports, successOf(payment, { ...unnamed, ...said })),
      dismiss: (id: string) =>
        resolveException(world.ports, {
          ...{ order_no: order.order_no, id, resolution: 'dismissed', reason: '核对过', by: 'admin-1' },
        }),
      exceptions: () => world.store.stored(order).exceptions,
    };
  };

  it('is told once, and otherwise than before once more, whatever people have ended', async () => {
    const { tell, dismiss, exceptions } = begun();
    for (const _ of [1, 2]) await tell({ type: 'failed', amount: 1 });
    await dismiss(exceptions().map(exceptionId).join());
    for (const _ of [1, 2]) await tell({ amount: 1200 });
    expect(exceptions()).toMatchObject([
      { amount: 1, state: 'resolved' },
      { amount: 1200, state: 'open' },
    ]);
  });

  it('is told though another merchant has said something of it before', async () => {
    const { tell, exceptions } = begun();
    await tell({ type: 'failed', merchant: '1900000777', amount: 1200 });
    await tell({ amount: 1200 });
    expect(exceptions()).toMatchObject([{ fields: ['merchant'] }, { fields: ['amount'], amount: 1200 }]);
  });
});

describe('a failure or a close', () => {
  interface Quiet {
    readonly status: OrderStatus;
    readonly state: PaymentState;
    readonly current: boolean;
    /** Whether the order has a deadline, and that it is over. */
    readonly deadline: 'none' | 'ahead' | 'over';
    readonly type: 'failed' | 'closed';
  }
  const quiet = combine<Quiet>({
    status: orderStatuses,
    state: paymentStates,
    current: [true, false],
    deadline: ['none', 'ahead', 'over'],
    type: ['failed', 'closed'],
  });
  const times = { none: null, ahead: isoTime(NOW + HOUR_MS), over: now };

  it('does what the payment’s state and its order allow, in every combination', async () => {
    for (const it of quiet) {
      const order = shopOrder({
        status: it.status,
        payment: it.current ? 1 : null,
        expires_at: times[it.deadline],
      });
      const payment = it.state === 'paid' ? paidPayment(order) : paymentOf(order, { n: 1, state: it.state });
      const { ports, store } = createWorld({ order, payments: [payment] });
      const result = await settle(ports, successOf(payment, { type: it.type, transaction_id: null }));

      const isPayable = it.status === 'pending' || it.status === 'failed';
      const fails = it.type === 'failed' && it.state === 'open';
      const closes = it.type === 'closed' && (it.state === 'open' || it.state === 'failed');
      const ends = closes && it.current && isPayable && it.deadline === 'over';
      const failsOrder = fails && it.current && it.status === 'pending';
      const status = failsOrder ? 'failed' : ends ? 'closed' : it.status;
      const outcome = fails ? 'failed' : closes ? 'closed' : 'unchanged';
      expect([it, result]).toEqual([it, { outcome, order_no: order.order_no, status }]);

      const stored = store.stored(order);
      const isTouched = failsOrder || ends;
      expect([it, stored]).toEqual([
        it,
        {
          ...stored,
          order: isTouched
            ? { ...order, status, updated_at: now, version: 2, ...(ends && { openid: null }) }
            : order,
          payments: [fails || closes ? { ...payment, state: it.type, version: 2 } : payment],
          exceptions: [],
        },
      ]);
      const isWatched = closes && it.current && isPayable && it.deadline === 'ahead';
      const watched = { 'payment 1': `check ${isoTime(NOW + HOUR_MS + 1_000)}` };
      expect([it, store.debts(order)]).toEqual([it, isWatched ? watched : {}]);
    }
  });

  it.each(['failed', 'closed'] as const)('spends no number, whatever time it names: %s', async (type) => {
    const order = shopOrder();
    const payment = paymentOf(order);
    const { ports, store } = createWorld({ order, payments: [payment] });
    const event = successOf(payment, { type, paid_at: '2020-01-01T00:00:00.000Z' });
    expect(await settle(ports, event)).toMatchObject({ outcome: type });
    expect(store.stored(order).exceptions).toEqual([]);
  });
});

describe('a further transaction', () => {
  it.each([
    ['another under its payment', 1],
    ['another under another payment', 2],
  ])('is kept beside %s', async (_, n) => {
    const order = shopOrder({ status: 'paid', paid_by: 1, payments: 2 });
    const payment = paidPayment(order);
    const other = suspenseOf(paymentOf(order, { n }));
    const { ports, store } = createWorld({ order, payments: [payment], suspense: [other] });
    const event = successOf(payment, { transaction_id: 'T3' });
    expect(await settle(ports, event)).toMatchObject({ outcome: 'paid_twice' });
    expect(store.stored(order)).toMatchObject({
      suspense: [other, { n: 1, transaction_id: 'T3' }],
      exceptions: [{ kind: 'paid_twice', transaction_id: 'T3' }],
    });
  });

  it('is not booked again as the payment that took its payment’s place', async () => {
    const order = shopOrder({ payment: 2, payments: 2 });
    const superseded = paymentOf(order, { n: 1, superseded: true, state: 'closed' });
    const current = paymentOf(order, { n: 2 });
    const { ports, store } = createWorld({ order, payments: [superseded, current] });
    await settle(ports, successOf(superseded, { transaction_id: 'T1' }));
    const again = successOf(current, { transaction_id: 'T1' });
    expect(await settle(ports, again)).toMatchObject({ outcome: 'mismatch', fields: ['transaction_id'] });
    expect(store.stored(order)).toMatchObject({
      order: { status: 'pending' },
      payments: [{ transaction_id: 'T1' }, { booking: null }],
    });
    const own = successOf(current, { transaction_id: 'T2' });
    expect(await settle(ports, own)).toMatchObject({ outcome: 'settled' });
  });

  it('of another payment leaves a success that names none to pay', async () => {
    const order = shopOrder({ payment: 2, payments: 2, has_suspense: true });
    const first = paymentOf(order, { n: 1, superseded: true, state: 'closed' });
    const current = paymentOf(order, { n: 2 });
    const { ports } = createWorld({ order, payments: [first, current], suspense: [suspenseOf(first)] });
    const unnamed = successOf(current, { transaction_id: null });
    expect(await settle(ports, unnamed)).toMatchObject({ outcome: 'settled' });
  });

  it.each(['its own', 'a further one'])('is not booked again as another payment’s: %s', async (which) => {
    const order = shopOrder({ status: 'paid', paid_by: 1, payments: 2 });
    const payment = paidPayment(order);
    const begun = paymentOf(order, { n: 2 });
    const [payments, suspense] =
      which === 'its own'
        ? [[payment, paidPayment(order, { n: 2, transaction_id: 'T2', isSuspense: true })], []]
        : [[payment, begun], [suspenseOf(begun)]];
    const { ports, store } = createWorld({ order, payments, suspense });
    const before = store.stored(order);
    const event = successOf(payment, { transaction_id: 'T2' });
    const fields = ['transaction_id'];
    expect(await settle(ports, event)).toMatchObject({ outcome: 'mismatch', fields, isSeenTo: false });
    expect(store.stored(order)).toEqual({
      ...before,
      exceptions: [expect.objectContaining({ kind: 'mismatch', fields, transaction_id: 'T2', amount: 1234 })],
    });
  });
});

describe('events in any order', () => {
  const permutations = <T>(values: readonly T[]): T[][] =>
    values.length === 0
      ? [[]]
      : values.flatMap((value, index) =>
          permutations(values.filter((_, other) => other !== index)).map((rest) => [value, ...rest]),
        );

  async function endOf(types: readonly PaymentEvent['type'][], deadline: string | null) {
    const order = shopOrder({ expires_at: deadline });
    const payment = paymentOf(order, { order_no: order.order_no });
    const { ports, store } = createWorld({ order, payments: [payment] });
    for (const type of types) {
      await settle(ports, successOf(payment, { type, transaction_id: type === 'succeeded' ? 'T1' : null }));
    }
    const { order: end, payments, exceptions } = store.stored(order);
    return {
      status: end.status,
      paid_by: end.paid_by,
      state: payments.map(({ state, transaction_id, booking }) => [state, transaction_id, booking?.credit]),
      exceptions: exceptions.map(({ kind }) => kind),
    };
  }

  const paid = { status: 'paid', paid_by: 1, state: [['paid', 'T1', 'shop:mall']], exceptions: [] };

  it('end the same in every permutation while the order has time: paid', async () => {
    const types = ['succeeded', 'failed', 'closed', 'succeeded', 'failed', 'closed'] as const;
    const all = permutations(types);
    expect(all).toHaveLength(720);
    for (const deadline of [null, isoTime(NOW + HOUR_MS)]) {
      for (const one of all) expect([one, await endOf(one, deadline)]).toEqual([one, paid]);
    }
  });

  it('after the order’s time end by whether the close came first', async () => {
    for (const one of permutations(['succeeded', 'failed', 'closed', 'succeeded'] as const)) {
      const isPaid = one.indexOf('succeeded') < one.indexOf('closed');
      const late = {
        status: 'closed',
        paid_by: null,
        state: [['paid', 'T1', suspense]],
        exceptions: ['paid_after_close'],
      };
      expect([one, await endOf(one, now)]).toEqual([one, isPaid ? paid : late]);
    }
  });

  it('of one payment told of with and without its number are one booking, in every state of its order', async () => {
    const said = [null, 'T1', null, 'T1'] as const;
    for (const status of orderStatuses) {
      for (const superseded of [false, true]) {
        for (const names of permutations(said)) {
          const order = shopOrder({ status, payment: superseded ? null : 1 });
          const payment = paymentOf(order, { n: 1, superseded });
          const { ports, store } = createWorld({ order, payments: [payment] });
          for (const transaction_id of names) await settle(ports, successOf(payment, { transaction_id }));
          const stored = store.stored(order);
          const kept = { state: 'paid', transaction_id: 'T1', amount: 1234 };
          expect([status, names, stored.payments]).toMatchObject([status, names, [kept]]);
          expect([status, names, stored.suspense]).toEqual([status, names, []]);
          expect(stored.exceptions.length).toBeLessThanOrEqual(1);
        }
      }
    }
  });
});

describe('faults that were found', () => {
  it('a flat success without amount for a first payment is booked at what that was made for', async () => {
    const order = shopOrder({ amount: 9900, payment: 2, payments: 2 });
    const first = paymentOf(order, { n: 1, amount: 1000, superseded: true });
    const { ports, store } = createWorld({ order, payments: [first, paymentOf(order)] });
    const { amount: _amount, currency: _currency, ...bare } = successOf(first);
    expect(await settle(ports, bare)).toMatchObject({ outcome: 'paid_superseded', status: 'pending' });
    const stored = store.stored(order);
    expect(stored.payments[0]).toMatchObject({ state: 'paid', amount: 1000, booking: { credit: suspense } });
    expect(stored.exceptions).toMatchObject([{ amount: 1000, currency: 'CNY' }]);
  });

  it('a transaction of 2020 does not pay a number that is used again, and the next number follows', async () => {
    const order = shopOrder();
    const payment = paymentOf(order);
    const { ports, store } = createWorld({ order, payments: [payment] });
    const event = successOf(payment, { paid_at: '2020-01-01T00:00:00.000Z', amount: 1 });
    expect(await settle(ports, event)).toMatchObject({ outcome: 'number_spent', status: 'pending' });
    const stored = store.stored(order);
    expect(stored.order.status).toBe('pending');
    expect(stored.payments).toMatchObject([{ state: 'closed', booking: null }]);
    expect(stored.exceptions).toMatchObject([{ kind: 'number_spent', amount: 1234, fields: [] }]);
  });

  it('a spent number ends the order with it when its time is over', async () => {
    const order = shopOrder({ expires_at: now });
    const payment = paymentOf(order, { state: 'failed' });
    const { ports, store } = createWorld({ order, payments: [payment] });
    const event = successOf(payment, { paid_at: '2020-01-01T00:00:00.000Z' });
    expect(await settle(ports, event)).toMatchObject({ outcome: 'number_spent', status: 'closed' });
    expect(store.stored(order)).toMatchObject({
      order: { status: 'closed' },
      payments: [{ state: 'closed' }],
    });
  });
});

describe('an order that moves', () => {
  it('is decided about again', async () => {
    const order = shopOrder();
    const payment = paymentOf(order);
    const { ports, store } = createWorld({ order, payments: [payment] });
    store.before('read', async () => {
      await settle(ports, successOf(payment));
    });
    const failure = successOf(payment, { type: 'failed', transaction_id: null });
    expect(await settle(ports, failure)).toMatchObject({ outcome: 'unchanged', status: 'paid' });
  });

  it('is not undone by a failure that was decided on before its success', async () => {
    const order = shopOrder();
    const payment = paymentOf(order);
    const { ports, store } = createWorld({ order, payments: [payment] });
    store.before('write', async () => {
      await settle(ports, successOf(payment));
    });
    await settle(ports, successOf(payment, { type: 'failed', transaction_id: null }));
    expect(store.stored(order)).toMatchObject({ order: { status: 'paid' }, payments: [{ state: 'paid' }] });
  });

  it('is closed between the reading and the writing of what goes to suspense: decided again', async () => {
    const order = shopOrder({ payment: null });
    const payment = paymentOf(order, { n: 1 });
    const { ports, store } = createWorld({ order: { ...order, status: 'paid' }, payments: [payment] });
    store.before(
      'write',
      () => undefined,
      () => {
        store.seed({ order: { ...order, status: 'closed', version: 2 } });
      },
    );
    expect(await settle(ports, successOf(payment))).toMatchObject({ outcome: 'paid_after_close' });
  });

  const several = shopOrder({ status: 'paid', payment: 2, payments: 2 });
  it.each([
    ['unpaid', paymentOf(several, { n: 1 })],
    ['paid by another', paidPayment(several, { n: 1, transaction_id: 'T0' })],
    ['paid by one that nobody has named', paidPayment(several, { n: 1, transaction_id: null })],
  ])('books once what is told of under two numbers at once, of which the first is %s', async (_, first) => {
    const order = several;
    const second = paymentOf(order, { n: 2, superseded: true });
    const { ports, store } = createWorld({ order, payments: [first, second] });
    const event = (payment: Payment) => successOf(payment, { transaction_id: 'T1' });
    store.before(
      'write',
      () => undefined,
      async () => {
        expect(await settle(ports, event(second))).toMatchObject({ outcome: 'paid_superseded' });
      },
    );
    expect(await settle(ports, event(first))).toMatchObject({ outcome: 'mismatch' });
    const { payments, suspense: further, exceptions } = store.stored(order);
    const money = [...payments, ...further].filter(({ transaction_id }) => transaction_id === 'T1');
    expect(money).toMatchObject([{ n: 2 }]);
    expect(exceptions.map(({ kind }) => kind).sort()).toEqual(['mismatch', 'paid_superseded']);
  });

  it('names the transaction of an order’s only payment without a change of the order', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const { ports, store } = createWorld({ order, payments: [paidPayment(order, { transaction_id: null })] });
    await settle(ports, successOf(paymentOf(order), { transaction_id: 'T1' }));
    expect(store.stored(order)).toMatchObject({
      order: { version: 1 },
      payments: [{ transaction_id: 'T1' }],
    });
  });

  it('again and again is a failure, and nothing was written', async () => {
    const order = shopOrder();
    const payment = paymentOf(order);
    const { ports, store } = createWorld({ order, payments: [payment] });
    let version = 1;
    const move = () => store.seed({ payments: [{ ...payment, version: ++version }] });
    store.before('write', ...Array.from({ length: 100 }, () => move));
    const event = successOf(payment, { type: 'failed', transaction_id: null });
    await expect(settle(ports, event)).rejects.toThrow(ContentionError);
    expect(store.changes).toEqual([]);
  });
});

describe('what a payer did not pay', () => {
  const discount = { merchant: 100, provider: 34 };
  const arrange = (order: Order = shopOrder(), payment = paymentOf(order)) => {
    const { ports, store } = createWorld({ order, payments: [payment] });
    return { ports, store, payment, stored: () => store.stored(order) };
  };

  it('is kept with the payment; the order is paid at its total, and booked so', async () => {
    const { ports, payment, stored } = arrange();
    expect(await settle(ports, successOf(payment, { discount }))).toMatchObject({ outcome: 'settled' });
    expect(stored()).toMatchObject({
      order: { status: 'paid', amount: 1234 },
      payments: [{ state: 'paid', amount: 1234, discount, booking: { credit: 'shop:mall' } }],
      exceptions: [],
    });
  });

  it('makes no difference to what becomes of anything else', async () => {
    const outcomes = async (said: Partial<PaymentEvent>) => {
      const closed = shopOrder({ order_no: 'mall-77', id: 77, status: 'closed' });
      const open = shopOrder({ order_no: 'mall-77', id: 77 });
      const told: unknown[] = [];
      for (const [order, payment] of [
        [open, paymentOf(open)],
        [open, paymentOf(open, { superseded: true })],
        [open, paymentOf(open, { amount: 1 })],
        [closed, paymentOf(closed)],
        [open, paidPayment(open, { transaction_id: 'T0' })],
      ] as const) {
        const { ports, payment: one, stored } = arrange(order, payment);
        const result = await settle(ports, successOf(one, { amount: 1234, ...said }));
        const { payments, ...rest } = stored();
        told.push([result, rest, payments.map(({ discount: _discount, ...kept }) => kept)]);
      }
      return told;
    };
    const plain = await outcomes({});
    for (const one of [discount, { merchant: 0, provider: 0 }, { merchant: 9_999_999, provider: 1 }]) {
      expect(await outcomes({ discount: one })).toEqual(plain);
    }
  });

  it('is said with the transaction where another message was first, and is not taken back', async () => {
    const { ports, payment, stored } = arrange();
    await settle(ports, successOf(payment, { transaction_id: null }));
    expect(stored().payments).toMatchObject([{ transaction_id: null, discount: null }]);
    await settle(ports, successOf(payment, { discount }));
    expect(stored().payments).toMatchObject([{ transaction_id: 'T1', discount }]);
    const { version } = stored().payments[0] ?? {};
    await settle(ports, successOf(payment));
    await settle(ports, successOf(payment, { discount: { merchant: 1, provider: 1 } }));
    expect(stored().payments).toMatchObject([{ discount, version }]);
  });

  it('is kept where it is said by a message that is not the first to name the transaction', async () => {
    const { ports, payment, stored } = arrange();
    await settle(ports, successOf(payment, { paid_at: isoTime(NOW) }));
    expect(stored().payments).toMatchObject([{ transaction_id: 'T1', discount: null }]);
    const said = { discount, paid_at: isoTime(NOW + 1000) };
    expect(await settle(ports, successOf(payment, { ...said, transaction_id: 'T2' }))).toMatchObject({
      outcome: 'paid_twice',
    });
    expect(stored().payments).toMatchObject([{ discount: null }]);
    expect(await settle(ports, successOf(payment, said))).toMatchObject({ outcome: 'already_settled' });
    expect(stored().payments).toMatchObject([{ transaction_id: 'T1', discount, paid_at: isoTime(NOW) }]);
  });

  it('leaves nothing of where the page led back to', async () => {
    const order = tenantOrder();
    const return_url = 'https://shop.example.com/';
    const { ports, payment, stored } = arrange(order, paymentOf(order, { return_url }));
    await settle(ports, successOf(payment, { discount }));
    expect(stored().payments).toMatchObject([{ state: 'paid', return_url: null, discount }]);
  });
});
