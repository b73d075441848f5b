import type { Provider } from '../../../lib/orders/kinds.ts';
import { acknowledged, refused, type Stage, summary } from './stage.ts';

const PAY_URL: Readonly<Record<Provider, RegExp>> = {
  wechat: /^weixin:\/\//,
  alipay: /\/gateway\.do\?/,
  stripe: /\/stripe\/pay\/cs_/,
};

/** A tenant's checkout, its callbacks forged, wrong and right. The answer is its number. */
export async function payCheckout(stage: Stage, provider: Provider): Promise<string> {
  const { client, report, paid } = stage;
  const { order_no, pay_url } = await checkOut(stage, provider);
  const callback = async (options: object) =>
    (await client.pay(provider, order_no, options)).map(summary).join();
  const refusal = refused[provider];

  if (provider !== 'wechat') {
    await report.step('open the payment page', '200', async () => String(await client.openPage(pay_url)));
  }
  await report.step('a callback that is forged', refusal(401), () => callback({ forge: 'signature' }));
  if (provider === 'wechat') {
    await report.step('WeChat probes the verifier', refusal(401), () => callback({ forge: 'probe' }));
  }
  await report.step('a genuine callback with another amount', refusal(400), () =>
    callback({ alter: { amount: 1 } }),
  );
  await report.step('the order', '200 pending', () => orderState(stage, order_no));
  await report.step('the genuine callback', acknowledged[provider], () => callback({}));
  if (await report.step('the order', '200 paid', () => orderState(stage, order_no))) paid.push(order_no);
  await report.step('the same callback again', acknowledged[provider], () => callback({}));
  return order_no;
}

/** A checkout that is settled by the flat body, first with a wrong signature. */
export async function payByFlatBody(stage: Stage, provider: Provider): Promise<void> {
  const { client, report, paid } = stage;
  const { order_no } = await checkOut(stage, provider);
  const path = `/api/pay/callback/${provider}`;
  const fields = {
    order_no,
    status: 'succeeded',
    txn_id: `flat-${order_no}`,
    amount: '8.80',
    currency: 'CNY',
  };

  await report.step('a flat body with a wrong sig', '401', async () => {
    const body = { ...fields, sig: '0'.repeat(64) };
    return String((await client.api('POST', path, { body })).status);
  });
  await report.step('a flat body: failed', '200 failed', async () =>
    summary(await client.sendFlat(provider, { order_no, status: 'failed' })),
  );
  await report.step('a flat body: succeeded', '200 paid', async () =>
    summary(await client.sendFlat(provider, fields)),
  );
  await report.step('a flat body: failed, too late', '200 paid', async () =>
    summary(await client.sendFlat(provider, { order_no, status: 'failed' })),
  );
  if (await report.step('the order', '200 paid', () => orderState(stage, order_no))) paid.push(order_no);
}

/** An order of 8.80 yuan. */
export async function checkOut({ client, tokens, report, tenantId }: Stage, provider: Provider) {
  const made = { order_no: '', pay_url: '' };
  await report.step('check out', '201, payment link', async () => {
    const { status, data } = await client.api('POST', '/api/pay/checkout', {
      token: tokens.admin,
      body: { tenant_id: tenantId, amount: 8.8, provider },
    });
    made.order_no = String(data['order_no']);
    made.pay_url = String(data['pay_url']);
    return `${status}, ${PAY_URL[provider].test(made.pay_url) ? 'payment link' : made.pay_url}`;
  });
  return made;
}

export async function orderState({ client, tokens }: Stage, order_no: string): Promise<string> {
  const { status, data } = await client.api('GET', `/api/pay/orders/${order_no}`, { token: tokens.admin });
  return `${status} ${data['status']}`;
}
