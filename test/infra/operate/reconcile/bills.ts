import { encodeGbk } from '../../../support/alipay.ts';

const wechatHeader =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const wechatSums =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';

export interface ListedPayment {
  readonly payment_no: string;
  readonly transaction_id: string;
  /** In yuan. */
  readonly amount: string;
  /** Set for a refund of that payment, which the amount is then of. */
  readonly refund_no?: string;
}

interface WechatBill {
  readonly mchid: string;
  readonly date: string;
}

function wechatRow(
  { payment_no, transaction_id, amount, refund_no }: ListedPayment,
  { mchid, date }: WechatBill,
): string {
  const [paid, returned] = refund_no === undefined ? [amount, '0.00'] : ['0.00', amount];
  return [
    `${date} 10:06:33,wxd678efh567hg6787,${mchid},0,`,
    `${transaction_id},${payment_no},oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,JSAPI`,
    `${refund_no === undefined ? 'SUCCESS' : 'REFUND'},OTHERS,CNY,${paid},0.00`,
    `${refund_no === undefined ? '0' : `5${transaction_id}`},${refund_no ?? '0'},${returned},0.00,ORIGINAL,PROCESSING`,
    `咖啡,,0.11000,0.60%,${paid},${returned},`,
  ]
    .join(',')
    .split(',')
    .map((cell) => `\`${cell}`)
    .join(',');
}

/** WeChat Pay's bill of type ALL. */
export function wechatBill(
  payments: readonly ListedPayment[],
  {
    count = payments.length,
    mchid = '1230000109',
    date = '2026-11-21',
  }: Partial<WechatBill> & { readonly count?: number } = {},
): string {
  const rows = payments.map((payment) => wechatRow(payment, { mchid, date }));
  const sums = `\`${count},\`18.99,\`8.50,\`0.00,\`0.11000,\`19.99,\`9.00`;
  return [wechatHeader, ...rows, wechatSums, sums, ''].join('\r\n');
}

const alipayHeader =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注';

/** Alipay's trade details, in GBK. */
export function alipayBill(payments: readonly ListedPayment[]): Buffer {
  const rows = payments.map(({ payment_no, transaction_id, amount, refund_no }) => {
    const [kind, sum] = refund_no === undefined ? ['交易', amount] : ['退款', `-${amount}`];
    return `${transaction_id}\t,${payment_no}\t,${kind},租户订单,2026-11-21 17:49:10,2026-11-21 17:49:21,,,,,abc***@example.com,${sum},${sum},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,${refund_no ?? ''},-0.53,0.00,`;
  });
  const lines = [
    '#支付宝业务明细查询',
    alipayHeader,
    ...rows,
    '#-----------------业务明细列表结束----------------',
  ];
  return encodeGbk(lines.join('\r\n'));
}
