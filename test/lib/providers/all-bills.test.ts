import { expect, it } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import { allBills } from '../../../lib/providers/all-bills.ts';
import { createStripeParty } from '../../support/stripe.ts';

const transfer = {
  ...{ id: 'txn_1', object: 'balance_transaction', type: 'payout', source: null, currency: 'gbp' },
  ...{ amount: -1600, fee: 0, created: Date.parse('2024-05-13T10:00:00Z') / 1000 },
};

it('what moved the balance of an account at Stripe on a day is its bill', async () => {
  const asked: (string | null)[] = [];
  const fetch: typeof globalThis.fetch = async (input) => {
    asked.push(new URL(String(input)).searchParams.get('created[gte]'));
    return Response.json({ object: 'list', data: [transfer], has_more: false });
  };
  const io = { ...systemIo, fetch };
  const parts = { io, publicUrl: 'https://pay.example', orderPrefix: '', tenant_id: null };
  const former = ['acct_1Before.test'];
  const bills = allBills.stripe(parts)({ ...createStripeParty().document, former });
  expect(bills).toMatchObject({ name: 'acct_1SettleParty.test', former });
  expect(await Array.fromAsync(bills.rows({ date: '2024-05-13', file: null }))).toEqual([
    { kind: 'other', name: 'payout', understood: true },
  ]);
  expect(asked).toEqual([`${Date.parse('2024-05-13T00:00:00Z') / 1000}`]);
});
