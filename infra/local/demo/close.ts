import { handOver } from './shop.ts';
import { acknowledged, type Stage, summary } from './stage.ts';
import { checkOut, orderState } from './tenant.ts';

/** Orders that are given up: one that nobody pays, one that is paid before, and one that is paid all the same. */
export async function giveUpOrders(stage: Stage): Promise<void> {
  const { client, tokens, report } = stage;
  const { path } = await handOver(stage, 'mall', 6.6);
  await report.step('ask for payment parameters', '200', async () =>
    String((await client.api('POST', `${path}/pay`, { token: tokens.user })).status),
  );
  await report.step('its buyer cancels it', '200 closed', async () => {
    const { status, data } = await client.api('POST', `${path}/close`, { token: tokens.user });
    return `${status} ${data['status']}`;
  });
  await report.step('ask for payment again', '400', async () =>
    String((await client.api('POST', `${path}/pay`, { token: tokens.user })).status),
  );

  const { order_no } = await checkOut({ ...stage, tenantId: stage.tenantId + 1 }, 'wechat');
  await report.step('pay it; its callback gets lost', '200 pending', async () => {
    await client.pay('wechat', order_no, { deliver: false });
    return orderState(stage, order_no);
  });
  await report.step('close what is paid at its provider', '409', () => close(stage, order_no));
  if (await report.step('the order', '200 paid', () => orderState(stage, order_no)))
    stage.paid.push(order_no);

  const late = await checkOut({ ...stage, tenantId: stage.tenantId + 1 }, 'wechat');
  await report.step('close it', '200', () => close(stage, late.order_no));
  await report.step('it is paid all the same', acknowledged.wechat, async () =>
    (await client.pay('wechat', late.order_no, { late: true })).map(summary).join(),
  );
  await report.step('the order', '200 closed', () => orderState(stage, late.order_no));
}

async function close({ client, tokens }: Stage, order_no: string): Promise<string> {
  const { status } = await client.api('POST', `/api/pay/orders/${order_no}/close`, { token: tokens.admin });
  return String(status);
}
