import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { Change, Expectation, ItemWrite, Marks, Update } from '../../../lib/orders/change.ts';
import type { OrderStore, WriteResult } from '../../../lib/orders/commit.ts';
import type { ExceptionRecord } from '../../../lib/orders/exception.ts';
import type { EventType } from '../../../lib/orders/kinds.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { Debt } from '../../../lib/orders/schedule.ts';
import { listExceptions } from '../../../lib/store/exception-store.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { countedStore } from '../../support/intercepted-store.ts';
import {
  disputeOf,
  NOW,
  paymentOf,
  refundOf,
  returnOf,
  shippingOf,
  shopOrder,
  suspenseOf,
} from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';
import { createMemoryStore } from '../orders/memory-store.ts';

const store = useStore();
const now = isoTime(NOW);

const exceptionOf = ({ order_no }: Order, changes: Partial<ExceptionRecord> = {}): ExceptionRecord => ({
  order_no,
  owner: 'shop:mall',
  payment_no: order_no,
  kind: 'mismatch',
  state: 'open',
  version: 1,
  provider: 'wechat',
  merchant: '1900000001',
  transaction_id: 'T1',
  refund_no: null,
  fields: ['amount'],
  amount: 1,
  currency: 'CNY',
  reason: null,
  due_by: null,
  resolved: null,
  recorded_at: now,
  ...changes,
});

const debts: readonly (Debt | null)[] = [
  null,
  { kind: 'check', due: NOW },
  { kind: 'alert', due: NOW + 1 },
  { kind: 'notify', due: NOW + 2 },
];
const debt = fc.option(fc.constantFrom(...debts), { nil: undefined });
const marksOf = (type: EventType): Marks => ({ at: now, events: [{ type }] });
const itemAt = async ({ order_no }: Order, sk: string) =>
  (await store.items(order_no)).find((item) => item['sk'] === sk);
const owing = (owes: Debt | null | undefined) => (owes === undefined ? {} : { owes });

const expectations = {
  version: fc.constantFrom(1, 2, 3),
  status: fc.constantFrom<Expectation[string]>({ in: ['pending', 'failed'] }, { in: ['open'] }, 'paid'),
  state: fc.constantFrom<Expectation[string]>({ not: 'paid' }, 'open'),
  superseded: fc.boolean(),
  begun_at: fc.constantFrom<Expectation[string]>({ atMost: now }, { atMost: '2020-01-01T00:00:00.000Z' }),
};

/** What may be expected of an item: of each kind, holding or not, and mostly one thing, since several seldom hold. */
const expectation: fc.Arbitrary<Expectation> = fc.oneof(
  ...Object.entries(expectations).map(([field, values]) => values.map((value) => ({ [field]: value }))),
  fc.record(expectations, { requiredKeys: [] }).filter((expects) => Object.keys(expects).length > 0),
);

/** An exception of the order is resolved. */
const endingOf =
  (order: Order) =>
  (
    expects: Expectation,
    due: { readonly owes?: Debt | null },
  ): Extract<ItemWrite, { update: 'exception' }> => {
    const resolved = {
      resolution: 'dismissed',
      reason: '',
      by: 'admin-1',
      at: now,
      entries: [],
      refund_no: null,
    } as const;
    return {
      update: 'exception',
      of: exceptionOf(order),
      set: { state: 'resolved', resolved },
      expects,
      ...due,
    };
  };

/** Writes of one order, each of another item. */
function writesOf(order: Order): fc.Arbitrary<ItemWrite[]> {
  const payment = paymentOf(order);
  const suspense = suspenseOf(payment);
  const refund = refundOf(payment);
  const returned = returnOf(payment);
  const dispute = disputeOf(payment);
  const shipping = shippingOf(payment);
  const ended = endingOf(order);
  const { order_no } = order;
  const n = fc.constantFrom(1, 2);
  const caller = { operation: 'refund', subject: 'admin-1', key: order_no } as const;
  const expires_at = fc.constantFrom(now, isoTime(NOW + 1));
  const puts = fc.tuple(debt, n, expires_at).chain(([owes, count, expiry]) => {
    const due = owes ? { owes } : {};
    const booking = { debit: 'provider:wechat.1', credit: 'shop:mall', booked_at: now };
    const { provider, merchant, currency } = payment;
    const entry = { order_no, provider, merchant, amount: 4, currency, transaction_id: null, ...booking };
    return fc.constantFrom<ItemWrite>(
      { put: 'order', record: order, ...due },
      { put: 'payment', record: paymentOf(order, { n: count }), ...due },
      { put: 'suspense', record: suspense },
      { put: 'refund', record: refund, ...due },
      { put: 'entry', record: { ...entry, kind: 'refund', reference: `1#${count}`, refund: 1 } },
      { put: 'return', record: returned },
      { put: 'dispute', record: dispute, ...due },
      { put: 'shipping', record: shipping, ...due },
      { put: 'exception', record: exceptionOf(order), ...due },
      {
        put: 'idempotency',
        record: { ...caller, result: `r${count}`, request: 'x', expires_at: expiry },
        replaces: { expires_at: { atMost: now } },
      },
    );
  });
  const credit = fc.constantFrom(null, 'suspense:wechat.1900000001');
  const changes = fc.tuple(expectation, debt, n, credit).chain(([expects, owes, count, to]) => {
    const due = owing(owes);
    const booked_at = now;
    return fc.constantFrom<ItemWrite>(
      { update: 'order', of: null, set: { status: 'paid', paid_by: count }, expects, ...due },
      { update: 'order', of: null, set: { payment: null, description: '晚餐' }, expects },
      { update: 'payment', of: count, set: { state: 'closed', superseded: true }, expects, ...due },
      {
        update: 'payment',
        of: count,
        set: {
          ...{ state: 'paid', transaction_id: 'T1', paid_at: now, handed_out: null },
          ...{ return_url: null, discount: { merchant: 1, provider: 2 } },
        },
        books: { debit: 'provider:wechat.1900000001', credit: to, booked_at },
        expects,
        ...due,
      },
      { update: 'suspense', of: { n: 1, transaction_id: 'T2' }, set: { reserved: 5 }, expects },
      { update: 'refund', of: 1, set: { status: 'succeeded', refund_id: 'R' }, expects, ...due },
      { update: 'return', of: returned, set: { status: 'failed' }, expects },
      { update: 'dispute', of: dispute, set: { state: 'lost', movements: ['m1'] }, expects, ...due },
      { update: 'shipping', of: null, set: { state: 'told', told: 1, told_at: now }, expects, ...due },
      {
        ...{ update: 'shipping', of: null, expects },
        set: { items: '', parcels: [{ express_company: 'SF', tracking_no: '1', contact: null }] },
      },
      { check: 'order', expects },
      ended(expects, due),
      { check: 'payment', of: count, expects },
    );
  });
  return fc.uniqueArray(fc.oneof(puts, changes), {
    minLength: 1,
    maxLength: 4,
    selector: (write) => JSON.stringify(itemOf(write)),
  });
}

function itemOf(write: ItemWrite): unknown {
  if ('put' in write) {
    if (write.put === 'entry') return [write.put, write.record.reference];
    return [write.put, write.put === 'payment' ? write.record.n : 1];
  }
  if ('check' in write) return [write.check, write.check === 'payment' ? write.of : 1];
  return [write.update, write.update === 'payment' ? write.of : 1];
}

/** What is not kept of who asked is left out; lists come in any order. */
function comparable(answer: WriteResult): unknown {
  if (answer.applied) return answer;
  return {
    applied: false,
    refused: answer.refused.map((refusal) => {
      if (!refusal?.idempotency) return refusal;
      const { result, request, expires_at } = refusal.idempotency;
      return { idempotency: { result, request, expires_at } };
    }),
  };
}

async function everything(orders: OrderStore, order_no: string) {
  const snapshot = await orders.read(order_no);
  return snapshot && { ...snapshot, payments: snapshot.payments.toSorted((one, other) => one.n - other.n) };
}

describe('a change', () => {
  it('does to what is stored on DynamoDB what its words say, whatever it is', async () => {
    const seen = { applied: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.constant(null).chain(() => {
          const order = shopOrder();
          return fc.record({
            order: fc.constant(order),
            changes: fc.array(writesOf(order), { minLength: 3, maxLength: 10 }),
          });
        }),
        async ({ order: made, changes }) => {
          // Shrinking repeats a run, which must not find what an earlier one has left.
          const { order_no } = shopOrder();
          const rename = <T>(value: T): T =>
            JSON.parse(JSON.stringify(value).replaceAll(`"${made.order_no}`, `"${order_no}`)) as T;
          const orders = createOrderStore(store.context);
          const memory = createMemoryStore();
          const first: ItemWrite[] = [
            { put: 'order', record: made },
            { put: 'payment', record: paymentOf(made) },
          ];
          for (const writes of [first, ...changes]) {
            const change = rename({ order_no: made.order_no, writes }) as unknown as Change;
            const answer = await orders.write(change);
            seen[answer.applied ? 'applied' : 'refused'] += 1;
            expect(comparable(answer)).toEqual(comparable(await memory.write(change)));
            expect(await everything(orders, order_no)).toEqual(await everything(memory, order_no));
          }
          const stored = await store.items(order_no);
          const owed = stored.flatMap(({ work, work_due }) =>
            work === undefined ? [] : [`${String(work).split('#')[0]} ${work_due}`],
          );
          expect(owed.sort()).toEqual(Object.values(memory.debts({ order_no })).sort());
          const entries = stored.filter(({ sk }) => String(sk).startsWith('ENTRY#'));
          expect(entries).toHaveLength(memory.entries({ order_no }).length);
        },
      ),
      { numRuns: 80 },
    );
    expect(Math.min(seen.applied, seen.refused)).toBeGreaterThan(50);
  });

  it('is written as a whole or not at all, and tells which part was refused and by what', async () => {
    const order = shopOrder();
    const payment = paymentOf(order, { state: 'closed' });
    await store.put({ put: 'order', record: order }, { put: 'payment', record: payment });
    const before = await store.items(order.order_no);
    const answer = await createOrderStore(store.context).write({
      order_no: order.order_no,
      writes: [
        { update: 'order', of: null, set: { status: 'paid' }, expects: { version: 1 } },
        { update: 'payment', of: 1, set: { state: 'paid' }, expects: { state: 'open' } },
        { put: 'exception', record: exceptionOf(order) },
        { check: 'payment', of: 2, expects: { state: 'open' } },
      ],
    });
    expect(answer).toEqual({ applied: false, refused: [null, { payment }, null, {}] });
    expect(await store.items(order.order_no)).toEqual(before);
  });

  it('of one item is one plain request, which costs half of a transaction', async () => {
    const order = shopOrder();
    const { asked, context } = countedStore(store.context);
    const { write } = createOrderStore(context);
    const { order_no } = order;
    await write({ order_no, writes: [{ put: 'order', record: order }] });
    const update = { update: 'order', of: null, set: {}, expects: { version: 1 } } as const;
    await write({ order_no, writes: [update] });
    await write({ order_no, writes: [{ check: 'order', expects: { version: 2 } }] });
    expect(asked).toEqual(['Put', 'Update', 'TransactWrite']);
  });
});

describe('an exception', () => {
  it('moves from the list of those that are open to those that are resolved, and back, and stays where it is', async () => {
    const order = shopOrder();
    await store.put({ put: 'exception', record: exceptionOf(order) });
    const { write } = createOrderStore(store.context);
    const listed = async (state: ExceptionRecord['state']) => {
      const { items } = await listExceptions(store.context, { state, after: null, limit: 100 });
      return items.filter(({ order_no }) => order_no === order.order_no).length;
    };
    const change = async (set: Partial<ExceptionRecord>) => {
      const expects = { kind: 'mismatch' };
      await write({
        order_no: order.order_no,
        writes: [{ update: 'exception', of: exceptionOf(order), set, expects }],
      });
      return [await listed('open'), await listed('resolved')];
    };
    expect(await change({ amount: 2 })).toEqual([1, 0]);
    expect(await change({ state: 'resolved' })).toEqual([0, 1]);
    expect(await change({ amount: 3 })).toEqual([0, 1]);
    expect(await change({ state: 'open' })).toEqual([1, 0]);
  });
});

describe('a booking', () => {
  const debit = 'provider:wechat.1900000001';
  const booked = async (credit: string | null) => {
    const order = shopOrder();
    await store.put({ put: 'order', record: order }, { put: 'payment', record: paymentOf(order) });
    const books = { debit, credit, booked_at: now };
    const paid = {
      update: 'payment',
      of: 1,
      set: { state: 'paid' },
      books,
      expects: { version: 1 },
    } as const;
    await createOrderStore(store.context).write({ order_no: order.order_no, writes: [paid] });
    return itemAt(order, 'PAYMENT#1');
  };

  it('copies the payee as the index has it, so that nobody reads a payment to book it', async () => {
    const item = await booked(null);
    const [, shard] = /^shop:mall#([0-7])$/.exec(String(item?.['credit'])) ?? [];
    expect(item).toMatchObject({ payee: `shop:mall#${shard}`, debit: `${debit}#${shard}`, booked_at: now });
  });

  it('credits another account where it says so', async () => {
    const credit = 'suspense:wechat.1900000001';
    const item = await booked(credit);
    const [, shard] = /^shop:mall#([0-7])$/.exec(String(item?.['payee'])) ?? [];
    expect(item).toMatchObject({ credit: `${credit}#${shard}`, debit: `${debit}#${shard}`, booked_at: now });
  });
});

describe('an update', () => {
  const write = (order: Order, ...writes: Change['writes']) =>
    createOrderStore(store.context).write({ order_no: order.order_no, writes });

  it.each<[string, (order: Order) => Update]>([
    ['ORDER', () => ({ update: 'order', of: null, set: { status: 'failed' }, expects })],
    ['PAYMENT#2', () => ({ update: 'payment', of: 2, set: { state: 'failed' }, expects })],
    ['SUSPENSE#1#T2', () => ({ update: 'suspense', of: bySuspense, set: { reserved: 5 }, expects })],
    ['REFUND#1', () => ({ update: 'refund', of: 1, set: { status: 'succeeded' }, expects })],
    ['RETURN#1#re_1', () => ({ update: 'return', of: byReturn, set: { status: 'failed' }, expects })],
    ['DISPUTE#du_1', () => ({ update: 'dispute', of: byDispute, set: { state: 'lost' }, expects })],
    ['SHIPPING', () => ({ update: 'shipping', of: null, set: { state: 'told' }, expects })],
    [
      'EXCEPTION#paid_twice#wechat#mall-1#T1',
      (order) => ({ update: 'exception', of: paidTwice(order), set: { amount: 2 }, expects }),
    ],
  ])('changes what it says of %s, and nothing else', async (sk, update) => {
    const order = shopOrder();
    const payment = paymentOf(order);
    await store.put(
      { put: 'order', record: order },
      { put: 'payment', record: payment },
      { put: 'payment', record: paymentOf(order, { n: 2 }) },
      { put: 'suspense', record: suspenseOf(payment, { transaction_id: 'T2' }) },
      { put: 'refund', record: refundOf(payment) },
      { put: 'return', record: returnOf(payment, { return_id: 're_1' }) },
      { put: 'dispute', record: disputeOf(payment, { dispute_id: 'du_1' }) },
      { put: 'shipping', record: shippingOf(payment) },
      { put: 'exception', record: paidTwice(order) },
    );
    const before = await store.items(order.order_no);
    expect(before.map((item) => item['sk'])).toContain(sk);
    const one = update(order);
    expect(await write(order, one)).toEqual({ applied: true });
    expect(await store.items(order.order_no)).toEqual(
      before.map((item) => (item['sk'] === sk ? { ...item, ...one.set, version: 2 } : item)),
    );
  });
  const expects = { version: 1 };
  const bySuspense = { n: 1, transaction_id: 'T2' };
  const byReturn = { payment: 1, return_id: 're_1' };
  const byDispute = { dispute_id: 'du_1' };
  const paidTwice = (order: Order) => exceptionOf(order, { kind: 'paid_twice', payment_no: 'mall-1' });

  it.each<[boolean, Expectation]>([
    [true, { state: 'open' }],
    [false, { state: 'paid' }],
    [true, { state: { in: ['failed', 'open'] } }],
    [false, { state: { in: ['failed', 'paid'] } }],
    [true, { state: { not: 'paid' } }],
    [false, { state: { not: 'open' } }],
    [true, { begun_at: { atMost: now } }],
    [false, { begun_at: { atMost: isoTime(NOW - 1) } }],
    [true, { state: 'open', superseded: false }],
    [false, { state: 'open', superseded: true }],
    [false, { state: 'paid', superseded: false }],
  ])('is written (%j) where it expects %j, and so is what relies on that', async (applied, expects) => {
    const order = shopOrder();
    const payment = paymentOf(order, { begun_at: now });
    await store.put({ put: 'order', record: order }, { put: 'payment', record: payment });
    const failing = {
      update: 'order',
      of: null,
      set: { status: 'failed' },
      expects: { version: 1 },
    } as const;
    expect(await write(order, failing, { check: 'payment', of: 1, expects })).toMatchObject({ applied });
    const closing = { update: 'payment', of: 1, set: { state: 'closed' }, expects } as const;
    expect(await write(order, closing)).toMatchObject({ applied });
    expect(await createOrderStore(store.context).read(order.order_no)).toMatchObject({
      order: { status: applied ? 'failed' : 'pending' },
      payments: [{ state: applied ? 'closed' : 'open' }],
    });
  });

  it('leaves what is owed, replaces it or takes it away, as it says', async () => {
    const order = shopOrder();
    const owed = async () => {
      const { work, work_due } = (await itemAt(order, 'ORDER')) ?? {};
      return work === undefined && work_due === undefined ? null : `${work} ${work_due}`;
    };
    const change = async (owes: Debt | null | undefined, marks?: Marks) => {
      const expects = { status: 'pending' };
      await write(order, { update: 'order', of: null, set: {}, expects, owes, ...(marks && { marks }) });
      return owed();
    };
    await store.put({ put: 'order', record: order, owes: { kind: 'check', due: NOW } });
    const first = await owed();
    expect(first).toMatch(new RegExp(`^check#[0-7] ${now}$`));
    expect(await change(undefined)).toBe(first);
    expect(await change(undefined, marksOf('order.paid'))).toBe(first);
    const next = `${first?.replace('check', 'notify').replace(now, isoTime(NOW + 1))}`;
    expect(await change({ kind: 'notify', due: NOW + 1 })).toBe(next);
    expect(await change(null)).toBeNull();
    expect(await change({ kind: 'notify', due: NOW + 1 }, marksOf('order.paid'))).toBe(next);
    expect(await change(null, marksOf('order.paid'))).toBeNull();
  });

  it('says what it is to be published as, which the next no longer does', async () => {
    const order = shopOrder();
    const change = async (marks?: Marks) => {
      const expects = { status: 'pending' };
      await write(order, { update: 'order', of: null, set: {}, expects, ...(marks && { marks }) });
      const { events, marked_at, marked_version, version } = (await itemAt(order, 'ORDER')) ?? {};
      return { events, marked_at, marked_version, version };
    };
    await store.put({ put: 'order', record: order });
    const events = '[{"type":"payment.failed"}]';
    const marked = { marked_at: now, marked_version: 2 };
    expect(await change(marksOf('payment.failed'))).toEqual({ events, ...marked, version: 2 });
    expect(await change()).toEqual({ events: undefined, ...marked, version: 3 });
  });
});

describe('what is read', () => {
  it('is null where there is no order, whatever else is there', async () => {
    const order = shopOrder();
    const orders = createOrderStore(store.context);
    expect(await orders.read(order.order_no)).toBeNull();
    await store.put({ put: 'exception', record: exceptionOf(order) });
    expect(await orders.read(order.order_no)).toBeNull();
  });

  it('is everything of the order, page by page', async () => {
    const order = shopOrder();
    const exceptions = Array.from({ length: 40 }, (_, index) =>
      exceptionOf(order, { transaction_id: `T${index}`, merchant: 'x'.repeat(30_000) }),
    );
    await store.put(
      { put: 'order', record: order },
      ...exceptions.map((record) => ({ put: 'exception', record }) as const),
    );
    const snapshot = await createOrderStore(store.context).read(order.order_no);
    expect(snapshot?.exceptions).toHaveLength(40);
  });
});
