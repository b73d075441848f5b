import { exampleTenant } from '../documents.ts';
import type { SimulatedMerchant } from './client.ts';
import { acknowledged, type Stage, summary } from './stage.ts';
import { checkOut, orderState } from './tenant.ts';

/** A tenant that is paid to its own merchants; the stage's may say what they like of its payments. */
export async function payOwnMerchants(stage: Stage): Promise<void> {
  let merchants: readonly SimulatedMerchant[] = [];
  const isOwn = ({ callback_url }: SimulatedMerchant) => callback_url.endsWith(`/${exampleTenant}`);
  stage.report.part('Merchants of tenants');
  await stage.report.step('ask the providers whom they serve', 'known', async () => {
    merchants = await stage.client.merchants();
    return 'known';
  });
  for (const own of merchants.filter(isOwn)) {
    stage.report.part(`A checkout of tenant ${exampleTenant}, paid to its own merchant at ${own.provider}`);
    const other = merchants.find((one) => one.provider === own.provider && !isOwn(one));
    await payTo(stage, own, other ?? null);
  }
}

async function payTo(
  stage: Stage,
  { provider, merchant }: SimulatedMerchant,
  other: SimulatedMerchant | null,
): Promise<void> {
  const { client, report, paid } = stage;
  const { order_no, pay_url } = await checkOut({ ...stage, tenantId: exampleTenant }, provider);
  if (provider !== 'wechat') {
    await report.step('open the payment page', '200', async () => String(await client.openPage(pay_url)));
  }
  await report.step('whom the payment is made to', merchant, () => client.merchantOf(provider, order_no));
  if (other) {
    await report.step('the stage’s merchant says that it is paid', '400', async () =>
      summary(await client.sendFlat(provider, { order_no, status: 'succeeded' }, other.merchant)),
    );
    await report.step('the order', '200 pending', () => orderState(stage, order_no));
  }
  await report.step('the genuine callback', acknowledged[provider], async () =>
    (await client.pay(provider, order_no)).map(summary).join(),
  );
  if (await report.step('the order', '200 paid', () => orderState(stage, order_no))) paid.push(order_no);
}
