import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Bench, startBench, uniqueOrderNumber } from './bench.ts';
import { createWechatMerchant, type WechatMerchant } from './wechat-merchant.ts';

let bench: Bench;
let merchant: WechatMerchant;
beforeAll(async () => {
  bench = await startBench();
  merchant = createWechatMerchant(bench);
});
afterAll(() => bench.stop());
afterEach(() => setFault(null));

const setFault = (fault: string | null, provider = 'wechat') => bench.control('/faults', { provider, fault });

it('http answers 500, and to this provider only', async () => {
  await setFault('http');
  expect((await fetch(`${bench.url}/wechat/v3/certificates`)).status).toBe(500);
  expect((await fetch(`${bench.url}/stripe/v1/refunds`)).status).toBe(401);
  expect((await bench.control('/faults')).body).toMatchObject({ faults: { wechat: 'http' } });
  await setFault(null);
  expect((await fetch(`${bench.url}/wechat/v3/certificates`)).status).toBe(401);
});

/** Gives up soon. */
const createInTime = (order_no: string) =>
  merchant.create(merchant.jsapi(order_no), 'jsapi', merchant.client({ timeout: 200 }));

it('hang answers nothing and does nothing', async () => {
  const order_no = uniqueOrderNumber();
  await setFault('hang');
  await expect(createInTime(order_no)).rejects.toThrow('timeout');
  await setFault(null);
  expect((await merchant.query(order_no)).status).toBe(404);
});

it('lose_answers does what it is asked', async () => {
  const order_no = uniqueOrderNumber();
  await setFault('lose_answers');
  await expect(createInTime(order_no)).rejects.toThrow('timeout');
  await setFault(null);
  expect((await merchant.query(order_no)).data).toMatchObject({ trade_state: 'NOTPAY' });
});

it('drop_callbacks loses messages for good', async () => {
  const order_no = uniqueOrderNumber();
  await merchant.create(merchant.jsapi(order_no));
  await setFault('drop_callbacks');
  const { payment, deliveries } = await bench.act(`wechat/${order_no}/pay`);
  expect(payment.state).toBe('paid');
  expect(deliveries).toEqual([]);
  await setFault(null);
  const other = uniqueOrderNumber();
  await merchant.create(merchant.jsapi(other));
  await bench.act(`wechat/${other}/pay`);
  expect(bench.received).toHaveLength(1);
});

it.each([
  ['fault', { provider: 'wechat', fault: 'luck' }],
  ['provider', { provider: 'paypal', fault: null }],
])('a wrong %s is refused and named', async (name, body) => {
  const answer = await bench.control('/faults', body);
  expect(answer.status).toBe(400);
  expect(JSON.stringify(answer.body)).toContain(name);
});
