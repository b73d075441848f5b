import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import { acknowledged, type Stage, summary } from './stage.ts';
import { orderState } from './tenant.ts';

/** Of this machine: WeChat Pay takes a phone's payment from no other address than the payer's. */
const PAYER_ADDRESS = '127.0.0.1';

/** A payment in a phone's browser at each provider, which leads the payer back. */
export async function payByPhones(stage: Stage): Promise<void> {
  for (const provider of providers) {
    stage.report.part(`A checkout on a phone through ${provider}`);
    await payByPhone(stage, provider);
  }
}

async function payByPhone(stage: Stage, provider: Provider): Promise<void> {
  const { client, tokens, report, tenantId, consoleUrl, paid } = stage;
  const back = `${consoleUrl}/#/`;
  const made = { order_no: '', pay_url: '' };
  await report.step('check out for a phone', '201', async () => {
    const { status, data } = await client.api('POST', '/api/pay/checkout', {
      token: tokens.admin,
      body: {
        ...{ tenant_id: tenantId + 1, amount: 8.8, provider, scene: 'mobile', description: '雨伞' },
        ...{ return_url: back, expires_in: 3_600 },
        ...(provider === 'wechat' && { payer_client_ip: PAYER_ADDRESS }),
      },
    });
    made.order_no = String(data['order_no']);
    made.pay_url = String(data['pay_url']);
    return String(status);
  });
  const { order_no, pay_url } = made;
  if (provider === 'wechat') {
    await report.step('open the page from another address', '400', async () =>
      String(await client.openPage(pay_url, { ...FROM_SHOP, 'x-forwarded-for': '203.0.113.7' })),
    );
  }
  await report.step('open the page', '200', async () => String(await client.openPage(pay_url, FROM_SHOP)));
  await report.step('the genuine callback, paid with a coupon', acknowledged[provider], async () =>
    (await client.pay(provider, order_no, provider === 'stripe' ? {} : { discount: { merchant: 80 } }))
      .map(summary)
      .join(),
  );
  if (await report.step('the order', '200 paid', () => orderState(stage, order_no))) paid.push(order_no);
  await report.step('the page leads back', 'back', async () => {
    const to = await client.pageLeadsTo(pay_url, FROM_SHOP);
    return to?.startsWith(consoleUrl) ? 'back' : String(to);
  });
}

/** WeChat's page wants to be opened by another one. */
const FROM_SHOP = { referer: 'http://127.0.0.1/' };
