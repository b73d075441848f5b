import type { ShopKind } from '../../../lib/orders/kinds.ts';
import {
  adminErrors,
  bodyErrors,
  fieldWords,
  internalError,
  jsonContent,
  parameterWords,
  sizeError,
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

const shipped = {
  order_no: 'mall-1',
  state: 'told',
  logistics_type: 'courier',
  items: '苹果 5 斤',
  parcels: [{ express_company: 'ZTO', tracking_no: '78001234567890', contact: null }],
  requested_at: '2026-11-22T09:00:00.000Z',
  told_at: '2026-11-22T09:00:00.500Z',
};

const notFound = [
  ['order_not_found'],
  "There is no such order, or it is somebody else's.",
  '订单不存在',
] as const;
const viewerRefused = [['forbidden'], 'A viewer acts on nothing.', '无权访问'] as const;
const providerFailed = [
  ['provider_failed'],
  'WeChat Pay did not answer as it should; the order stays `pending`: ask again.',
  '支付渠道暂时不可用，请稍后重试',
] as const;

const state = (description: string, example: JsonObject) =>
  v2Answers.success(description, schemaReference('OrderState'), '成功', example);

const payOperation = (kind: ShopKind): Operation => ({
  tags,
  role: 'user',
  summary: `Pay a ${kind} order`,
  description:
    'Paying again while it is pending gives fresh parameters for the same payment, while that can be paid.',
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
        [...parameterWords, 'order_not_payable', 'already_paid', 'provider_not_offered'],
        'The id is none, or the order is paid, closed or past its time, or is for an app in which nobody is paid any more.',
        '订单状态不允许支付',
      ],
      403: viewerRefused,
      404: notFound,
      409: [
        ['being_paid', 'order_not_payable', 'order_changing'],
        'It is being paid already, or has no time or no payments left.',
        '订单正在支付，请稍后查询',
      ],
      ...sizeError,
      502: providerFailed,
    }),
  },
});

export const shopOrderOperations: Operations = {
  'put-shop-order': {
    tags,
    role: 'admin',
    summary: 'Hand an order over, or change it while it is not paid',
    description:
      'Changing the amount, openid, description or appid of an order whose payment was begun closes that payment at WeChat Pay first; the next is begun under a number of its own.',
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
        400: [
          [...fieldWords, 'amount_too_small', 'amount_too_large'],
          'A field is wrong; the message names it.',
          'openid 在金额大于 0 时必填',
        ],
        403: adminErrors[403],
        409: [
          ['order_not_changeable', 'order_changing'],
          'The order is paid, being paid or closed, or changes at this moment.',
          '订单已支付、支付中或已关闭，不能修改',
        ],
        502: providerFailed,
      }),
    },
  },
  'pay-mall-order': payOperation('mall'),
  'pay-meal-order': payOperation('meal'),
  'close-shop-order': {
    tags,
    role: 'user',
    summary: 'Cancel an order',
    description:
      'Its payment is closed at WeChat Pay first, and at once or not at all; what is paid all the same waits in suspense for the shop. Closing a closed order changes nothing.',
    parameters: [shopOrderKind, shopOrderId],
    responses: {
      200: state('The order is closed.', { ...order, status: 'closed' }),
      401: v2Unauthenticated,
      ...v2Answers.errors({
        ...internalError,
        400: [parameterWords, 'The kind or the id is none.', 'id 须为正整数'],
        403: viewerRefused,
        404: notFound,
        409: [
          ['order_not_closable', 'order_changing'],
          'It is paid, or being paid.',
          '订单已支付或正在支付，不能关闭',
        ],
        ...sizeError,
        502: providerFailed,
      }),
    },
  },
  'ship-order': {
    tags,
    role: 'admin',
    summary: 'Tell WeChat that an order was sent',
    description:
      'WeChat keeps the money of a managed mini-program until it is told. What it does not take for now is told again by itself (202); the same again changes nothing; what it took can be corrected once. The secret of the app stands in the document `wechat`.',
    parameters: [shopOrderKind, shopOrderId],
    requestBody: {
      required: true,
      content: jsonContent(schemaReference('ShipmentRequest'), {
        logistics_type: 'courier',
        items: '苹果 5 斤',
        parcels: [{ express_company: 'ZTO', tracking_no: '78001234567890' }],
      }),
    },
    responses: {
      200: v2Answers.success('WeChat knows.', schemaReference('ShippingState'), '成功', shipped),
      202: v2Answers.success('WeChat does not know yet.', schemaReference('ShippingState'), '成功', {
        ...shipped,
        state: 'open',
        told_at: null,
      }),
      401: v2Unauthenticated,
      ...v2Answers.errors({
        ...bodyErrors,
        ...internalError,
        400: [fieldWords, 'A field is wrong; the message names it.', 'parcels 在 courier 时必填'],
        403: adminErrors[403],
        404: notFound,
        409: [
          [
            'order_not_shippable',
            'shipping_corrected',
            'shipping_unsupported',
            'shipping_refused',
            'order_changing',
          ],
          'The order is not paid, was corrected before, or WeChat refuses what it is told.',
          '发货信息只能更正一次',
        ],
      }),
    },
  },
  'get-shop-order': {
    tags,
    role: 'anyone',
    summary: "An order's state, for its user",
    description: 'A pending payment is asked about at WeChat Pay, at most every five seconds.',
    parameters: [shopOrderKind, shopOrderId],
    responses: {
      200: state('The order.', paid),
      401: v2Unauthenticated,
      ...v2Answers.errors({
        ...internalError,
        400: [parameterWords, 'The kind or the id is none.', 'id 须为正整数'],
        404: notFound,
      }),
    },
  },
};
