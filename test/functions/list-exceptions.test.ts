import { expect, it } from 'vitest';
import { merchantException } from '../../lib/orders/exception.ts';
import { createMerchantStore } from '../../lib/store/merchant-store.ts';
import { putTenant } from '../../lib/store/tenant-store.ts';
import { NOW } from '../support/orders.ts';
import { createStageWorld, startFunctions } from '../support/stage-functions.ts';
import { useStore } from '../support/store.ts';

const store = useStore();

/** One of a bill's row that is of no order, at this merchant. */
async function tell(merchant: string, transaction_id: string): Promise<void> {
  const name = { provider: 'stripe', merchant } as const;
  const subject = { kind: 'unknown_row', transaction_id, amount: 100, currency: 'USD' } as const;
  await createMerchantStore(store.context).putMerchantException(name, merchantException(name, subject, NOW));
}

it("shows a tenant what is of no order at its own merchants, of before too, and nobody else's", async () => {
  const [own, former, others] = ['acct_7Settle7.test', 'acct_6Settle6.test', 'acct_8Settle8.test'];
  await putTenant(store.context, {
    ...{ tenant_id: 7, paid_to: 'own' },
    merchants: { stripe: [own, former] },
  });
  for (const [index, merchant] of [own, former, others].entries()) await tell(merchant, `txn_${index}`);
  const functions = startFunctions(createStageWorld({}), store.context);
  const shownTo = async (claims: { readonly tenant_id?: number }) => {
    const { body } = await functions.call('GET', '/api/pay/exceptions', {}, claims);
    return JSON.parse(body)
      .data.exceptions.map((one: { merchant: string }) => one.merchant)
      .toSorted();
  };
  expect(await shownTo({ tenant_id: 7 })).toEqual([former, own]);
  expect(await shownTo({ tenant_id: 9 })).toEqual([]);
  expect(await shownTo({})).toEqual([former, own, others]);
});
