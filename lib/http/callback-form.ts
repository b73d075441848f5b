import type { OrderStatus, Provider } from '../orders/kinds.ts';
import type { MessageForm, RawMessage } from '../providers/message.ts';
import type { ApiError } from './api-error.ts';
import type { Language } from './language.ts';
import { errorHeaders, jsonResult, payEnvelope, type Reply, seedText, success, textResult } from './reply.ts';

/** What is said of a payment's order. */
export interface AcknowledgedOrder {
  readonly order_no: string;
  readonly status: OrderStatus;
}

/** How the sender of a callback is told that its message is stored, or that it must send it again. */
export interface Acknowledgement {
  /** Null for a message that asks for nothing or names no order of ours. */
  success(order: AcknowledgedOrder | null, language: Language): Reply;
  failure(error: ApiError, language: Language): Reply;
}

/** For flat bodies and for Stripe. */
export const envelopeAcknowledgement: Acknowledgement = {
  success: (order, language) => payEnvelope.success(success(order), language),
  failure: payEnvelope.error,
};

/** "程序执行完后必须打印输出 success": for Alipay's own messages. */
export const alipayAcknowledgement: Acknowledgement = {
  success: () => textResult(200, 'success'),
  failure: (error) => textResult(error.statusCode, 'failure', errorHeaders(error)),
};

const wechatFailure = (statusCode: number, error: ApiError, language: Language): Reply =>
  jsonResult(statusCode, { code: 'FAIL', message: seedText(error.wording, language) }, errorHeaders(error));

/** For WeChat Pay's own messages. */
export const wechatAcknowledgement: Acknowledgement = {
  success: () => jsonResult(200, { code: 'SUCCESS', message: '成功' }),
  failure: (error, language) => wechatFailure(error.statusCode, error, language),
};

/** For `/v2/payments/notify`, whose document knows no failure but 500; a forged message is told apart. */
export const wechatNotifyAcknowledgement: Acknowledgement = {
  ...wechatAcknowledgement,
  failure: (error, language) => wechatFailure(error.statusCode === 401 ? 401 : 500, error, language),
};

/** One of the forms a callback comes in: who verifies it, and how it is replied to. */
export interface CallbackForm {
  readonly receiver: MessageForm;
  readonly acknowledgement: Acknowledgement;
}

/** The headers choose the form: nothing is parsed before it is verified. */
export type ChooseForm = (headers: RawMessage['headers']) => CallbackForm;

const flat: CallbackForm = { receiver: 'flat', acknowledgement: envelopeAcknowledgement };
const native = (acknowledgement: Acknowledgement): CallbackForm => ({ receiver: 'native', acknowledgement });

const isForm = (contentType = '') => /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType);

/** How the form of a message to a provider's callback is told. */
export const callbackForms: Readonly<Record<Provider, ChooseForm>> = {
  wechat: (headers) =>
    Object.keys(headers).some((name) => name.startsWith('wechatpay-')) ? native(wechatAcknowledgement) : flat,
  alipay: (headers) => (isForm(headers['content-type']) ? native(alipayAcknowledgement) : flat),
  // The same header signs both, and only what is signed says which it is.
  stripe: () => native(envelopeAcknowledgement),
};
