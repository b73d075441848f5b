import type { Provider } from '../orders/kinds.ts';
import type { RawMessage, Receivers } from '../providers/provider.ts';
import {
  type Acknowledgement,
  alipayAcknowledgement,
  envelopeAcknowledgement,
  wechatAcknowledgement,
} from './acknowledgement.ts';

/** One of the forms a callback comes in: who verifies it, and how it is answered. */
export interface CallbackForm {
  readonly receiver: keyof Receivers;
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
