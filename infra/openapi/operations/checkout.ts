import { adminErrors, bodyErrors, fieldWords, jsonContent, payAnswers } from '../answers.ts';
import { idempotencyKey } from '../parameters.ts';
import { schemaReference } from '../schemas.ts';
import type { Operations } from '../types.ts';

export const checkoutOperations: Operations = {
  checkout: {
    tags: ['Tenants'],
    role: 'admin',
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
        order_no: 'p01KAP3V8R0000000000070A1B2',
        pay_url: 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz',
      }),
      ...payAnswers.errors({
        ...adminErrors,
        ...bodyErrors,
        400: [
          [...fieldWords, 'amount_too_small', 'amount_too_large', 'provider_not_offered'],
          'A field is wrong, and the message names it: so is a provider that the stage does not offer, or the tenant where it is paid to merchants of its own.',
          'amount 须大于 0',
        ],
        409: [
          ['key_reused', 'being_paid', 'already_paid', 'order_not_payable', 'order_changing'],
          'The key came with another body, or its order is past its time.',
          'Idempotency-Key 已用于另一个请求',
        ],
        502: [
          ['provider_failed'],
          'The provider did not answer as it should; the order stays `pending`: ask again with the same key.',
          '支付渠道暂时不可用，请稍后重试',
        ],
      }),
    },
  },
};
