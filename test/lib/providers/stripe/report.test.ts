import type Stripe from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { parseStripeDocument } from '../../../../lib/config/stripe.ts';
import { systemIo } from '../../../../lib/io.ts';
import { listStripeTransactions } from '../../../../lib/providers/stripe/report.ts';
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
  currency: 'gbp',
  type,
  source,
});
const payment = {
  kind: 'payment',
  payment_no,
  transaction_id: 'pi_1',
  amount: 1999,
  currency: 'USD',
  refund_no: null,
};
const returned = { ...payment, kind: 'refund', amount: 500, refund_no: `${payment_no}-r1` };

let server: LoopbackServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function report(...pages: ServerAnswer[]) {
  server = await startLoopbackServer(() => pages.shift() ?? { status: 500, body: '' });
  const config = parseStripeDocument({ ...document, base_url: server.baseUrl });
  return Array.fromAsync(listStripeTransactions(config, systemIo, '2024-05-13', '2024-05-14'));
}

const page = (data: readonly object[], has_more = false): ServerAnswer => ({
  body: { object: 'list', url: '/v1/balance_transactions', data, has_more },
});

describe('listStripeTransactions', () => {
  it('gives the payments and refunds of whole days, page by page', async () => {
    const pages = [
      page([transaction('txn_1', 'charge', charge), transaction('txn_2', 'refund', refund)], true),
      page([transaction('txn_3', 'payment', charge), transaction('txn_4', 'payment_refund', refund)]),
    ];
    expect(await report(...pages)).toEqual([payment, returned, payment, returned]);
    const [first, second] = server?.calls ?? [];
    expect(first?.path).toBe('/v1/balance_transactions');
    expect(Object.fromEntries(first?.query ?? [])).toEqual({
      'created[gte]': String(Date.parse('2024-05-13T00:00:00Z') / 1000),
      'created[lt]': String(Date.parse('2024-05-15T00:00:00Z') / 1000),
      'expand[0]': 'data.source',
      limit: '100',
    });
    expect(second?.query.get('starting_after')).toBe('txn_2');
  });

  it('leaves out what is no payment or refund, or of no payment of ours', async () => {
    expect(
      await report(
        page([
          transaction('txn_1', 'payout', { object: 'payout' }),
          transaction('txn_2', 'stripe_fee', null),
          transaction('txn_3', 'charge', { ...charge, metadata: {} }),
          transaction('txn_4', 'charge', { ...charge, metadata: { order_no: 'cart 77' } }),
          transaction('txn_5', 'refund', { ...refund, metadata: null }),
        ]),
      ),
    ).toEqual([]);
  });

  it.each([
    ['500', { status: 500, body: '' }, 500],
    ['a source that is not told', page([transaction('txn_1', 'charge', 'ch_1')]), 200],
    ['a source of another kind', page([transaction('txn_1', 'charge', { object: 'topup' })]), 200],
    ['no list', { body: {} }, null],
  ])('fails on %s', async (_name, answer, status) => {
    await expect(report(answer)).rejects.toEqual(
      expect.objectContaining({ name: 'ProviderCallError', provider: 'stripe', status }),
    );
  });
});
