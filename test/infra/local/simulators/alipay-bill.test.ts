import { expect, it } from 'vitest';
import { tradeDetails } from '../../../../infra/local/simulators/alipay/bill-file.ts';
import { NO_DISCOUNT, type Payment } from '../../../../infra/local/simulators/payments.ts';
import type { Refund } from '../../../../infra/local/simulators/refunds.ts';
import { readAlipayTradeBill } from '../../../../lib/providers/alipay/bill.ts';

const payment: Payment = {
  ...{ provider: 'alipay', merchant: '2021000000000001.2088101122136241', id: 'p1', payment_no: 'p1' },
  ...{ amount: 1234, currency: 'CNY', description: '苹果,梨', state: 'paid', notify_url: '', pay_url: null },
  ...{ prepay_id: null, transaction_id: '2024051322001498491428765432', expires_at: null },
  ...{ created_at: '2024-05-12T15:59:00Z', paid_at: '2024-05-12T16:00:00Z', discount: NO_DISCOUNT },
};
const refund = {
  ...{ payment_id: 'p1', amount: 500, refund_no: 'p1-r1', decided_at: '2024-05-13T15:59:59Z' },
} as Refund;

const details = tradeDetails({
  seller_id: '2088101122136241',
  bill_date: '2024-05-13',
  paid: [payment],
  returned: [refund],
  payments: { get: () => payment },
  fees: { payment: () => 7, refund: () => 0 },
  exported_at: Date.parse('2024-05-14T01:02:03Z'),
});

it('begins and ends as bills of Alipay do', () => {
  const lines = details.split('\r\n');
  expect(lines.slice(0, 4)).toEqual([
    '#支付宝业务明细查询',
    '#账号：[20881011221362410156]',
    '#起始日期：[2024年05月13日 00:00:00]   终止日期：[2024年05月14日 00:00:00]',
    '#-----------------------------------------业务明细列表----------------------------------------',
  ]);
  expect(lines.slice(-5)).toEqual([
    '#-----------------------------------------业务明细列表结束------------------------------------',
    '#交易合计：1笔，商家实收共12.34元，商家优惠共0.00元',
    '#退款合计：1笔，商家实收退款共-5.00元，商家优惠退款共0.00元',
    '#导出时间：[2024年05月14日 09:02:03]',
    '',
  ]);
});

it('is read, commas in the name of the goods included', async () => {
  const lines = async function* () {
    yield* details.split('\n');
  };
  const subject = { sellerId: '2088101122136241', date: '2024-05-13' };
  expect(await Array.fromAsync(readAlipayTradeBill(lines(), subject))).toMatchObject([
    { kind: 'payment', payment_no: 'p1', amount: 1234, fee: 70_00, at: '2024-05-12T16:00:00.000Z' },
    { kind: 'refund', payment_no: 'p1', amount: 500, refund_no: 'p1-r1', at: '2024-05-13T15:59:59.000Z' },
  ]);
});
