import { formatAmount } from '../../../../lib/money.ts';
import { beijingTime } from '../beijing-time.ts';
import { type Discount, NO_DISCOUNT, type Payment, type Payments } from '../payments.ts';
import type { Fees } from '../provider-simulator.ts';
import type { Refund } from '../refunds.ts';
import { YUAN } from './yuan.ts';

export interface BillContent {
  readonly seller_id: string;
  readonly bill_date: string;
  readonly paid: readonly Payment[];
  readonly returned: readonly Refund[];
  /** Where the payments are that the refunds return. */
  readonly payments: Pick<Payments, 'get'>;
  readonly fees: Fees;
  /** In milliseconds. */
  readonly exported_at: number;
}

const HEADER =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注';
const SUMS_HEADER =
  '门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）';

/** A line around a name, with so many dashes before and after it. */
const rule = (name: string, before: number, after: number): string =>
  `#${'-'.repeat(before)}${name}${'-'.repeat(after)}`;

const yuan = (fen: number): string => formatAmount(fen, YUAN);
const total = (amounts: readonly { readonly amount: number }[]): number =>
  amounts.reduce((sum, { amount }) => sum + amount, 0);

const ownDiscounts = (paid: readonly Payment[]): number =>
  paid.reduce((sum, { discount }) => sum + discount.merchant, 0);

/** The rows of a trade bill ("业务明细"), as Alipay lays them out; what is no sum or time ends in a tab, to stay a text in Excel. */
export function tradeDetails(bill: BillContent): string {
  const { paid, returned, payments, fees } = bill;
  const rows = [
    ...paid.map((payment) =>
      row(
        payment,
        '交易',
        payment.amount,
        fees.payment(payment.amount),
        payment.paid_at,
        '',
        payment.discount,
      ),
    ),
    ...returned.flatMap(({ payment_id, amount, refund_no, decided_at }) => {
      const payment = payments.get(payment_id);
      return payment ? row(payment, '退款', -amount, fees.refund(amount), decided_at, refund_no) : [];
    }),
  ];
  return lines([
    ...title('支付宝业务明细查询', bill),
    rule('业务明细列表', 41, 40),
    HEADER,
    ...rows,
    rule('业务明细列表结束', 41, 36),
    `#交易合计：${paid.length}笔，商家实收共${yuan(total(paid) - ownDiscounts(paid))}元，商家优惠共${yuan(ownDiscounts(paid))}元`,
    `#退款合计：${returned.length}笔，商家实收退款共${signed(-total(returned))}元，商家优惠退款共0.00元`,
    exported(bill),
  ]);
}

/** The sums of a trade bill ("业务明细(汇总)"). */
export function tradeSums(bill: BillContent): string {
  const { paid, returned, fees } = bill;
  const ordered = signed(total(paid) - total(returned));
  const net = signed(total(paid) - ownDiscounts(paid) - total(returned));
  const fee =
    paid.reduce((sum, { amount }) => sum + fees.payment(amount), 0) +
    returned.reduce((sum, { amount }) => sum + fees.refund(amount), 0);
  return lines([
    ...title('支付宝业务汇总查询', bill),
    rule('业务汇总列表', 41, 40),
    SUMS_HEADER,
    `合计,,${paid.length},${returned.length},${ordered},${net},0.00,${yuan(ownDiscounts(paid))},0.00,${signed(-fee)},0.00,${net}`,
    rule('业务汇总列表结束', 40, 37),
    exported(bill),
  ]);
}

const title = (name: string, { seller_id, bill_date }: BillContent): string[] => [
  `#${name}`,
  `#账号：[${seller_id}0156]`,
  `#起始日期：[${inChinese(startOf(bill_date))}]   终止日期：[${inChinese(startOf(bill_date) + DAY_MS)}]`,
];

const DAY_MS = 24 * 3_600_000;
const startOf = (date: string): number => Date.parse(`${date}T00:00:00+08:00`);
const inChinese = (ms: number): string => beijingTime(ms).replace(/^(\d+)-(\d+)-(\d+)/, '$1年$2月$3日');
const exported = ({ exported_at }: BillContent): string => `#导出时间：[${inChinese(exported_at)}]`;

/** A fee stands there as what it did to the seller's account. */
function row(
  payment: Payment,
  kind: string,
  amount: number,
  fee: number,
  done_at: string | null,
  refund_no: string,
  { merchant, provider }: Discount = NO_DISCOUNT,
) {
  return [
    `${payment.transaction_id}\t`,
    `${payment.payment_no}\t`,
    `${kind}\t`,
    payment.description.replace(/[\r\n]/g, ' '),
    beijingTime(Date.parse(payment.created_at)),
    beijingTime(Date.parse(done_at ?? payment.created_at)),
    ...['\t', '\t', '\t', '\t', 'abc***@example.com', signed(amount), signed(amount - merchant)],
    ...[
      yuan(provider),
      '0.00',
      '0.00',
      yuan(merchant),
      '0.00',
      '',
      '0.00\t',
      '0.00',
      `${refund_no}\t`,
      signed(-fee),
      '0.00',
      '',
    ],
  ].join(',');
}

const signed = (fen: number): string => (fen < 0 ? `-${yuan(-fen)}` : yuan(fen));
const lines = (texts: readonly string[]): string => `${texts.join('\r\n')}\r\n`;
