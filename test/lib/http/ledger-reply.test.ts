import { expect, it } from 'vitest';
import { ledgerReply } from '../../../lib/http/ledger-api.ts';
import type { LedgerEntry, LedgerSum } from '../../../lib/orders/read-ledger.ts';

const request = {
  account: { name: 'tenant:7', tenant_id: 7, merchant: null },
  period: { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' },
  after: null,
  limit: 50,
};
const answer = (items: readonly LedgerEntry[], sums: readonly LedgerSum[] | null) =>
  ledgerReply(request, {
    page: { items, next: null },
    days: sums && [{ from: request.period.from, sums }],
    sums,
  });

it.each([
  ['CNY', 5, '0.05'],
  ['JPY', 500, '500'],
  ['KWD', 1230, '1.230'],
])("shows amounts with the currency's decimals: %s", (currency, amount, text) => {
  const entry: LedgerEntry = {
    kind: 'payment',
    order_no: 'p1',
    debit: 'provider:stripe.acct_1Settle.test',
    credit: 'tenant:7',
    amount,
    currency,
    provider: 'stripe',
    merchant: 'acct_1Settle.test',
    transaction_id: null,
    booked_at: '2026-11-20T05:00:00.000Z',
  };
  expect(answer([entry], null).entries).toEqual([{ ...entry, amount: text }]);
});

it('adds up what providers booked in the same currency, exactly', () => {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  const sums: LedgerSum[] = [
    { provider: 'stripe', currency: 'USD', debit: 0n, credit: 3n },
    { provider: 'wechat', currency: 'CNY', debit: 0n, credit: most },
    { provider: 'alipay', currency: 'CNY', debit: 5n, credit: most },
  ];
  const shown = [
    { currency: 'CNY', debit: '0.05', credit: '180143985094819.82' },
    { currency: 'USD', debit: '0.00', credit: '0.03' },
  ];
  expect(answer([], sums)).toMatchObject({
    sums: shown,
    days: [{ from: '2026-11-20T00:00:00.000Z', sums: shown }],
  });
});

it('has no days where it has no sums', () => {
  expect(answer([], null)).toMatchObject({ sums: null, days: null });
});
