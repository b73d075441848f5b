import type { ShopKind } from '../../../lib/orders/kinds.ts';
import {
  adminErrors,
  bodyErrors,
  internalError,
  jsonContent,
  v2Answers,
  v2Unauthenticated,
} from '../answers.ts';
import { shopOrderId, shopOrderKind } from '../parameters.ts';
import { schemaReference } from '../schemas.ts';
import type { JsonObject, Operation, Operations } from '../types.ts';

const tags = ['Mini-program orders'] as const;

const order = {
  order_no: 'mall-1',
  status: 'pending',
  amount: '19.99',
  currency: 'CNY',
  provider: null,
  transaction_id: null,
  created_at: '2026-11-22T08:00:00.000Z',
  paid_at: null,
  refunded_amount: '0.00',
  exceptions: 0,
};
const paid = {
  ...order,
  status: 'paid',
  provider: 'wechat',
  transaction_id: '4200000000000001',
  paid_at: '2026-11-22T08:01:00.000Z',
};

const notFound = ["There is no such order, or it is somebody else's.", '订单不存在'] as const;
const providerFailed = [
  'WeChat Pay did not answer as it should; the order stays `pending`: ask again.',
  '支付渠道暂时不可用，请稍后重试',
] as const;

const state = (description: string, example: JsonObject) =>
  v2Answers.success(description, schemaReference('OrderState'), '成功', example);

const payOperation = (kind: ShopKind): Operation => ({
  tags,
  summary: `Pay a ${kind} order`,
  description:
    'For the user of the order. Paying again while it is pending gives fresh parameters for the same payment, while that can be paid.',
  parameters: [shopOrderId],
  responses: {
    200: {
      ...v2Answers.success(
        'Parameters for `wx.requestPayment`; or `paid` for an order that costs nothing, which is paid at once.',
        { oneOf: [schemaReference('PaymentParameters'), schemaReference('PaidAtOnce')] },
        '获取支付参数成功',
        {
          appId: 'wx1234567890abcdef',
          timeStamp: '1795334400',
          nonceStr: '5f3d2c1b0a9e8d7c6b5a493827160504',
          package: 'prepay_id=wx22160000000000000000000000000000',
          signType: 'RSA',
          paySign: 'c2lnbmF0dXJl',
        },
      ),
    },
    401: v2Unauthenticated,
    ...v2Answers.errors({
      ...internalError,
      400: [
        'The id is none, or the order is paid, closed or past its time, or is for an app in which nobody is paid any more.',
        '订单状态不允许支付',
      ],
      404: notFound,
      409: ['It is being paid already, or has no time or no payments left.', '订单正在支付，请稍后查询'],
      502: providerFailed,
    }),
  },
});

export const shopOrderOperations: Operations = {
  'put-shop-order': {
    tags,
    summary: 'Hand an order over, or change it while it is not paid',
    description:
      'For `role: admin`. Changing the amount, openid, description or appid of an order whose payment was begun closes that payment at WeChat Pay first; the next is begun under a number of its own.',
    parameters: [shopOrderKind, shopOrderId],
    requestBody: {
      required: true,
      content: jsonContent(schemaReference('ShopOrderRequest'), {
        user_id: 'user-1',
        openid: 'openid-1',
        amount: 19.99,
        points: 0,
        description: '苹果',
      }),
    },
    responses: {
      200: state('The order, as it was or changed.', order),
      201: state('The order was not there before.', order),
      401: v2Unauthenticated,
      ...v2Answers.errors({
        ...bodyErrors,
        ...internalError,
        400: ['A field is wrong; the message names it.', 'openid 在金额大于 0 时必填'],
        403: adminErrors[403],
        409: ['The order is paid, being paid or closed.', '订单已支付、支付中或已关闭，不能修改'],
        502: providerFailed,
      }),
    },
  },
  'pay-mall-order': payOperation('mall'),
  'pay-meal-order': payOperation('meal'),
  'get-shop-order': {
    tags,
    summary: "An order's state, for its user",
    description: 'A pending payment is asked about at WeChat Pay, at most every five seconds.',
    parameters: [shopOrderKind, shopOrderId],
    responses: {
      200: state('The order.', paid),
      401: v2Unauthenticated,
      ...v2Answers.errors({
        ...internalError,
        400: ['The kind or the id is none.', 'id 须为正整数'],
        404: notFound,
      }),
    },
  },
};
