import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { BookedEntry } from '../../../lib/orders/change.ts';
import type { Dispute } from '../../../lib/orders/dispute.ts';
import type { DisputeEvent, DisputeMovement } from '../../../lib/orders/event.ts';
import { exceptionId } from '../../../lib/orders/exception.ts';
import { feesAccount, providerAccount, suspenseAccount } from '../../../lib/orders/ledger.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { resolveException } from '../../../lib/orders/resolve-exception.ts';
import { applyEvent } from '../../../lib/orders/settle.ts';
import { remindOfDispute } from '../../../lib/orders/settle-dispute.ts';
import { sweepChecks } from '../../../lib/orders/sweep.ts';
import {
  disputeOf,
  NOW,
  paidPayment,
  paymentOf,
  successOf,
  suspenseOf,
  tenantOrder,
} from '../../support/orders.ts';
import { createWorld } from './world.ts';

const now = isoTime(NOW);
const DAY_MS = 24 * 3_600_000;
const due_by = isoTime(NOW + 7 * DAY_MS);
const reminded_at = NOW + 5 * DAY_MS;

const withdrawal: DisputeMovement = { id: 'txn_1', amount: -1999, fee: 1500, fee_currency: 'USD' };
const reinstatement: DisputeMovement = { id: 'txn_2', amount: 1999, fee: -1500, fee_currency: 'USD' };

/** What is on an account. */
const sumOf = (entries: readonly BookedEntry[], account: string): number =>
  entries.reduce(
    (sum, { debit, credit, amount }) =>
      sum + (credit === account ? amount : 0) - (debit === account ? amount : 0),
    0,
  );

/** A tenant's order that was paid with 19.99 dollars, in dispute. */
function disputed() {
  const order = tenantOrder({ status: 'paid', paid_by: 1, paid_at: now });
  const payment = paidPayment(order);
  const world = createWorld({ order, payments: [payment] });
  const { payment_no, provider, merchant, amount, currency } = payment;
  const event = (said: Partial<DisputeEvent> = {}): DisputeEvent => ({
    ...{ type: 'dispute', payment_no, provider, merchant, dispute_id: 'du_1', transaction_id: 'T1' },
    ...{ amount, currency, reason: 'fraudulent', refundable: false, state: 'open', due_by, movements: [] },
    ...said,
  });
  const { ports, store } = world;
  return {
    ...world,
    order,
    payment,
    event,
    tell: (said: Partial<DisputeEvent> = {}) => applyEvent(ports, event(said)),
    stored: () => store.stored(order),
    entries: () => store.entries(order),
    debt: () => store.debts(order)['dispute du_1'],
    sweepAt: async (at: number) => {
      world.clock.now = at;
      await sweepChecks(ports);
      return world.reports.at(-1)?.[1].outcome;
    },
    refund: (key: string) => {
      const request = { order_no: order.order_no, amountOf: () => null, amountText: null, reason: '退款' };
      const caller = { operation: 'refund', subject: 'admin-1', key } as const;
      return requestRefund(ports, { ...request, transaction_id: null }, caller);
    },
  };
}

describe('a dispute', () => {
  it('is stored, booked with its fee, and told, and leaves its order as it was', async () => {
    const { tell, order, payment, stored, entries, store } = disputed();
    const { order_no } = order;
    const said = { movements: [withdrawal] };
    expect(await tell(said)).toEqual({ outcome: 'disputed', order_no, status: 'paid' });
    expect(await tell(said)).toEqual({ outcome: 'dispute_known', order_no, status: 'paid' });
    expect(stored()).toMatchObject({
      order,
      payments: [payment],
      disputes: [
        { dispute_id: 'du_1', payment: 1, state: 'open', withdrawn: 1999, movements: ['txn_1'], version: 1 },
      ],
      exceptions: [
        {
          ...{ kind: 'disputed', refund_no: 'du_1', transaction_id: 'T1', amount: 1999, currency: 'USD' },
          ...{
            reason: 'fraudulent',
            due_by,
            payment_no: payment.payment_no,
            state: 'open',
          },
        },
      ],
    });
    const common = { order_no, currency: 'USD', credit: providerAccount(payment), transaction_id: 'T1' };
    expect(entries()).toMatchObject([
      { ...common, kind: 'dispute', reference: 'txn_1', amount: 1999, debit: suspenseAccount(payment) },
      { ...common, kind: 'fee', reference: 'txn_1', amount: 1500, debit: feesAccount(payment) },
    ]);
    expect(Object.values(store.debts(order)).sort()).toEqual([
      `alert ${isoTime(NOW + 5 * 60_000)}`,
      `check ${isoTime(reminded_at)}`,
    ]);
  });

  it('that is won is booked back with its fee, and lost no more', async () => {
    const { tell, payment, stored, entries, debt } = disputed();
    await tell({ movements: [withdrawal] });
    const end = { state: 'won', movements: [withdrawal, reinstatement] } as const;
    expect(await tell(end)).toMatchObject({ outcome: 'dispute_updated', status: 'paid' });
    expect(await tell({ state: 'lost' })).toMatchObject({ outcome: 'dispute_known' });
    expect(stored()).toMatchObject({
      disputes: [{ state: 'won', withdrawn: 0 }],
      exceptions: [{ kind: 'disputed' }],
    });
    expect(entries().slice(2)).toMatchObject([
      {
        kind: 'dispute',
        reference: 'txn_2',
        debit: providerAccount(payment),
        credit: suspenseAccount(payment),
      },
      { kind: 'fee', reference: 'txn_2', debit: providerAccount(payment), credit: feesAccount(payment) },
    ]);
    expect(debt()).toBeUndefined();
  });

  it('of a part, with a fee in another currency and none, is booked as it was said', async () => {
    const { tell, entries, stored } = disputed();
    const movements = [
      { id: 'txn_1', amount: -500, fee: 1200, fee_currency: 'EUR' },
      { id: 'txn_2', amount: 200, fee: 0, fee_currency: 'EUR' },
    ];
    await tell({ amount: 500, movements });
    expect(entries().map(({ kind, amount, currency }) => [kind, amount, currency])).toEqual([
      ['dispute', 500, 'USD'],
      ['fee', 1200, 'EUR'],
      ['dispute', 200, 'USD'],
    ]);
    expect(stored().disputes).toMatchObject([{ amount: 500, withdrawn: 300 }]);
  });

  it('comes to the same in every order of what is said of it, however often', async () => {
    const { event } = disputed();
    const said = [
      event(),
      event({ movements: [withdrawal] }),
      event({ state: 'lost', movements: [withdrawal] }),
      event({ state: 'won', movements: [withdrawal, reinstatement], due_by: null }),
      event({ due_by: isoTime(NOW + 9 * DAY_MS) }),
    ];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...said, ...said], { minLength: 10 }), async (messages) => {
        const { ports, payment, stored, entries } = disputed();
        const { payment_no } = payment;
        for (const message of messages) await applyEvent(ports, { ...message, payment_no });
        const { order, disputes, exceptions } = stored();
        expect(order.status).toBe('paid');
        expect(disputes).toMatchObject([{ state: 'won', withdrawn: 0, due_by: isoTime(NOW + 9 * DAY_MS) }]);
        expect(disputes[0]?.movements.toSorted()).toEqual(['txn_1', 'txn_2']);
        expect(exceptions).toHaveLength(1);
        const references = entries().map(({ kind, reference }) => `${kind} ${reference}`);
        expect(references.sort()).toEqual(['dispute txn_1', 'dispute txn_2', 'fee txn_1', 'fee txn_2']);
      }),
      { numRuns: 200 },
    );
  });

  it('whose money is withdrawn later than it was told of has gone on', async () => {
    const { tell, stored, entries } = disputed();
    await tell();
    expect(await tell({ movements: [withdrawal] })).toMatchObject({ outcome: 'dispute_updated' });
    expect(stored().disputes).toMatchObject([{ state: 'open', withdrawn: 1999, version: 2 }]);
    expect(entries()).toHaveLength(2);
  });

  it('that moves money after its exception was dismissed is for people to see again', async () => {
    const { tell, order, ports, stored, store } = disputed();
    await tell();
    await tell({ dispute_id: 'du_2' });
    const dismiss = async () => {
      const id = stored().exceptions.map(exceptionId)[0] ?? '';
      const end = { resolution: 'dismissed', reason: '核对过', by: 'admin-1' } as const;
      await resolveException(ports, { order_no: order.order_no, id, ...end });
    };
    await dismiss();
    await tell({ due_by: isoTime(NOW + 9 * DAY_MS) });
    expect(stored().exceptions).toMatchObject([{ state: 'resolved' }, { state: 'open', version: 1 }]);
    for (const _again of [1, 2]) await tell({ movements: [withdrawal] });
    expect(stored().exceptions).toMatchObject([{ state: 'open', resolved: null }, { version: 1 }]);
    expect(Object.entries(store.debts(order))).toContainEqual([
      expect.stringContaining('du_1'),
      `alert ${isoTime(NOW + 5 * 60_000)}`,
    ]);
    await dismiss();
    // Nothing is missing, and nobody bears anything.
    await tell({ movements: [withdrawal, reinstatement] });
    expect(stored().exceptions).toMatchObject([{ state: 'resolved' }, { version: 1 }]);
  });

  it('leaves what people have ended about anything else, and what does not move money, as it was', async () => {
    const { tell, ports, order, stored } = disputed();
    const dismiss = async () => {
      for (const one of stored().exceptions.filter(({ state }) => state === 'open')) {
        const end = { resolution: 'dismissed', reason: '核对过', by: 'admin-1' } as const;
        await resolveException(ports, { order_no: order.order_no, id: exceptionId(one), ...end });
      }
    };
    const states = () => stored().exceptions.map(({ kind, refund_no, state }) => [kind, refund_no, state]);
    await tell({ currency: 'EUR' });
    await dismiss();
    await tell({ movements: [withdrawal] });
    const mismatch = ['mismatch', 'du_1', 'resolved'];
    expect(states()).toEqual([mismatch, ['disputed', 'du_1', 'open']]);
    await dismiss();
    await tell({ state: 'lost', movements: [withdrawal] });
    expect(states()).toEqual([mismatch, ['disputed', 'du_1', 'resolved']]);
    await tell({ dispute_id: 'du_2', movements: [{ ...withdrawal, id: 'txn_9' }] });
    expect(states()).toEqual([mismatch, ['disputed', 'du_1', 'resolved'], ['disputed', 'du_2', 'open']]);
  });

  it('that people had dismissed before its transaction was known is for them to see once it is booked', async () => {
    const { tell, ports, order, payment, stored } = disputed();
    const said = { transaction_id: 'T2', movements: [withdrawal] };
    await tell(said);
    const [told] = stored().exceptions;
    const end = { resolution: 'dismissed', reason: '核对过', by: 'admin-1' } as const;
    await resolveException(ports, { order_no: order.order_no, id: told ? exceptionId(told) : '', ...end });
    await applyEvent(ports, successOf(payment, { transaction_id: 'T2' }));
    await tell(said);
    expect(stored()).toMatchObject({
      disputes: [{ withdrawn: 1999 }],
      exceptions: [{ kind: 'disputed', state: 'open', resolved: null }, { kind: 'paid_twice' }],
    });
  });

  it('that moves money after its loss was attributed is for people again, who attribute what has changed', async () => {
    const { tell, order, ports, stored, entries, payment } = disputed();
    const lostAgain = { ...withdrawal, id: 'txn_3' };
    const story = [
      { state: 'lost', movements: [withdrawal] },
      { state: 'won', movements: [withdrawal, reinstatement] },
      { state: 'won', movements: [withdrawal, reinstatement, lostAgain] },
    ] as const;
    for (const said of story) {
      for (const _again of [1, 2]) await tell(said);
      expect(stored().exceptions).toMatchObject([{ state: 'open', resolved: null }]);
      const id = stored().exceptions.map(exceptionId)[0] ?? '';
      const end = { resolution: 'attributed', reason: '核对过', by: 'admin-1' } as const;
      for (const _again of [1, 2]) await resolveException(ports, { order_no: order.order_no, id, ...end });
      const { withdrawn, borne } = stored().disputes[0] ?? {};
      expect(borne).toBe(withdrawn);
      expect(sumOf(entries(), suspenseAccount(payment))).toBe(0);
      expect(sumOf(entries(), 'tenant:7')).toBe(0 - (withdrawn ?? Number.NaN));
      await tell(said);
      expect(stored().exceptions).toMatchObject([{ state: 'resolved' }]);
    }
    expect(entries().filter(({ kind }) => kind === 'attribution')).toHaveLength(3);
  });

  it('of a transaction that is not known yet is told of, and booked once that is known', async () => {
    const { tell, order, payment, ports, stored, entries } = disputed();
    const said = { transaction_id: 'T2', movements: [withdrawal] };
    const { order_no } = order;
    for (const _again of [1, 2]) expect(await tell(said)).toEqual({ outcome: 'not_settled', order_no });
    expect([stored().disputes, entries()]).toEqual([[], []]);
    expect(stored().exceptions).toMatchObject([
      { kind: 'disputed', refund_no: 'du_1', transaction_id: 'T2' },
    ]);
    await applyEvent(ports, successOf(payment, { transaction_id: 'T2' }));
    expect(await tell(said)).toMatchObject({ outcome: 'disputed' });
    expect(stored().disputes).toMatchObject([{ transaction_id: 'T2', withdrawn: 1999 }]);
    expect(await tell({ dispute_id: 'du_2', transaction_id: null })).toMatchObject({ outcome: 'disputed' });
  });

  it('of a further transaction keeps nobody from returning what its order was paid with, and the other way round', async () => {
    for (const [transaction_id, wanted, other] of [
      ['T2', 'T2', null],
      ['T1', null, 'T2'],
    ] as const) {
      const { tell, payment, store, ports, order } = disputed();
      store.seed({ suspense: [suspenseOf(payment)] });
      await tell({ transaction_id, state: 'lost', movements: [withdrawal] });
      const refund = (of: string | null) => {
        const request = { order_no: order.order_no, amountOf: () => 100, amountText: '1', reason: '退款' };
        const caller = { operation: 'refund', subject: 'admin-1', key: `${of}` } as const;
        return requestRefund(ports, { ...request, transaction_id: of }, caller);
      };
      expect(await refund(wanted)).toEqual({ outcome: 'disputed' });
      expect(await refund(other)).toMatchObject({ outcome: 'accepted' });
    }
  });

  it('that is over when it is first told of is a version later than one that is opened', async () => {
    for (const [state, version] of [
      ['open', 1],
      ['lost', 2],
      ['won', 2],
    ] as const) {
      const { tell, stored } = disputed();
      await tell({ state });
      expect(stored().disputes).toMatchObject([{ state, version }]);
    }
  });

  it('that is only an inquiry lets its money be returned, until it is a dispute', async () => {
    const { tell, refund, stored } = disputed();
    await tell({ refundable: true });
    expect(await refund('first')).toMatchObject({ outcome: 'accepted' });
    expect(stored().disputes).toMatchObject([{ state: 'open', refundable: true }]);
    const escalated = disputed();
    await escalated.tell({ refundable: true });
    expect(await escalated.tell({ refundable: false })).toMatchObject({ outcome: 'dispute_updated' });
    // Overtaken by the other.
    expect(await escalated.tell({ refundable: true })).toMatchObject({ outcome: 'dispute_known' });
    expect(escalated.stored().disputes).toMatchObject([{ state: 'open', refundable: false, version: 2 }]);
    expect(await escalated.refund('second')).toEqual({ outcome: 'disputed' });
  });

  it('of money that was given back by another merchant, in another currency, is that merchant’s', async () => {
    const { tell, payment, store, stored, entries } = disputed();
    const of = { merchant: 'acct_1Other.test', currency: 'EUR' };
    const account = { provider: payment.provider, merchant: of.merchant };
    const [debit, credit] = [providerAccount(account), suspenseAccount(account)];
    const booking = { debit, credit, booked_at: now };
    store.seed({ suspense: [suspenseOf(payment, { ...of, booking })] });
    const said = { ...of, transaction_id: 'T2', movements: [{ ...withdrawal, fee_currency: 'EUR' }] };
    expect(await tell({ ...said, currency: 'USD' })).toMatchObject({ fields: ['currency'] });
    expect(await tell(said)).toMatchObject({ outcome: 'disputed' });
    expect(stored().disputes).toMatchObject([{ ...of, transaction_id: 'T2' }]);
    expect(entries()[0]).toMatchObject({ debit: credit, credit: debit, currency: 'EUR', amount: 1999 });
  });

  it('beside another of the same payment is one of its own', async () => {
    const { tell, stored } = disputed();
    await tell({ amount: 500, movements: [{ ...withdrawal, amount: -500 }] });
    await tell({
      dispute_id: 'du_2',
      amount: 700,
      movements: [{ ...withdrawal, id: 'txn_3', amount: -700 }],
    });
    expect(stored().disputes).toMatchObject([{ withdrawn: 500 }, { withdrawn: 700 }]);
    expect(stored().exceptions).toHaveLength(2);
  });
});

describe('a message about a dispute', () => {
  it('of a payment that is not known to be paid, or that there is not, is sent again', async () => {
    const order = tenantOrder();
    const { order_no } = order;
    const { event } = disputed();
    const { ports, store } = createWorld({ order, payments: [paymentOf(order)] });
    const early = await applyEvent(ports, event({ payment_no: order_no }));
    expect(early).toEqual({ outcome: 'not_settled', order_no });
    for (const payment_no of [`${order_no}-2`, 'mall-123456', 'shop-1']) {
      expect(await applyEvent(ports, event({ payment_no }))).toEqual({ outcome: 'not_found' });
    }
    expect(store.changes).toEqual([]);
  });

  it.each([
    ['provider', { provider: 'alipay' }],
    ['merchant', { merchant: 'acct_1Other.test' }],
    ['currency', { currency: 'EUR' }],
  ] as const)('of another %s books nothing and is told, once', async (field, said) => {
    const { tell, order, stored, entries } = disputed();
    for (const _ of [1, 2]) {
      const { order_no } = order;
      const result = await tell({ ...said, movements: [withdrawal] });
      expect(result).toEqual({ outcome: 'mismatch', order_no, fields: [field] });
    }
    expect(stored()).toMatchObject({ disputes: [], exceptions: [{ kind: 'mismatch', fields: [field] }] });
    expect(entries()).toEqual([]);
  });
});

describe('the last days for evidence', () => {
  it('are told of two days before, once', async () => {
    const { tell, stored, debt, sweepAt } = disputed();
    await tell({ movements: [withdrawal] });
    expect(await sweepAt(reminded_at - 1)).toBeUndefined();
    expect(await sweepAt(reminded_at)).toBe('dispute_reminded');
    expect(debt()).toBe(`alert ${isoTime(reminded_at + 5 * 60_000)}`);
    expect(stored().disputes).toMatchObject([{ reminded: true }]);
    expect(stored().exceptions).toHaveLength(1);
  });

  it('are told of once by two sweeps that read the dispute before', async () => {
    const { tell, clock, ports, stored, store } = disputed();
    await tell();
    const [read] = stored().disputes;
    if (!read) throw new Error('there is no dispute');
    clock.now = reminded_at;
    expect(await remindOfDispute(ports, read)).toEqual({ outcome: 'dispute_reminded' });
    expect(await remindOfDispute(ports, read)).toEqual({ outcome: 'cleared' });
    expect(store.changes).toHaveLength(2);
  });

  it.each<[string, Partial<Dispute>]>([
    ['is over', { state: 'won' }],
    ['has no such time', { due_by: null }],
    ['is another', { dispute_id: 'du_2' }],
  ])('are not told of by a sweep that read before that the dispute %s', async (_, changes) => {
    const { payment, clock, ports, store } = disputed();
    const dispute = disputeOf(payment);
    store.seed({ disputes: [{ ...dispute, ...changes }] });
    clock.now = reminded_at;
    expect(await remindOfDispute(ports, dispute)).toEqual({ outcome: 'cleared' });
    expect(store.changes).toEqual([]);
  });

  it('are nobody’s where there is no such order', async () => {
    const order = tenantOrder();
    const { ports } = createWorld();
    expect(await remindOfDispute(ports, disputeOf(paidPayment(order)))).toEqual({ outcome: 'cleared' });
  });

  it('are told of of each dispute apart', async () => {
    const { payment, clock, ports, store, stored } = disputed();
    const [first, second] = [disputeOf(payment), disputeOf(payment, { dispute_id: 'du_2' })];
    store.seed({ disputes: [first, second] });
    clock.now = reminded_at;
    expect(await remindOfDispute(ports, second)).toEqual({ outcome: 'dispute_reminded' });
    expect(stored().disputes).toMatchObject([{ reminded: false }, { reminded: true }]);
  });

  it('are told of even when the dispute goes on meanwhile, and not again', async () => {
    const { tell, debt, sweepAt, reports } = disputed();
    await tell();
    await sweepAt(reminded_at);
    await tell({ movements: [withdrawal] });
    expect(debt()).toMatch(/^alert /);
    await sweepAt(reminded_at + DAY_MS);
    expect(reports).toHaveLength(1);
    expect(debt()).toMatch(/^alert /);
  });

  it('are told of once more when there is time for another answer, as for an appeal', async () => {
    const { tell, stored, debt, sweepAt, reports } = disputed();
    await tell();
    await sweepAt(reminded_at);
    await tell({ due_by: isoTime(NOW + 30 * DAY_MS) });
    expect(stored().disputes).toMatchObject([{ reminded: false }]);
    expect(debt()).toBe(`check ${isoTime(NOW + 28 * DAY_MS)}`);
    expect(stored().exceptions).toMatchObject([{ kind: 'disputed', due_by: isoTime(NOW + 30 * DAY_MS) }]);
    await sweepAt(NOW + 28 * DAY_MS);
    expect(reports).toHaveLength(2);
    // What comes late of the time before does not prolong it.
    await tell({ movements: [withdrawal] });
    expect(stored().disputes).toMatchObject([{ reminded: true }]);
  });

  it('are not told of when it is over, nor what was to be told then', async () => {
    for (const state of ['won', 'lost'] as const) {
      const { tell, stored, debt, sweepAt, reports } = disputed();
      await tell();
      await tell({ state });
      expect(debt()).toBeUndefined();
      await sweepAt(reminded_at);
      expect(reports).toEqual([]);
      expect(stored().disputes).toMatchObject([{ reminded: false }]);
    }
  });

  it('are not told of again by what was to be told, once it is over', async () => {
    const { tell, debt, sweepAt } = disputed();
    await tell();
    await sweepAt(reminded_at);
    await tell({ state: 'lost' });
    expect(debt()).toBeUndefined();
  });

  it('are not told of when they are over, as where the sweep did not run', async () => {
    const { tell, debt, sweepAt } = disputed();
    await tell();
    expect(await sweepAt(Date.parse(due_by))).toBe('cleared');
    expect(debt()).toBeUndefined();
  });

  it('are not told of twice at once, where they are all that is left', async () => {
    const { tell, debt } = disputed();
    await tell({ due_by: isoTime(NOW + 2 * DAY_MS) });
    expect(debt()).toBeUndefined();
    await tell({ due_by: null });
    expect(debt()).toBeUndefined();
  });

  it('that are prolonged are told of later, and those of an earlier message not', async () => {
    const { tell, debt } = disputed();
    await tell({ due_by: isoTime(NOW + 9 * DAY_MS) });
    expect(await tell()).toMatchObject({ outcome: 'dispute_known' });
    expect(debt()).toBe(`check ${isoTime(reminded_at + 2 * DAY_MS)}`);
    expect(await tell({ due_by: isoTime(NOW + 10 * DAY_MS) })).toMatchObject({ outcome: 'dispute_updated' });
    expect(debt()).toBe(`check ${isoTime(reminded_at + 3 * DAY_MS)}`);
  });
});

describe('a refund of a disputed payment', () => {
  it('is refused while the bank has it or may take it, and taken once it is won', async () => {
    const { tell, refund, merchants, store } = disputed();
    await tell();
    expect(await refund('open')).toEqual({ outcome: 'disputed' });
    await tell({ state: 'lost', movements: [withdrawal] });
    expect(await refund('lost')).toEqual({ outcome: 'disputed' });
    expect(merchants.calls).toEqual([]);
    expect(store.count('refund')).toBe(0);
    await tell({ state: 'won', movements: [withdrawal, reinstatement] });
    expect(await refund('won')).toMatchObject({ outcome: 'accepted', refund: { amount: 1999 } });
  });
});
