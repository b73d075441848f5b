import type Stripe from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { parseStripeDocument } from '../../../../lib/config/stripe.ts';
import { systemIo } from '../../../../lib/io.ts';
import { listStripeTransactions } from '../../../../lib/providers/stripe/bill.ts';
import {
  type LoopbackServer,
  type ServerAnswer,
  startLoopbackServer,
} from '../../../support/loopback-server.ts';
import { createStripeParty } from '../../../support/stripe.ts';

const { document } = createStripeParty();
const payment_no = 'p01HXTESTQ000000000007ABCDE';
const charge = {
  id: 'ch_1',
  object: 'charge',
  amount: 1999,
  currency: 'usd',
  metadata: { order_no: payment_no },
  payment_intent: 'pi_1',
  status: 'succeeded',
} satisfies Partial<Stripe.Charge>;
const refund = {
  id: 're_1',
  object: 'refund',
  amount: 500,
  currency: 'usd',
  metadata: { order_no: payment_no, refund_no: `${payment_no}-r1` },
  payment_intent: 'pi_1',
} satisfies Partial<Stripe.Refund>;
/** The account is in pounds: what moved its balance is not what was paid. */
const transaction = (id: string, type: Stripe.BalanceTransaction['type'], source: unknown) => ({
  id,
  object: 'balance_transaction',
  amount: 1600,
  created: Date.parse('2024-05-13T10:00:00Z') / 1000,
  currency: 'gbp',
  fee: 58,
  reporting_category: type,
  type,
  source,
});
const movement = {
  transaction_id: 'pi_1',
  at: '2024-05-13T10:00:00.000Z',
  fee: 58_000,
  fee_currency: 'GBP',
};
const payment = { kind: 'payment', ...movement, payment_no, amount: 1999, currency: 'USD' };
const returned = {
  ...{ kind: 'refund', ...movement, payment_no, amount: 500, currency: 'USD' },
  ...{ refund_no: `${payment_no}-r1`, refund_id: 're_1', failed: false },
};

let server: LoopbackServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function report(...pages: ServerAnswer[]) {
  server = await startLoopbackServer(() => pages.shift() ?? { status: 500, body: '' });
  const config = parseStripeDocument({ ...document, base_url: server.baseUrl });
  return Array.fromAsync(listStripeTransactions(config, systemIo, '2024-05-13'));
}

const page = (data: readonly object[], has_more = false): ServerAnswer => ({
  body: { object: 'list', url: '/v1/balance_transactions', data, has_more },
});

describe('listStripeTransactions', () => {
  it('gives the payments and refunds of a day, page by page', async () => {
    const pages = [
      page([transaction('txn_1', 'charge', charge), transaction('txn_2', 'refund', refund)], true),
      page([transaction('txn_3', 'payment', charge), transaction('txn_4', 'payment_refund', refund)]),
    ];
    expect(await report(...pages)).toEqual([payment, returned, payment, returned]);
    const [first, second] = server?.calls ?? [];
    expect(first?.path).toBe('/v1/balance_transactions');
    expect(Object.fromEntries(first?.query ?? [])).toEqual({
      'created[gte]': String(Date.parse('2024-05-13T00:00:00Z') / 1000),
      'created[lt]': String(Date.parse('2024-05-14T00:00:00Z') / 1000),
      'expand[0]': 'data.source',
      'expand[1]': 'data.source.charge',
      limit: '100',
    });
    expect(second?.query.get('starting_after')).toBe('txn_2');
  });

  it('names what moves no money of a payment, and what is not known', async () => {
    const rows = await report(
      page([
        transaction('txn_1', 'payout', { object: 'payout' }),
        transaction('txn_2', 'stripe_fee', null),
        transaction('txn_3', 'payment_unreconciled', charge),
        transaction('txn_4', 'adjustment', null),
        { ...transaction('txn_5', 'adjustment', null), reporting_category: 'fee' },
        transaction('txn_6', 'adjustment', 'adj_1'),
        transaction('txn_7', 'adjustment', { object: 'topup' }),
      ]),
    );
    const other = (name: string, understood: boolean) => ({ kind: 'other', name, understood });
    expect(rows).toEqual([
      other('payout', true),
      other('stripe_fee', true),
      other('payment_unreconciled', false),
      other('adjustment adjustment', false),
      other('adjustment fee', true),
      other('adjustment adjustment', false),
      other('adjustment adjustment', false),
    ]);
  });

  it.each([
    ...['payout', 'payout_cancel', 'payout_failure', 'payout_minimum_balance_hold'],
    ...[
      'payout_minimum_balance_release',
      'topup',
      'topup_reversal',
      'stripe_fee',
      'stripe_fx_fee',
      'tax_fee',
    ],
    ...['reserve_hold', 'reserve_release', 'reserve_transaction', 'reserved_funds'],
    ...['payment_network_reserve_hold', 'payment_network_reserve_release'],
  ])('knows that %s moves no money of a payment', async (type) => {
    const rows = await report(page([transaction('txn_1', type as Stripe.BalanceTransaction['type'], null)]));
    expect(rows).toEqual([{ kind: 'other', name: type, understood: true }]);
  });

  it.each(['pending', 'failed'] as const)('says of a bank debit that it is %s', async (status) => {
    const rows = await report(page([transaction('txn_1', 'payment', { ...charge, status })]));
    expect(rows).toEqual([{ ...payment, unpaid: status }]);
  });

  it('has what of a payment was taken back, by its own number, in what was paid in, with its fee', async () => {
    const back = (id: string, type: Stripe.BalanceTransaction['type'], source: object) => ({
      ...transaction(id, type, source),
      ...{ amount: -1600, fee: -58 },
    });
    const failed = { ...charge, status: 'failed' };
    const rows = await report(
      page([
        back('txn_1', 'payment_failure_refund', failed),
        back('txn_2', 'payment_reversal', charge),
        { ...back('txn_3', 'payment_reversal', charge), amount: -700, currency: 'usd' },
        { ...back('txn_4', 'payment_failure_refund', failed), amount: 1600 },
        back('txn_5', 'payment_failure_refund', { ...refund, id: 'pyr_1', metadata: {}, charge: failed }),
        back('txn_6', 'payment_failure_refund', { ...refund, id: 'pyr_1', metadata: {}, charge: 'py_1' }),
      ]),
    );
    const row = { ...returned, refund_no: null, fee: -58_000 };
    expect(rows).toEqual([
      { ...row, refund_id: 'txn_1', amount: 1999, ofUnpaid: true },
      { ...row, refund_id: 'txn_2', amount: 1999 },
      { ...row, refund_id: 'txn_3', amount: 700, fee_currency: 'USD' },
      { kind: 'other', name: 'txn_4', understood: false },
      { ...row, refund_id: 'pyr_1', amount: 1999, ofUnpaid: true },
      { kind: 'other', name: 'txn_6', understood: false },
    ]);
  });

  it('counts what is of no payment of ours as such', async () => {
    const rows = await report(
      page([
        transaction('txn_1', 'charge', { ...charge, metadata: {} }),
        transaction('txn_2', 'charge', { ...charge, metadata: { order_no: 'cart 77' } }),
        transaction('txn_3', 'refund', { ...refund, metadata: null, charge: 'ch_1' }),
        transaction('txn_4', 'refund', { ...refund, metadata: {}, charge: null }),
      ]),
    );
    expect(rows.map((row) => row.kind !== 'other' && row.payment_no)).toEqual([null, null, null, null]);
  });

  it("finds a dashboard's refund by its charge, and one that came back in both of its rows", async () => {
    const made = { ...refund, metadata: {}, charge };
    const failed = { ...made, status: 'failed' };
    const rows = await report(
      page([
        transaction('txn_1', 'refund', made),
        transaction('txn_2', 'refund', failed),
        transaction('txn_3', 'refund_failure', failed),
        transaction('txn_4', 'adjustment', failed),
        transaction('txn_5', 'refund_failure', { ...made, status: 'pending' }),
      ]),
    );
    const row = { ...returned, refund_no: null };
    expect(rows).toEqual([
      row,
      { ...row, failed: true },
      { ...row, failed: true, amount: -500 },
      { ...row, failed: true, amount: -500 },
      { ...row, failed: true, amount: -500 },
    ]);
  });

  const dispute = {
    id: 'du_1',
    object: 'dispute',
    amount: 1999,
    currency: 'usd',
    charge,
    payment_intent: 'pi_1',
    reason: 'fraudulent',
    status: 'needs_response',
    evidence_details: { due_by: null },
    balance_transactions: [
      { id: 'txn_1', amount: -1600, currency: 'gbp', fee: 1200 },
      { id: 'txn_2', amount: 1600, currency: 'gbp', fee: 0 },
    ],
  };

  it('has what a dispute moved, in what was paid in, with the dispute as it is by now', async () => {
    const rows = await report(
      page([
        { ...transaction('txn_2', 'adjustment', dispute), fee: 0 },
        { ...transaction('txn_1', 'adjustment', dispute), fee: 1200 },
      ]),
    );
    const event = expect.objectContaining({ type: 'dispute', dispute_id: 'du_1', payment_no, state: 'open' });
    const row = { kind: 'dispute', ...movement, payment_no, currency: 'USD', event };
    expect(rows).toEqual([
      { ...row, movement_id: 'txn_2', amount: -1999, fee: 0 },
      { ...row, movement_id: 'txn_1', amount: 1999, fee: 1_200_000 },
    ]);
    for (const each of rows) {
      expect(each.kind === 'dispute' && each.event?.movements).toMatchObject([
        { id: 'txn_1' },
        { id: 'txn_2' },
      ]);
    }
  });

  it('counts a dispute of others as theirs', async () => {
    const foreign = { ...dispute, charge: { ...charge, metadata: {} } };
    expect(await report(page([transaction('txn_1', 'adjustment', foreign)]))).toMatchObject([
      { kind: 'dispute', payment_no: null, event: null },
    ]);
  });

  it.each([
    ['500', { status: 500, body: '' }, 500],
    ['no list', { body: {} }, null],
  ])('fails on %s', async (_name, answer, status) => {
    await expect(report(answer)).rejects.toEqual(
      expect.objectContaining({ name: 'ProviderCallError', provider: 'stripe', status }),
    );
  });

  it('has a movement that the dispute does not list, and books it with the dispute', async () => {
    const [row] = await report(
      page([{ ...transaction('txn_9', 'adjustment', dispute), amount: -1600, fee: 0 }]),
    );
    expect(row).toMatchObject({ kind: 'dispute', payment_no, movement_id: 'txn_9', amount: 1999, fee: 0 });
    const movements = row?.kind === 'dispute' && row.event?.movements;
    expect(movements).toMatchObject([
      { id: 'txn_1' },
      { id: 'txn_2' },
      { id: 'txn_9', amount: -1999, fee: 0, fee_currency: 'GBP' },
    ]);
  });

  it.each([
    ['a source that is not told', transaction('txn_1', 'charge', 'ch_1')],
    ['no source', transaction('txn_1', 'refund', null)],
    [
      'a dispute without its movements',
      transaction('txn_1', 'adjustment', { ...dispute, balance_transactions: undefined }),
    ],
    ['a dispute without a reason', transaction('txn_1', 'adjustment', { ...dispute, reason: 7 })],
    ['a payment that is something else', transaction('txn_1', 'charge', { object: 'topup' })],
    ['a return that is something else', transaction('txn_1', 'refund_failure', { object: 'topup' })],
    ['a payment that is a refund', transaction('txn_1', 'charge', { ...refund, status: 'succeeded' })],
    ['a refund that is a payment', transaction('txn_1', 'refund', charge)],
    ['a number that is none', transaction('txn_1', 'charge', { ...charge, metadata: { order_no: 7 } })],
    ['a status that is none', transaction('txn_1', 'charge', { ...charge, status: 'captured' })],
    ['no currency', transaction('txn_1', 'charge', { ...charge, currency: null })],
    ['no amount', transaction('txn_1', 'charge', { ...charge, amount: null })],
    ['a refund without an amount', transaction('txn_1', 'refund', { ...refund, amount: null })],
    ['no fee', { ...transaction('txn_1', 'charge', charge), fee: null }],
    ['no time', { ...transaction('txn_1', 'charge', charge), created: null }],
  ])('tells of %s by its number, and has the rest of the day', async (_name, odd) => {
    const rows = await report(page([odd, transaction('txn_2', 'refund', refund)]));
    expect(rows).toEqual([{ kind: 'other', name: 'txn_1', understood: false }, returned]);
  });
});
