import type { RefundState } from '../../../lib/http/responses/orders.ts';
import { refundsCsv } from '../../../lib/http/view-refund.ts';
import {
  adminErrors,
  bodyErrors,
  fieldWords,
  jsonContent,
  listAnswer,
  payAnswers,
  sizeError,
  unwantedErrors,
} from '../answers.ts';
import { idempotencyKey, inPath } from '../parameters.ts';
import { schemaReference } from '../schemas.ts';
import type { Operations } from '../types.ts';

const tags = ['Books'] as const;

export const refundExample: RefundState = {
  order_no: 'mall-1',
  refund_no: 'mall-1-r1',
  payment_no: 'mall-1',
  transaction_id: '4200000000000001',
  provider: 'wechat',
  merchant: '1900000001',
  status: 'succeeded',
  amount: '5.00',
  currency: 'CNY',
  reason: '缺货',
  requested_by: 'admin-1',
  created_at: '2026-11-22T08:00:00.000Z',
  decided_at: '2026-11-22T08:00:02.000Z',
};
const openRefund = { ...refundExample, status: 'open', decided_at: null };

const notFound = [
  ['refund_not_found'],
  "There is no such refund, or it is another tenant's.",
  '退款不存在',
] as const;

export const refundOperations: Operations = {
  refund: {
    tags,
    role: 'admin',
    summary: 'Return a payment, or a part of it',
    parameters: [idempotencyKey(true)],
    requestBody: {
      required: true,
      content: jsonContent(schemaReference('RefundRequest'), {
        order_no: 'mall-1',
        amount: 5,
        reason: '缺货',
      }),
    },
    responses: {
      200: payAnswers.success('The provider has decided.', schemaReference('Refund'), '成功', refundExample),
      202: payAnswers.success(
        'The provider has not decided yet, or did not answer; it is asked until it has. Ask for the refund to see.',
        schemaReference('Refund'),
        '退款处理中',
        openRefund,
      ),
      ...payAnswers.errors({
        ...adminErrors,
        ...bodyErrors,
        400: [
          [...fieldWords, 'amount_too_small', 'amount_too_large'],
          'A field is wrong, or more is asked for than is left.',
          'amount 超过可退金额 14.99',
        ],
        404: [
          ['order_not_found', 'transaction_not_found'],
          'There is no such order, or no such money in suspense.',
          '订单不存在',
        ],
        409: [
          ['nothing_to_refund', 'in_dispute', 'key_reused', 'order_changing'],
          'Nothing is left to return, or the key came with another body.',
          'order_no 对应的订单没有可退的款项',
        ],
      }),
    },
  },
  'list-refunds': {
    tags,
    role: 'viewer',
    summary: "An order's refunds, as they were asked for",
    parameters: [inPath('order_no', { type: 'string' }, refundExample.order_no)],
    responses: {
      200: listAnswer('All of them.', 'RefundsPage', { refunds: [refundExample] }, refundsCsv),
      ...payAnswers.errors({
        ...adminErrors,
        ...unwantedErrors,
        404: [['order_not_found'], "There is no such order, or it is another tenant's.", '订单不存在'],
      }),
    },
  },
  'get-refund': {
    tags,
    role: 'viewer',
    summary: "A refund's state",
    description: 'As it is stored: while it is open, the provider is asked by and by.',
    parameters: [inPath('refund_no', { type: 'string' }, refundExample.refund_no)],
    responses: {
      200: payAnswers.success('The refund.', schemaReference('Refund'), '成功', refundExample),
      ...payAnswers.errors({ ...adminErrors, ...unwantedErrors, 404: notFound }),
    },
  },
  'repair-refund': {
    tags,
    role: 'admin',
    summary: "Have the provider bring a refund to its end that the payer's bank has refused",
    description:
      "At WeChat Pay: the money goes to the merchant's own bank account, and the payer is paid by hand. The refund stays `open` until WeChat Pay says that this is done. To another card of the payer's it is sent by hand, in the merchant's console.",
    parameters: [inPath('refund_no', { type: 'string' }, refundExample.refund_no)],
    responses: {
      202: payAnswers.success(
        'The provider has taken it.',
        schemaReference('Refund'),
        '退款处理中',
        openRefund,
      ),
      ...payAnswers.errors({
        ...adminErrors,
        ...unwantedErrors,
        404: notFound,
        409: [
          ['refund_not_repairable', 'merchant_missing', 'order_changing'],
          'The refund waits for no repair, or its provider does none.',
          '这笔退款没有待处理的退款异常，无需修复',
        ],
        ...sizeError,
        502: [
          ['provider_failed'],
          'The provider did not answer as it should: ask again.',
          '支付渠道暂时不可用，请稍后重试',
        ],
      }),
    },
  },
};
