import { rfc3339Beijing } from '../beijing-time.ts';
import type { Refund } from '../refunds.ts';
import type { NoticeContent } from './notification.ts';

export interface WechatRefund extends Refund {
  readonly transaction_id: string;
  /** Of the payment, in fen. */
  readonly total: number;
  /** Where the money goes. */
  readonly received_account: string;
  /** The parameters that a repeated request must repeat. */
  readonly core: string;
}

const STATUS = {
  pending: 'PROCESSING',
  succeeded: 'SUCCESS',
  failed: 'CLOSED',
  abnormal: 'ABNORMAL',
} as const;
const SUMMARY = { SUCCESS: '退款成功', CLOSED: '退款关闭', ABNORMAL: '退款异常' } as const;
export const USER_ACCOUNT = '支付用户零钱';
export const MERCHANT_ACCOUNT = '商户结算银行账户';

const successTime = ({ state, decided_at }: WechatRefund) =>
  state === 'succeeded' && decided_at !== null && { success_time: rfc3339Beijing(Date.parse(decided_at)) };

/** The refund as a request and a query are answered (docs: "申请退款", "查询单笔退款"). */
export const refundAnswer = (refund: WechatRefund) => ({
  refund_id: refund.id,
  out_refund_no: refund.refund_no,
  transaction_id: refund.transaction_id,
  out_trade_no: refund.payment_no,
  channel: 'ORIGINAL',
  user_received_account: refund.received_account,
  ...successTime(refund),
  create_time: rfc3339Beijing(Date.parse(refund.created_at)),
  status: STATUS[refund.state],
  funds_account: 'AVAILABLE',
  amount: {
    total: refund.total,
    refund: refund.amount,
    from: [],
    payer_total: refund.total,
    payer_refund: refund.amount,
    settlement_refund: refund.amount,
    settlement_total: refund.total,
    discount_refund: 0,
    currency: refund.currency,
    refund_fee: 0,
  },
  promotion_detail: [],
});

/** What a notice of a refund carries, which is neither its app nor its currency; null while nothing has become of it. */
export function refundNotice(refund: WechatRefund, mchid: string): NoticeContent | null {
  if (refund.state === 'pending') return null;
  const status = STATUS[refund.state];
  return {
    event_type: `REFUND.${status}`,
    summary: SUMMARY[status],
    original_type: 'refund',
    content: {
      mchid,
      out_trade_no: refund.payment_no,
      transaction_id: refund.transaction_id,
      out_refund_no: refund.refund_no,
      refund_id: refund.id,
      refund_status: status,
      ...successTime(refund),
      user_received_account: refund.received_account,
      amount: {
        total: refund.total,
        refund: refund.amount,
        payer_total: refund.total,
        payer_refund: refund.amount,
      },
    },
  };
}
