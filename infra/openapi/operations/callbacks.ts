import type { Provider } from '../../../lib/orders/kinds.ts';
import { providerFacts } from '../../../lib/providers/facts.ts';
import { flatStatusesOf } from '../../../lib/providers/flat-callback.ts';
import {
  alipayAnswer,
  errorHeaders,
  fieldWords,
  internalError,
  jsonContent,
  payAnswers,
  wechatFailure,
  wechatSuccess,
} from '../answers.ts';
import { inHeader } from '../parameters.ts';
import { schemaReference } from '../schemas.ts';
import type { JsonObject, Operation, Operations } from '../types.ts';

const tags = ['Callbacks'] as const;
const role = null;

const text = (description: string): JsonObject => ({ type: 'string', description });

/** The body that a relay sends; an empty field counts as one that is left out. */
function flatBody(provider: Provider, isSigned: boolean): JsonObject {
  const sig = text(
    'Lower-case hex HMAC-SHA256, under one of `callback_keys`, of the other fields that are not empty, sorted by name and joined as `name=value` with `&`.',
  );
  return {
    title: 'Flat body',
    type: 'object',
    required: ['order_no', 'status', ...(isSigned ? ['sig'] : [])],
    properties: {
      order_no: text("The payment's number: the order's, and `<order_no>-<n>` for its n-th payment."),
      status: { enum: Object.keys(flatStatusesOf(providerFacts[provider])) },
      txn_id: text("The provider's number for the payment."),
      amount: text("A decimal in the currency's own unit; compared with the payment where it is given."),
      currency: text('ISO 4217; compared with the payment where it is given.'),
      ...(isSigned && { sig }),
    },
    additionalProperties: false,
  };
}

const flatExample = {
  order_no: 'mall-1',
  status: 'succeeded',
  txn_id: '4200000000000001',
  amount: '19.99',
  currency: 'CNY',
};
const signedExample = { ...flatExample, sig: '0'.repeat(64) };

const wechatNotification: JsonObject = {
  title: "WeChat Pay's own notification",
  type: 'object',
  required: ['event_type', 'resource'],
  properties: {
    id: { type: 'string' },
    create_time: { type: 'string' },
    event_type: { type: 'string' },
    resource_type: { type: 'string' },
    summary: { type: 'string' },
    resource: {
      type: 'object',
      required: ['algorithm', 'ciphertext', 'nonce'],
      properties: {
        algorithm: { const: 'AEAD_AES_256_GCM' },
        ciphertext: { type: 'string' },
        nonce: { type: 'string' },
        associated_data: { type: 'string' },
        original_type: { type: 'string' },
      },
    },
  },
};

const wechatExample = {
  id: '5d1b3c0e-0000-0000-0000-000000000000',
  create_time: '2026-11-22T16:01:00+08:00',
  event_type: 'TRANSACTION.SUCCESS',
  resource_type: 'encrypt-resource',
  resource: {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: 'c2VhbGVk',
    nonce: '5f3d2c1b0a9e',
    associated_data: 'transaction',
  },
};

const alipayNotification: JsonObject = {
  title: "Alipay's own notification",
  type: 'object',
  required: ['sign', 'sign_type', 'trade_status', 'out_trade_no'],
  properties: { sign_type: { const: 'RSA2' } },
  additionalProperties: { type: 'string' },
};

const stripeEvent: JsonObject = {
  title: "Stripe's event",
  type: 'object',
  required: ['object', 'type'],
  properties: { object: { const: 'event' }, type: { type: 'string' } },
};

const wechatHeaders = (required: boolean) => [
  inHeader('Wechatpay-Serial', "Of WeChat Pay's own message: which key signed it.", required),
  inHeader('Wechatpay-Timestamp', 'Seconds since 1970, at most 300 from now.', required),
  inHeader('Wechatpay-Nonce', 'Part of what is signed.', required),
  inHeader(
    'Wechatpay-Signature',
    'RSA with SHA-256 over timestamp, nonce and body, each followed by a line feed; base64.',
    required,
  ),
];

const flatSuccess = payAnswers.success(
  'It is stored; a repeat is answered the same.',
  { oneOf: [schemaReference('CallbackOrder'), { type: 'null' }] },
  '成功',
  { order_no: 'mall-1', status: 'paid' },
);

const flatFailures = payAnswers.errors({
  ...internalError,
  400: [
    [...fieldWords, 'payment_mismatch'],
    'It is malformed; or it is genuine and disagrees with its payment, which is recorded and told to people.',
    '与订单不一致：amount',
  ],
  401: [['invalid_signature'], 'The signature does not verify.', '签名验证失败'],
  404: [
    ['order_not_found', 'merchant_not_found'],
    'There is no such order; or nobody is paid there, through this provider.',
    '订单不存在',
  ],
  413: [['body_too_large'], 'The body is larger than 256 KiB.', '请求体过大'],
});

/** No flat body tells of what leaves. */
const notSettled = payAnswers.errors({
  409: [
    ['payment_not_settled'],
    'What is said to have left is of a payment that nobody has told of yet: send it again.',
    '对应的付款尚未入账，请稍后重发',
  ],
});

/** The answers to flat bodies, with those to the provider's own messages beside them. */
function answers(native: {
  readonly success: JsonObject;
  readonly failure: (message: string) => JsonObject;
}): Operation['responses'] {
  const beside = (answer: JsonObject | undefined, content: JsonObject): JsonObject => {
    const flat = answer?.['content'] as JsonObject;
    return { ...answer, content: mergeContent(flat, content) };
  };
  const failures = Object.entries(flatFailures).map(([status, answer]) => [
    status,
    beside(answer, native.failure('签名验证失败')),
  ]);
  return {
    200: beside(flatSuccess, native.success),
    ...Object.fromEntries(failures),
    409: { ...notSettled[409], content: native.failure('对应的付款尚未入账，请稍后重发') },
  };
}

/** Both bodies, under one media type where they share it. */
function mergeContent(one: JsonObject, other: JsonObject): JsonObject {
  const shared = Object.keys(one).filter((type) => type in other);
  const merged = shared.map((type) => {
    const [first, second] = [one[type] as JsonObject, other[type] as JsonObject];
    return [
      type,
      {
        schema: { oneOf: [first['schema'], second['schema']] },
        examples: {
          flat: { summary: 'Flat body', value: first['example'] },
          native: { summary: "The provider's own message", value: second['example'] },
        },
      },
    ];
  });
  return { ...one, ...other, ...Object.fromEntries(merged) };
}

const body = (content: JsonObject): JsonObject => ({ required: true, content });

export const callbackOperations: Operations = {
  'alipay-callback': {
    tags,
    summary: "Alipay's notifications, and a relay's",
    description: 'A form is taken for a notification of Alipay, and anything else for a flat body.',
    role,
    requestBody: body({
      'application/x-www-form-urlencoded': {
        schema: alipayNotification,
        example: {
          out_trade_no: 'mall-1',
          trade_status: 'TRADE_SUCCESS',
          sign_type: 'RSA2',
          sign: 'c2lnbmF0dXJl',
        },
      },
      ...jsonContent(flatBody('alipay', true), signedExample),
    }),
    responses: answers({ success: alipayAnswer('success'), failure: () => alipayAnswer('failure') }),
  },
  'wechat-callback': {
    tags,
    summary: "WeChat Pay's notifications of checkouts, and a relay's",
    description: 'With any `Wechatpay-*` header it is taken for a notification of WeChat Pay.',
    role,
    parameters: wechatHeaders(false),
    requestBody: body(
      mergeContent(
        jsonContent(flatBody('wechat', true), signedExample),
        jsonContent(wechatNotification, wechatExample),
      ),
    ),
    responses: answers({
      success: wechatSuccess,
      failure: wechatFailure,
    }),
  },
  'stripe-callback': {
    tags,
    summary: "Stripe's events, and a relay's flat bodies",
    description: 'A genuine event that names no order of ours is acknowledged with `data: null`.',
    role,
    parameters: [inHeader('Stripe-Signature', 'Over the body, flat ones too, at most 300 s old.', true)],
    requestBody: body(
      mergeContent(
        jsonContent(flatBody('stripe', false), flatExample),
        jsonContent(stripeEvent, { object: 'event', type: 'checkout.session.completed' }),
      ),
    ),
    responses: { 200: flatSuccess, ...flatFailures, ...notSettled },
  },
  'wechat-notify': {
    tags,
    summary: "WeChat Pay's notifications of shop orders and refunds",
    role,
    parameters: wechatHeaders(true),
    requestBody: body(jsonContent(wechatNotification, wechatExample)),
    responses: {
      200: { description: 'It is stored.', content: wechatSuccess },
      401: {
        description: 'The signature does not verify.',
        headers: errorHeaders(401, ['invalid_signature']),
        content: wechatFailure('签名验证失败'),
      },
      500: {
        description:
          'Anything else, so too where the stage has no WeChat Pay; nothing is stored, save a record of what disagrees with its payment.',
        headers: errorHeaders(500, [
          'internal_error',
          'order_not_found',
          'payment_mismatch',
          'payment_not_settled',
          'merchant_not_found',
          'body_too_large',
          ...fieldWords,
        ]),
        content: wechatFailure('订单不存在'),
      },
    },
  },
};
