import type { OrderStatus } from '../orders/kinds.ts';
import { payEnvelope } from './envelope.ts';
import { type HttpResult, jsonResult, textResult } from './http-result.ts';

/** How the sender of a callback is told that its message is stored, or that it must send it again. */
export interface Acknowledgement {
  /** Null for a message that asks for nothing or names no order of ours. */
  success(order: { readonly order_no: string; readonly status: OrderStatus } | null): HttpResult;
  failure(statusCode: 400 | 401 | 404 | 413 | 500, message: string): HttpResult;
}

/** For flat bodies and for Stripe. */
export const envelopeAcknowledgement: Acknowledgement = {
  success: (order) => payEnvelope.success(200, '成功', order),
  failure: (statusCode, message) => payEnvelope.error(statusCode, message),
};

/** "程序执行完后必须打印输出 success": for Alipay's own messages. */
export const alipayAcknowledgement: Acknowledgement = {
  success: () => textResult(200, 'success'),
  failure: (statusCode) => textResult(statusCode, 'failure'),
};

/** For WeChat Pay's own messages. */
export const wechatAcknowledgement: Acknowledgement = {
  success: () => jsonResult(200, { code: 'SUCCESS', message: '成功' }),
  failure: (statusCode, message) => jsonResult(statusCode, { code: 'FAIL', message }),
};

/** For `/v2/payments/notify`, whose document knows no failure but 500; a forged message is told apart. */
export const wechatNotifyAcknowledgement: Acknowledgement = {
  ...wechatAcknowledgement,
  failure: (statusCode, message) => wechatAcknowledgement.failure(statusCode === 401 ? 401 : 500, message),
};
