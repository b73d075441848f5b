import { adminErrors, bodyErrors, jsonContent, payAnswers } from '../answers.ts';
import { idempotencyKey, inPath } from '../parameters.ts';
import { schemaReference } from '../schemas.ts';
import type { Operations } from '../types.ts';

const tags = ['Tenants'] as const;
const order_no = 'p01KAP3V8R0000000000070A1B2';

export const checkoutOperations: Operations = {
  checkout: {
    tags,
    summary: "Make a tenant's order and its payment page",
    description:
      'The order is stored before the provider is asked, and can be paid for `expires_in`. With an `Idempotency-Key`, a request that failed is finished by the same one again.',
    parameters: [idempotencyKey(false)],
    requestBody: {
      required: true,
      content: jsonContent(schemaReference('CheckoutRequest'), {
        tenant_id: 7,
        amount: 19.99,
        currency: 'CNY',
        provider: 'wechat',
      }),
    },
    responses: {
      201: payAnswers.success('The payment page.', schemaReference('PaymentPage'), '成功', {
        order_no,
        pay_url: 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz',
      }),
      ...payAnswers.errors({
        ...adminErrors,
        ...bodyErrors,
        400: [
          'A field is wrong, and the message names it: so is a provider that the stage does not offer, or the tenant where it is paid to merchants of its own.',
          'amount 须大于 0',
        ],
        409: [
          'The key came with another body, or its order is past its time.',
          'Idempotency-Key 已用于另一个请求',
        ],
        502: [
          'The provider did not answer as it should; the order stays `pending`: ask again with the same key.',
          '支付渠道暂时不可用，请稍后重试',
        ],
      }),
    },
  },
  'close-order': {
    tags,
    summary: "Give an order up, a shop's or a tenant's",
    description:
      'Its payment is closed at the provider first, and at once or not at all; what is paid all the same waits in suspense. Closing a closed order changes nothing.',
    parameters: [inPath('order_no', { type: 'string' }, order_no)],
    responses: {
      200: payAnswers.success('The order is closed.', schemaReference('OrderState'), '成功', {
        order_no,
        status: 'closed',
        amount: '19.99',
        currency: 'CNY',
        provider: 'wechat',
        transaction_id: null,
        created_at: '2026-11-22T08:00:00.000Z',
        paid_at: null,
        refunded_amount: '0.00',
        exceptions: 0,
      }),
      ...payAnswers.errors({
        ...adminErrors,
        404: ['There is no such order.', '订单不存在'],
        409: ['It is paid, or being paid.', '订单已支付或正在支付，不能关闭'],
        502: ['The provider did not answer as it should: ask again.', '支付渠道暂时不可用，请稍后重试'],
      }),
    },
  },
  'get-order': {
    tags,
    summary: "An order's state, a shop's or a tenant's",
    description: 'A pending payment is asked about at its provider, at most every five seconds.',
    parameters: [inPath('order_no', { type: 'string' }, order_no)],
    responses: {
      200: payAnswers.success('The order.', schemaReference('OrderState'), '成功', {
        order_no,
        status: 'paid',
        amount: '19.99',
        currency: 'CNY',
        provider: 'wechat',
        transaction_id: '4200000000000001',
        created_at: '2026-11-22T08:00:00.000Z',
        paid_at: '2026-11-22T08:01:00.000Z',
        refunded_amount: '0.00',
        exceptions: 0,
      }),
      ...payAnswers.errors({ ...adminErrors, 404: ['There is no such order.', '订单不存在'] }),
    },
  },
};
