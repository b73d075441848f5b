import { forged, unauthenticated } from '../../../lib/http/api-error.ts';
import {
  type Acknowledgement,
  alipayAcknowledgement,
  envelopeAcknowledgement,
  wechatAcknowledgement,
} from '../../../lib/http/callback-form.ts';
import { payEnvelope, type Reply, v2Envelope } from '../../../lib/http/reply.ts';
import type { Endpoint, MessageForm } from '../../endpoints.ts';

/** A request that proves nothing, and the answer that it must get. */
export interface UnsignedMessage {
  /** In words that follow "to". */
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly expected: Reply;
}

const json = { 'content-type': 'application/json' };

const forms: Readonly<
  Record<MessageForm, Omit<UnsignedMessage, 'expected'> & { readonly acknowledgement: Acknowledgement }>
> = {
  alipay: {
    what: "Alipay's unsigned form",
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'out_trade_no=mall-0',
    acknowledgement: alipayAcknowledgement,
  },
  wechat: {
    what: "WeChat Pay's unsigned message",
    // One of its headers says whose form this is; without the others no key is looked for.
    headers: { ...json, 'wechatpay-serial': 'none' },
    body: '{}',
    acknowledgement: wechatAcknowledgement,
  },
  stripe: {
    what: "Stripe's unsigned event",
    headers: json,
    body: '{"object":"event"}',
    acknowledgement: envelopeAcknowledgement,
  },
  flat: {
    what: 'an unsigned flat body',
    headers: json,
    body: '{"order_no":"mall-0","status":"succeeded"}',
    acknowledgement: envelopeAcknowledgement,
  },
};

/** Of the right form, so that the key that should have signed it is looked for. */
const forgedToken = [{ alg: 'RS256', kid: 'none' }, { sub: 'none' }]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .concat(Buffer.alloc(256).toString('base64url'))
  .join('.');

/** What nobody signed, in each way that an endpoint can be asked. */
export function unsignedMessages({ callback, method, path }: Endpoint): UnsignedMessage[] {
  if (callback) return callback.map((form) => unsignedCallback(forms[form]));
  const envelope = path.startsWith('/v2/') ? v2Envelope : payEnvelope;
  const request = {
    headers: json,
    body: method === 'GET' ? null : '{}',
    expected: envelope.error(unauthenticated(), 'zh'),
  };
  return [
    { ...request, what: 'no token' },
    {
      ...request,
      what: 'a forged token',
      headers: { ...json, authorization: `Bearer ${forgedToken}` },
    },
  ];
}

function unsignedCallback({ acknowledgement, ...message }: (typeof forms)[MessageForm]): UnsignedMessage {
  return { ...message, expected: acknowledgement.failure(forged(), 'zh') };
}
