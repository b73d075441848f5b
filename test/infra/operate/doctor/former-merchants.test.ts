import { expect, it } from 'vitest';
import { formatResult } from '../../../../infra/operate/doctor/check.ts';
import { checkFormerMerchants } from '../../../../infra/operate/doctor/former-merchants.ts';
import { isoTime } from '../../../../lib/io.ts';
import type { Registration } from '../../../../lib/merchants/tenant-register.ts';
import { providerAccount } from '../../../../lib/orders/ledger.ts';
import { paidPayment, paymentOf, tenantOrder } from '../../../support/orders.ts';
import { useStore } from '../../../support/store.ts';
import { createWechatParty } from '../../../support/wechat.ts';
import { storedDocuments } from './stored.ts';

const store = useStore();
const at = { stage: 'dev', now: Date.parse('2026-11-22T06:00:00Z') };
const { document } = createWechatParty({ mchid: '1900000009' });
const kept = (mchid: string, tenant_id?: number) => ({
  [`merchants/wechat/${mchid}`]: { ...document, mchid, ...(tenant_id && { tenant_id }) },
});

async function check(
  byName: Parameters<typeof storedDocuments>[0],
  register: readonly Registration[] = [],
  tenant_id: number | null = null,
): Promise<string[]> {
  const documents = storedDocuments(byName);
  return (await checkFormerMerchants(store.context, register, documents, tenant_id, at)).map(formatResult);
}

const daysAgo = (days: number) => isoTime(at.now - days * 86_400_000);

/** Payments of one order, which are in one shard of the ledger. */
async function book(merchant: string, ...times: readonly string[]): Promise<void> {
  const order = tenantOrder();
  for (const [index, booked_at] of times.entries()) {
    const paid = paidPayment(order, { n: index + 1, provider: 'wechat', merchant });
    const booking = { debit: providerAccount(paid), credit: paid.payee, booked_at };
    await store.put({ put: 'payment', record: { ...paid, booking } });
  }
}

it('says when each can go', async () => {
  await book('1900000001', daysAgo(500));
  await book('1900000002', daysAgo(400), daysAgo(100), daysAgo(300));
  await book('1900000003', daysAgo(400));
  const open = paymentOf(tenantOrder(), { provider: 'wechat', merchant: '1900000003' });
  await store.put({ put: 'payment', record: open, owes: { kind: 'check', due: at.now } });
  const documents = {
    ...kept('1900000001'),
    ...kept('1900000002'),
    ...kept('1900000003'),
    ...kept('1900000004'),
  };
  const goes = (name: string) =>
    `ok       merchant wechat/${name}: can go: nothing of it is open or can be refunded. npm run setup -- --stage dev --drop wechat/${name}`;
  expect(await check(documents)).toEqual([
    goes('1900000001'),
    'ok       merchant wechat/1900000002: is needed until 2027-08-15, for refunds',
    'ok       merchant wechat/1900000003: is needed: a payment or refund of it is open',
    goes('1900000004'),
  ]);
});

it('warns of those that are named and not kept', async () => {
  const wechat = { ...document, former: ['1900000005', '1900000006'] };
  const register: Registration[] = [
    { tenant_id: 7, paid_to: 'own', merchants: { wechat: ['1900000071', '1900000070'] } },
  ];
  const tenant = { paid_to: 'own', wechat: { ...document, mchid: '1900000071' } };
  const documents = { wechat, 'tenants/7': tenant, ...kept('1900000006') };
  const missing = (name: string, by: string) =>
    `warning  merchant wechat/${name}: is of before and not kept: what was paid to it cannot be asked about or refunded. ${by} names it`;
  const lines = await check(documents, register);
  expect(lines.slice(0, -1)).toEqual([
    missing('1900000005', 'wechat.former'),
    missing('1900000070', 'tenant 7'),
  ]);
  expect(await check(documents, register, 7)).toEqual([missing('1900000070', 'tenant 7')]);
});

it('finds what is kept and of no use', async () => {
  const [refused, other] = await check({
    'merchants/wechat/1900000007': { ...document, mchid: '1900000007', apiv3_key: 'short' },
    'merchants/wechat/1900000008': { ...document, mchid: '1900000009' },
  }).then((lines) => lines.filter((line) => line.startsWith('fault')));
  expect(refused).toMatch(
    /wechat\/1900000007: apiv3_key must have at least 32 bytes: it is kept and of no use$/,
  );
  expect(other).toMatch(/wechat\/1900000008: what is kept is of 1900000009: it is refused$/);
});

it("tells of a tenant's alone where it is asked about", async () => {
  const documents = { ...kept('1900000074', 7), ...kept('1900000084', 8), ...kept('1900000004') };
  expect((await check(documents, [], 7)).map((line) => /wechat\/\d+/.exec(line)?.[0])).toEqual([
    'wechat/1900000074',
  ]);
});
