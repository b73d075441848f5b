import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { systemIo } from '../../lib/io.ts';
import type { ProviderEvent } from '../../lib/orders/event.ts';
import { type Provider, providers } from '../../lib/orders/kinds.ts';
import { feesAccount, providerAccount } from '../../lib/orders/ledger.ts';
import type { Payment } from '../../lib/orders/payment.ts';
import type {
  BillRow,
  DisputeRow,
  PaymentRow,
  RefundAnswer,
  RefundRow,
} from '../../lib/orders/provider-gateway.ts';
import { applyEvent } from '../../lib/orders/settle.ts';
import { BillNotReadyError } from '../../lib/providers/bill.ts';
import { ProviderCallError } from '../../lib/providers/call.ts';
import { createReconciler, type Watch } from '../../lib/reconciler.ts';
import type { MerchantDay } from '../../lib/reconciliation/day-result.ts';
import { createLedgerStore } from '../../lib/store/ledger-store.ts';
import { createMerchantStore } from '../../lib/store/merchant-store.ts';
import { createOrderStore } from '../../lib/store/order-store.ts';
import { checkBooks } from '../support/books.ts';
import { itemsOf } from '../support/merchant-items.ts';
import { paidPayment, paymentOf, tenantOrder } from '../support/orders.ts';
import { useStore } from '../support/store.ts';
import { createFakeMerchants } from './orders/fake-merchants.ts';

const store = useStore();
const now = Date.parse('2026-11-22T08:00:00.000Z');
const io = { ...systemIo, now: () => now };
const noon = '2026-11-21T04:00:00.000Z';
const begun_at = '2026-11-21T03:59:00.000Z';
let merchants = createFakeMerchants();
let lastMerchant = 0;

/** A merchant of its own for each test, since all share a table. */
function merchantDay(provider: Provider): MerchantDay {
  lastMerchant += 1;
  return { provider, merchant: `m${lastMerchant}`, day: '2026-11-21' };
}

const context = () => ({ ...store.context, io });
const commitPorts = () => ({ io, store: createOrderStore(context()) });

/** An order whose payment was begun before noon, and perhaps paid. */
async function begun(
  { provider, merchant }: MerchantDay,
  { isPaid = true, booked_at = noon, ...changes }: Begun = {},
) {
  const order = tenantOrder({
    currency: 'CNY',
    status: isPaid ? 'paid' : 'pending',
    paid_by: isPaid ? 1 : null,
    ...(changes.amount !== undefined && { amount: changes.amount }),
  });
  const fields = { provider, merchant, appid: null, begun_at, ...changes };
  const payment = isPaid
    ? paidPayment(order, { transaction_id: `T-${order.order_no}`, paid_at: noon, ...fields })
    : paymentOf(order, fields);
  const booking = payment.booking && { ...payment.booking, booked_at };
  await store.put({ put: 'order', record: order }, { put: 'payment', record: { ...payment, booking } });
  return payment;
}

type Begun = Partial<Payment> & { readonly isPaid?: boolean; readonly booked_at?: string };

const movement = { at: noon, currency: 'CNY', fee: 0, fee_currency: 'CNY' };

const paymentRow = ({ payment_no, amount }: Payment, changes: Partial<PaymentRow> = {}): PaymentRow => ({
  ...movement,
  kind: 'payment',
  ...{ payment_no, amount, transaction_id: `T-${payment_no}` },
  ...changes,
});

const refundRow = ({ payment_no }: Payment, changes: Partial<RefundRow> = {}): RefundRow => ({
  ...movement,
  kind: 'refund',
  ...{ payment_no, transaction_id: `T-${payment_no}`, amount: 300 },
  ...{ refund_no: 'console-1', refund_id: 'R1', failed: false },
  ...changes,
});

function disputeRow(payment: Payment, changes: Partial<DisputeRow> = {}): DisputeRow {
  const { payment_no, provider, merchant, amount, currency } = payment;
  const transaction_id = `T-${payment_no}`;
  const moved = { id: `txn-${payment_no}`, amount: -amount, fee: 1500, fee_currency: currency };
  return {
    ...movement,
    kind: 'dispute',
    ...{ payment_no, transaction_id, amount, fee: 1_500_000, movement_id: moved.id },
    event: {
      type: 'dispute',
      ...{ payment_no, provider, merchant, transaction_id, amount, currency },
      ...{
        dispute_id: `du-${payment_no}`,
        reason: 'fraudulent',
        refundable: false,
        state: 'open',
        due_by: null,
      },
      movements: [moved],
    },
    ...changes,
  };
}

const silent = { log: () => {} };
const quiet: Watch = { onDifference: () => {}, onProgress: () => {}, shouldStop: () => false };

const reconciler = (started = now) =>
  createReconciler({
    ...{ io: { ...io, now: () => started }, store: context(), orderPrefix: '', telemetry: silent },
    merchants: { find: async (provider, name) => merchants.merchantOf(provider, { name }) },
  });

const rowsOf = (rows: readonly BillRow[]) => () =>
  (async function* () {
    yield* rows;
  })();

const reconcile = (day: MerchantDay, rows: readonly BillRow[], watch: Partial<Watch> = {}) =>
  reconciler().reconcile(day, rowsOf(rows), { ...quiet, ...watch });

const stored = (day: MerchantDay) => createMerchantStore(context()).days.read(day);

/** The kinds of the open exceptions of an order, or of a merchant. */
async function exceptions(of: string | MerchantDay): Promise<string[]> {
  const items = typeof of === 'string' ? await store.items(of) : await itemsOf(context(), of);
  return items
    .filter(({ sk }) => String(sk).startsWith('EXCEPTION#'))
    .map(({ kind }) => String(kind))
    .sort();
}

const settleEvent = (event: ProviderEvent) => applyEvent(commitPorts(), event);

describe.each(providers)('a day at %s with one of each difference', (provider) => {
  it('is settled where it can be, and told where it cannot', async () => {
    merchants = createFakeMerchants();
    const day = merchantDay(provider);
    const agreeing = await begun(day);
    const untold = await begun(day, { isPaid: false });
    const unnamed = await begun(day, { transaction_id: null });
    const twice = await begun(day);
    const smaller = await begun(day, { amount: 1200 });
    const absent = await begun(day);
    const returned = await begun(day);
    const disputed = await begun(day);
    const misstated = await begun(day, { isPaid: false });
    const nowhere = paymentOf(tenantOrder({ currency: 'CNY' }));
    const rows: BillRow[] = [
      paymentRow(agreeing, { fee: 11_994 }),
      paymentRow(untold),
      paymentRow(unnamed),
      paymentRow(twice),
      paymentRow(twice, { transaction_id: `T2-${twice.payment_no}` }),
      paymentRow(smaller, { amount: 1999 }),
      paymentRow(returned),
      refundRow(returned),
      paymentRow(disputed),
      disputeRow(disputed),
      paymentRow(misstated, { amount: 1 }),
      paymentRow(nowhere),
      { ...paymentRow(nowhere), payment_no: 'cart-1' },
      { ...paymentRow(nowhere), payment_no: null },
      { kind: 'other', name: 'payout', understood: true },
      { kind: 'other', name: '转账', understood: false },
    ];
    const expected = {
      rows: 16,
      agreed: 5,
      settled: 4,
      foreign: 2,
      others: { payout: 1, 转账: 1 },
      differences: { missing_here: 2, missing_there: 1, other_amount: 1, unknown_row: 1 },
      fees: { payment: { CNY: 11_994 }, dispute: { CNY: 1_500_000 } },
    };
    const first = await reconcile(day, rows);
    expect(first).toMatchObject({
      outcome: 'differs',
      result: { ...expected, state: 'differs', position: null },
    });
    const seen = async () => ({
      untold: await exceptions(untold.order_no),
      unnamed: await exceptions(unnamed.order_no),
      twice: await exceptions(twice.order_no),
      smaller: await exceptions(smaller.order_no),
      absent: await exceptions(absent.order_no),
      returned: await exceptions(returned.order_no),
      disputed: await exceptions(disputed.order_no),
      misstated: await exceptions(misstated.order_no),
      merchant: await exceptions(day),
    });
    const told = {
      untold: [],
      unnamed: [],
      twice: ['paid_twice'],
      smaller: ['other_amount'],
      absent: ['missing_there'],
      returned: ['unknown_refund'],
      disputed: ['disputed'],
      // Of one sum of money, one exception.
      misstated: ['mismatch'],
      merchant: ['missing_here', 'unknown_row'],
    };
    expect(await seen()).toEqual(told);
    const books = async () => (await commitPorts().store.read(unnamed.order_no))?.payments[0]?.transaction_id;
    expect(await books()).toBe(`T-${unnamed.payment_no}`);

    // By the queue again, and by hand from the beginning.
    expect(await reconcile(day, rows)).toEqual({ outcome: 'known' });
    const again = await reconciler().reconcile(day, rowsOf(rows), quiet, { afresh: true });
    expect(again).toMatchObject({ outcome: 'differs', result: { ...expected, agreed: 9, settled: 0 } });
    expect(await seen()).toEqual(told);
  });
});

it('leaves books in which debits equal credits, and each fee once', async () => {
  const { Items = [] } = await store.context.client.send(
    new ScanCommand({ TableName: store.context.tableName }),
  );
  const taken = Items.flatMap(({ transaction_id, amount, booked_at, n }) =>
    n !== undefined && typeof transaction_id === 'string' && booked_at
      ? { transaction_id, amount: Number(amount) }
      : [],
  );
  expect(checkBooks({ items: Items, taken, perhapsTaken: new Set(), returned: [], announced: null })).toEqual(
    [],
  );
});

describe('fees', () => {
  const entriesOf = async (account: string) => {
    const period = { from: '2026-11-22T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' };
    const { items } = await createLedgerStore(context()).readPage(account, period, null, 100);
    return items
      .map(({ kind, debit, credit, amount, currency, order_no }) => [
        kind,
        debit,
        credit,
        amount,
        currency,
        order_no,
      ])
      .sort((one, other) => String(one).localeCompare(String(other)));
  };

  it('are booked once for each kind and currency, in whole units, whichever way they went', async () => {
    const day = merchantDay('stripe');
    const [one, two, three] = [await begun(day), await begun(day), await begun(day)];
    const rows = [
      paymentRow(one, { fee: 600, fee_currency: 'GBP' }),
      paymentRow(two, { fee: 900, fee_currency: 'GBP' }),
      paymentRow(three, { fee: 400 }),
      refundRow(one, { fee: -2_000, fee_currency: 'GBP' }),
      { ...paymentRow(one), payment_no: 'cart-1', fee: 9_000 },
    ];
    await reconcile(day, rows);
    const [fees, account] = [feesAccount(day), providerAccount(day)];
    const booked = [
      ['fee', account, fees, 2, 'GBP', null],
      // 1.5 of the smallest unit; and 0.4 are none.
      ['fee', fees, account, 2, 'GBP', null],
    ].sort((left, right) => String(left).localeCompare(String(right)));
    expect(await entriesOf(fees)).toEqual(booked);
    expect((await stored(day))?.fees).toEqual({ payment: { GBP: 1_500, CNY: 400 }, refund: { GBP: -2_000 } });
    await reconciler().reconcile(day, rowsOf(rows), quiet, { afresh: true });
    expect(await entriesOf(fees)).toEqual(booked);
  });

  it('of a bill that has changed are booked as far as they do, whenever a run dies', async () => {
    const day = merchantDay('wechat');
    const [one, two] = [await begun(day), await begun(day)];
    const again = (fees: readonly number[]) =>
      reconciler().reconcile(
        day,
        rowsOf([one, two].map((payment, index) => paymentRow(payment, { fee: fees[index] ?? 0 }))),
        quiet,
        { afresh: true },
      );
    const sumOf = async () =>
      (await entriesOf(feesAccount(day))).reduce(
        (sum, [, debit, , amount]) => sum + Number(amount) * (debit === feesAccount(day) ? 1 : -1),
        0,
      );
    for (const [fees, sum] of [
      [[12_000], 12],
      [[12_000, 12_000], 24],
      [[12_000, 12_000], 24],
      [[4_000], 4],
    ] as const) {
      await again(fees);
      expect(await sumOf()).toBe(sum);
    }
  });

  it('of what is not paid are booked as they are kept and given back', async () => {
    const day = merchantDay('stripe');
    const payment = await begun(day, { isPaid: false });
    const rows = [
      paymentRow(payment, { unpaid: 'failed', fee: 5_000 }),
      refundRow(payment, { refund_no: null, ofUnpaid: true, fee: -4_000 }),
    ];
    await reconcile(day, rows);
    const [fees, account] = [feesAccount(day), providerAccount(day)];
    expect(await entriesOf(fees)).toEqual(
      [
        ['fee', fees, account, 5, 'CNY', null],
        ['fee', account, fees, 4, 'CNY', null],
      ].sort((left, right) => String(left).localeCompare(String(right))),
    );
  });

  it('of a dispute are booked with the dispute, and not again', async () => {
    const day = merchantDay('stripe');
    const payment = await begun(day);
    await reconcile(day, [paymentRow(payment), disputeRow(payment)]);
    const fees = feesAccount(day);
    expect(await entriesOf(fees)).toEqual([
      ['fee', fees, providerAccount(day), 1500, 'CNY', payment.order_no],
    ]);
  });
});

describe('a run without time', () => {
  it('goes on where it stopped, at each row and each part, and comes to the same', async () => {
    const day = merchantDay('wechat');
    const payments = [await begun(day), await begun(day, { isPaid: false }), await begun(day)];
    await begun(day);
    const [first, second, third] = payments as [Payment, Payment, Payment];
    const rows = [
      paymentRow(first, { fee: 1_000 }),
      paymentRow(second, { fee: 1_000 }),
      paymentRow(third, { amount: 1, fee: 1_000 }),
      refundRow(first),
      { kind: 'other', name: '转账', understood: false } as const,
      paymentRow(first),
    ];
    const outcomes: string[] = [];
    for (let run = 0; run < 100 && outcomes.at(-1) !== 'differs'; run += 1) {
      outcomes.push((await reconcile(day, rows, { shouldStop: () => true })).outcome);
    }
    expect(outcomes.filter((outcome) => outcome === 'stopped').length).toBeGreaterThan(rows.length + 10);
    expect(await stored(day)).toMatchObject({
      ...{ state: 'differs', rows: 6, agreed: 1, settled: 2, position: null },
      differences: { missing_here: 1, missing_there: 1, other_amount: 1, unknown_row: 1 },
      sums: { payment: { CNY: 1999 * 3 + 1 }, refund: { CNY: 300 } },
      fees: { payment: { CNY: 3_000 } },
    });
  });

  it('asks for no row again that was compared', async () => {
    const day = merchantDay('wechat');
    const payments = [await begun(day), await begun(day)] as [Payment, Payment];
    const rows = payments.map((payment) => paymentRow(payment));
    let stops = 0;
    expect(await reconcile(day, rows, { shouldStop: () => ++stops === 1 })).toMatchObject({
      outcome: 'stopped',
      result: { state: 'running', rows: 1, position: { rows: 1, part: null } },
    });
    // What was compared is there no more; only its name is.
    const { order_no } = payments[0];
    await store.put({ put: 'payment', record: { ...paymentOf(tenantOrder({ order_no })), order_no } });
    expect(await reconcile(day, rows)).toMatchObject({
      outcome: 'agreed',
      result: { rows: 2, agreed: 2, runs: 2 },
    });
  });

  it('begins anew where the bill is another by then', async () => {
    const day = merchantDay('wechat');
    const payments = [await begun(day), await begun(day)] as [Payment, Payment];
    const rows = payments.map((payment) => paymentRow(payment));
    let stops = 0;
    await reconcile(day, rows, { shouldStop: () => ++stops === 1 });
    expect(await reconcile(day, rows.toReversed())).toMatchObject({
      outcome: 'agreed',
      result: { rows: 2, agreed: 2 },
    });
    const later = merchantDay('wechat');
    const shorter = paymentRow(await begun(later));
    await reconcile(later, [shorter], { shouldStop: () => true });
    expect(await reconcile(later, [])).toMatchObject({ outcome: 'differs', result: { rows: 0 } });
  });
});

describe('a bill that is not there yet', () => {
  const rejecting = (error: Error) => () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
  });
  const late = rejecting(new BillNotReadyError('wechat'));

  it('is late, and is reconciled when it is there', async () => {
    const day = merchantDay('wechat');
    const run = () => reconciler().reconcile(day, late, quiet);
    expect(await run()).toMatchObject({ outcome: 'late' });
    expect(await run()).toMatchObject({ outcome: 'late' });
    expect(await stored(day)).toMatchObject({ state: 'late', finished_at: null });
    const payment = await begun(day);
    expect(await reconcile(day, [paymentRow(payment)])).toMatchObject({ outcome: 'agreed' });
  });

  it('fails for another reason', async () => {
    const day = merchantDay('wechat');
    const fail = rejecting(new Error('no answer'));
    await expect(reconciler().reconcile(day, fail, quiet)).rejects.toThrow('no answer');
    expect(await stored(day)).toMatchObject({ state: 'running' });
  });
});

describe('several at once', () => {
  it('write one result, one exception and one booking', async () => {
    const day = merchantDay('alipay');
    const payment = await begun(day, { isPaid: false });
    const nowhere = paymentOf(tenantOrder({ currency: 'CNY' }));
    await begun(day);
    const rows = [paymentRow(payment, { fee: 5_000 }), refundRow(payment), paymentRow(nowhere)];
    const results = await Promise.all(
      [1, 2, 3, 4].map((offset) => reconciler(now + offset).reconcile(day, rowsOf(rows), quiet)),
    );
    expect(results.filter(({ outcome }) => outcome === 'differs')).toHaveLength(1);
    expect(await exceptions(day)).toEqual(['missing_here']);
    expect(await exceptions(payment.order_no)).toEqual(['unknown_refund']);
    const snapshot = await commitPorts().store.read(payment.order_no);
    expect(snapshot?.payments).toMatchObject([{ state: 'paid', returned: 300 }]);
    const items = await itemsOf(context(), day);
    expect(items.map(({ sk }) => String(sk)).sort()).toEqual([
      'DAY#2026-11-21',
      'ENTRY#FEE#2026-11-21#payment#CNY',
      `EXCEPTION#missing_here#alipay#${nowhere.payment_no}#T-${nowhere.payment_no}`,
    ]);
  });
});

describe('a row of what went back', () => {
  it('asks about a payment that nobody has told of, whatever comes first in the bill', async () => {
    merchants = createFakeMerchants();
    const day = merchantDay('stripe');
    const payment = await begun(day, { isPaid: false });
    merchants.pay(payment, { transaction_id: `T-${payment.payment_no}`, paid_at: noon });
    const rows = [refundRow(payment), paymentRow(payment)];
    expect(await reconcile(day, rows)).toMatchObject({
      outcome: 'agreed',
      result: { agreed: 1, settled: 1 },
    });
    const snapshot = await commitPorts().store.read(payment.order_no);
    expect(snapshot).toMatchObject({
      order: { status: 'paid' },
      payments: [{ state: 'paid', returned: 300 }],
    });
  });

  it('is missing where its payment stays unknown', async () => {
    merchants = createFakeMerchants();
    const day = merchantDay('stripe');
    const payment = await begun(day, { isPaid: false });
    expect(await reconcile(day, [refundRow(payment)])).toMatchObject({ outcome: 'differs' });
    expect(await exceptions(payment.order_no)).toEqual(['missing_here']);
  });

  it('names what was known as a sum in all, which is booked once', async () => {
    const day = merchantDay('alipay');
    const payment = await begun(day);
    const { payment_no, provider, merchant } = payment;
    await settleEvent({
      type: 'refund_succeeded',
      ...{ payment_no, provider, merchant, refund_no: null, refund_id: null, total: 300 },
    });
    const rows = [paymentRow(payment), refundRow(payment)];
    expect(await reconcile(day, rows)).toMatchObject({ outcome: 'agreed' });
    const snapshot = await commitPorts().store.read(payment.order_no);
    expect(snapshot).toMatchObject({
      payments: [{ returned: 300 }],
      returns: [{ return_id: 'R1', amount: 300 }],
    });
  });

  describe('that was not decided when the bill was written', () => {
    const undecided = (payment: Payment) => refundRow(payment, { failed: null });
    const returnsOf = async ({ order_no }: Payment) => (await commitPorts().store.read(order_no))?.returns;

    it.each(['open', 'absent', 'succeeded', 'abnormal'] as const)(
      'is booked as gone where its provider says no other: %s',
      async (state) => {
        merchants = createFakeMerchants();
        merchants.script('queryRefund', () => ({ state, refund_id: 'R1' }) as RefundAnswer);
        const day = merchantDay('wechat');
        const payment = await begun(day);
        const outcome = await reconcile(day, [paymentRow(payment), undecided(payment)]);
        expect(outcome).toMatchObject({ outcome: 'agreed', result: { settled: 1 } });
        expect(await returnsOf(payment)).toMatchObject([{ status: 'succeeded', amount: 300, booked: 300 }]);
        expect(await exceptions(payment.order_no)).toEqual(['unknown_refund']);
      },
    );

    it('is booked as gone where nobody can be asked', async () => {
      merchants = createFakeMerchants();
      merchants.script('queryRefund', () => {
        throw new ProviderCallError('wechat', 500, 'down');
      });
      const day = merchantDay('wechat');
      const payment = await begun(day);
      expect(await reconcile(day, [paymentRow(payment), undecided(payment)])).toMatchObject({
        outcome: 'agreed',
      });
      expect(await returnsOf(payment)).toMatchObject([{ status: 'succeeded' }]);
    });

    it('is nothing where its provider says by now that it failed', async () => {
      merchants = createFakeMerchants();
      merchants.script('queryRefund', () => ({ state: 'failed', refund_id: 'R1' }));
      const day = merchantDay('wechat');
      const payment = await begun(day);
      expect(await reconcile(day, [paymentRow(payment), undecided(payment)])).toMatchObject({
        outcome: 'agreed',
      });
      expect(await returnsOf(payment)).toMatchObject([{ status: 'failed' }]);
      expect(await commitPorts().store.read(payment.order_no)).toMatchObject({ payments: [{ returned: 0 }] });
      expect(await exceptions(payment.order_no)).toEqual([]);
    });

    it('is nothing where it is known to have failed', async () => {
      const day = merchantDay('wechat');
      const payment = await begun(day);
      const { payment_no, provider, merchant } = payment;
      const failed = { payment_no, provider, merchant, refund_no: 'console-1', refund_id: 'R1', amount: 300 };
      await settleEvent({ type: 'refund_failed', ...failed });
      expect(await reconcile(day, [paymentRow(payment), undecided(payment)])).toMatchObject({
        outcome: 'agreed',
        result: { settled: 0 },
      });
      expect(await exceptions(payment.order_no)).toEqual([]);
    });
  });

  it('takes one that its provider says to have failed back', async () => {
    const day = merchantDay('stripe');
    const payment = await begun(day);
    await reconcile(day, [paymentRow(payment), refundRow(payment)]);
    const next = { ...day, day: '2026-11-22' };
    const failed = refundRow(payment, { failed: true, amount: -300 });
    expect(await reconcile(next, [failed])).toMatchObject({ outcome: 'agreed', result: { settled: 1 } });
    const snapshot = await commitPorts().store.read(payment.order_no);
    expect(snapshot).toMatchObject({ payments: [{ returned: 0 }], returns: [{ status: 'failed' }] });
    expect(await exceptions(payment.order_no)).toEqual(['refund_failed', 'unknown_refund']);
  });
});

describe('a bill that two merchants have', () => {
  const seller = '2088102147948060';
  const days = ['2021000000000001', '2021000000000002'].map((app) => ({
    ...{ provider: 'alipay' as const, merchant: `${app}.${seller}`, day: '2026-11-21' },
  }));

  it('is each one’s by its own payments, and no fee is booked twice', async () => {
    const payments = await Promise.all(days.map((day) => begun(day)));
    const rows = payments.flatMap((payment) => [
      paymentRow(payment, { fee: 12_000 }),
      refundRow(payment, { refund_no: `console-${payment.order_no}`, refund_id: null }),
    ]);
    for (const day of days) {
      const outcome = await reconcile(day, rows);
      expect(outcome).toMatchObject({
        outcome: 'agreed',
        result: { rows: 4, agreed: 1, settled: 1, foreign: 2 },
      });
      expect(outcome).toMatchObject({ result: { fees: { payment: { CNY: 12_000 } } } });
    }
    for (const { order_no } of payments) expect(await exceptions(order_no)).toEqual(['unknown_refund']);
  });

  it('tells of what belongs to a merchant with a bill of its own', async () => {
    const [day] = days;
    if (!day) throw new Error('no day');
    const payment = await begun({ ...day, merchant: '2021000000000003.2088102147948061' });
    expect(await reconcile({ ...day, day: '2026-11-20' }, [paymentRow(payment)])).toMatchObject({
      outcome: 'differs',
    });
    expect(await exceptions(payment.order_no)).toEqual(['mismatch']);
  });
});

describe('a bank debit', () => {
  const takenBack = (payment: Payment) =>
    refundRow(payment, {
      ...{ refund_no: null, refund_id: 'txn_2', amount: payment.amount, ofUnpaid: true },
    });

  it('pays no order while it is pending, and none when it fails', async () => {
    merchants = createFakeMerchants();
    const day = merchantDay('stripe');
    const payment = await begun(day, { isPaid: false });
    expect(await reconcile(day, [paymentRow(payment, { unpaid: 'pending' })])).toMatchObject({
      outcome: 'agreed',
      result: { under_way: 1 },
    });
    const next = { ...day, day: '2026-11-22' };
    expect(await reconcile(next, [takenBack(payment)])).toMatchObject({ outcome: 'agreed' });
    const snapshot = await commitPorts().store.read(payment.order_no);
    expect(snapshot).toMatchObject({ order: { status: 'pending' }, payments: [{ state: 'open' }] });
    expect(await exceptions(payment.order_no)).toEqual([]);
  });

  it('is not blamed on the bill of the day on which it succeeds, when its row was in that of another', async () => {
    const day = merchantDay('stripe');
    const order = await begun(day, {
      begun_at: '2026-11-18T10:00:00.000Z',
      paid_at: '2026-11-21T03:50:00.000Z',
    });
    expect(await reconcile(day, [])).toMatchObject({ outcome: 'agreed', result: { undecided: 1 } });
    expect(await exceptions(order.order_no)).toEqual([]);
  });

  it('is booked as gone back, and told, where it had paid an order', async () => {
    const day = merchantDay('stripe');
    const payment = await begun(day);
    const rows = [takenBack(payment), paymentRow(payment)];
    expect(await reconcile(day, rows)).toMatchObject({ result: { agreed: 1, settled: 1 } });
    const snapshot = await commitPorts().store.read(payment.order_no);
    expect(snapshot).toMatchObject({ payments: [{ returned: payment.amount }] });
    expect(await exceptions(payment.order_no)).toEqual(['unknown_refund']);
    expect(await exceptions(day)).toEqual([]);
    expect(await reconciler().reconcile(day, rowsOf(rows), quiet, { afresh: true })).toMatchObject({
      outcome: 'agreed',
    });
  });
});

describe('what may be in the bills of two days', () => {
  const dates = ['2026-11-21', '2026-11-22'] as const;
  const runs = [
    ['the first day first', dates],
    ['the second day first', dates.toReversed()],
  ] as const;
  const twoDays = async () => {
    const { provider, merchant } = merchantDay('wechat');
    const payment = await begun(
      { provider, merchant, day: '' },
      { begun_at: '2026-11-21T15:57:00.000Z', booked_at: '2026-11-21T16:02:00.000Z', paid_at: null },
    );
    const run = (day: string, rows: readonly BillRow[]) =>
      reconciler(Date.parse('2026-11-23T02:00:00.000Z')).reconcile(
        { provider, merchant, day },
        rowsOf(rows),
        quiet,
        { afresh: true },
      );
    return { payment, run };
  };

  it.each(runs)('is told once, as missing there, where it is in neither: %s', async (_name, days) => {
    const { payment, run } = await twoDays();
    const [first, second] = days as readonly [string, string];
    expect(await run(first, [])).toMatchObject({ outcome: 'agreed', result: { undecided: 1 } });
    expect(await exceptions(payment.order_no)).toEqual([]);
    expect(await run(second, [])).toMatchObject({
      outcome: 'differs',
      result: { undecided: 0, differences: { missing_there: 1 } },
    });
    expect(await exceptions(payment.order_no)).toEqual(['missing_there']);
  });

  it.each(runs)('is nothing to tell where one of them has it: %s', async (_name, days) => {
    for (const having of days) {
      const { payment, run } = await twoDays();
      for (const day of days) {
        const rows = day === having ? [paymentRow(payment)] : [];
        expect(await run(day, rows)).toMatchObject({ outcome: 'agreed' });
      }
      expect(await exceptions(payment.order_no)).toEqual([]);
    }
  });
});

it('pays no order by a transaction of before its payment was begun', async () => {
  const day = merchantDay('wechat');
  const payment = await begun(day, { isPaid: false });
  const row = paymentRow(payment, { at: '2026-11-21T02:00:00.000Z' });
  expect(await reconcile(day, [row])).toMatchObject({ outcome: 'differs' });
  const snapshot = await commitPorts().store.read(payment.order_no);
  expect(snapshot?.payments).toMatchObject([{ state: 'closed' }]);
  expect(await exceptions(payment.order_no)).toEqual(['number_spent']);
});

it('writes nothing where it only looks', async () => {
  const day = merchantDay('wechat');
  const payment = await begun(day, { isPaid: false });
  const rows = [paymentRow(payment, { fee: 1_000 }), refundRow(payment)];
  const tally = await reconciler().compare(day, rowsOf(rows), quiet);
  expect(tally.differences.missing_here).toBe(2);
  expect(await itemsOf(context(), day)).toEqual([]);
  expect(await exceptions(payment.order_no)).toEqual([]);
});
