import type { ShopKind } from '../../../lib/orders/kinds.ts';
import { localUser } from '../tokens.ts';
import { acknowledged, type Stage, summary, tally } from './stage.ts';

const COPIES = 100;

/** A mini-program's order, from hand-over to paid. The answer is its number. */
export async function payShopOrder(stage: Stage, kind: ShopKind, amount: number): Promise<string> {
  const { client, tokens, report, paid } = stage;
  const { path, order_no } = await handOver(stage, kind, amount);
  const state = async () => {
    const { status, data } = await client.api('GET', path, { token: tokens.user });
    return `${status} ${data['status']} ${data['amount']}`;
  };
  const callback = async (options: object) =>
    (await client.pay('wechat', order_no, options)).map(summary).join();
  const pay = async (token?: string) => {
    const answer = await client.api('POST', `${path}/pay`, token === undefined ? {} : { token });
    return `${answer.status} ${answer.message}`;
  };

  await report.step('ask for payment without a token', '401 用户未认证', () => pay());
  await report.step('ask for payment parameters', '200 获取支付参数成功', () => pay(tokens.user));
  await report.step('a callback that is forged', '401 FAIL', () => callback({ forge: 'signature' }));
  await report.step('a genuine callback with another amount', '500 FAIL', () =>
    callback({ alter: { amount: 1 } }),
  );
  await report.step('the order', `200 pending ${amount.toFixed(2)}`, state);
  await report.step('the genuine callback', acknowledged.wechat, () => callback({}));
  if (await report.step('the order', `200 paid ${amount.toFixed(2)}`, state)) paid.push(order_no);
  await report.step(
    `the same callback, ${COPIES} times at once`,
    `${COPIES} × ${acknowledged.wechat}`,
    async () => tally(await client.pay('wechat', order_no, { times: COPIES, concurrency: COPIES })),
  );
  await report.step('ask for payment again', '400 订单状态不允许支付', () => pay(tokens.user));
  return order_no;
}

/** An order that is paid for with points alone. */
export async function payWithPoints(stage: Stage): Promise<void> {
  const { client, tokens, report, paid } = stage;
  const { path, order_no } = await handOver(stage, 'mall', 0);
  await report.step('ask for payment', '200 支付成功（纯积分） paid=true', async () => {
    const { status, message, data } = await client.api('POST', `${path}/pay`, { token: tokens.user });
    return `${status} ${message} paid=${data['paid']}`;
  });
  const isPaid = await report.step('the order', '200 paid 0.00', async () => {
    const { status, data } = await client.api('GET', path, { token: tokens.user });
    return `${status} ${data['status']} ${data['amount']}`;
  });
  if (isPaid) paid.push(order_no);
}

/** Hands a new order over, or one that is known with another amount. */
export async function handOver(
  { client, tokens, report, newId }: Stage,
  kind: ShopKind,
  amount: number,
  known: number | null = null,
) {
  const id = known ?? newId();
  const path = `/v2/orders/${kind}/${id}`;
  const name = known === null ? 'hand the order over' : 'hand it over with another amount';
  const status = known === null ? 201 : 200;
  await report.step(name, `${status} pending ${amount.toFixed(2)}`, async () => {
    const { status, data } = await client.api('PUT', path, {
      token: tokens.admin,
      body: {
        user_id: localUser,
        ...(amount > 0 && { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' }),
        amount,
        points: 100,
        description: kind === 'mall' ? '帆布鞋' : '午餐套餐',
      },
    });
    return `${status} ${data['status']} ${data['amount']}`;
  });
  return { id, path, order_no: `${kind}-${id}` };
}
