import { formatAmount } from '../../../../lib/money.ts';
import { beijingTime } from '../beijing-time.ts';
import { NO_DISCOUNT } from '../payments.ts';
import type { Fees } from '../provider-simulator.ts';
import type { WechatPayment } from './payment.ts';
import type { WechatRefund } from './refund.ts';

/** A payment, or a refund of it. */
export interface BillEntry {
  readonly payment: WechatPayment;
  readonly refund: WechatRefund | null;
}

const HEADER =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const SUMS_HEADER =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';

const yuan = (fen: number): string => formatAmount(fen, { digits: 2, step: 1 });
const line = (cells: readonly string[]): string => cells.map((cell) => `\`${cell}`).join(',');

/** The CSV of a trade bill of type ALL (docs: "交易账单详细说明"); null for a day without an entry. */
export function tradeBill(entries: readonly BillEntry[], fees: Fees): string | null {
  if (entries.length === 0) return null;
  const total = (amountOf: (entry: BillEntry) => number) =>
    yuan(entries.reduce((sum, entry) => sum + amountOf(entry), 0));
  const paid = total(({ payment, refund }) => (refund ? 0 : payment.amount));
  const settled = total(({ payment, refund }) => (refund ? 0 : payment.amount - payment.discount.merchant));
  const returned = total(({ refund }) => refund?.amount ?? 0);
  const fee = entries.reduce((sum, entry) => sum + feeOf(entry, fees), 0);
  return [
    HEADER,
    ...entries.map((entry) => line(cells(entry, feeOf(entry, fees)))),
    SUMS_HEADER,
    line([String(entries.length), settled, returned, '0.00', feeText(fee), paid, returned]),
    '',
  ].join('\r\n');
}

const feeOf = ({ payment, refund }: BillEntry, fees: Fees): number =>
  refund ? fees.refund(refund.amount) : fees.payment(payment.amount);

/** With five decimals. */
const feeText = (fen: number): string => `${fen < 0 ? '-' : ''}${yuan(Math.abs(fen))}000`;

function cells({ payment, refund }: BillEntry, fee: number): string[] {
  const { appid, merchant, transaction_id, payment_no, openid, trade_type, currency, description } = payment;
  const time = (refund ? refund.decided_at : payment.paid_at) ?? payment.created_at;
  const paid = yuan(refund ? 0 : payment.amount);
  const { merchant: own, provider: theirs } = refund ? NO_DISCOUNT : payment.discount;
  const settled = yuan(refund ? 0 : payment.amount - own);
  const returned = yuan(refund?.amount ?? 0);
  return [
    ...[beijingTime(Date.parse(time)), appid, merchant, '0', '', transaction_id ?? '', payment_no, openid],
    ...[trade_type, refund ? 'REFUND' : 'SUCCESS', 'OTHERS', currency, settled, yuan(theirs)],
    ...(refund
      ? [refund.id, refund.refund_no, returned, '0.00', 'ORIGINAL', 'SUCCESS']
      : ['0', '0', '0.00', '0.00', '', '']),
    ...[description.replace(/[\r\n]/g, ' '), '', feeText(fee), '0.60%', paid, returned, ''],
  ];
}
