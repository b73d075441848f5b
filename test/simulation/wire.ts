import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { envelopeAcknowledgement, wechatAcknowledgement } from '../../lib/http/acknowledgement.ts';
import type { CallbackForm } from '../../lib/http/callback.ts';
import { formatAmount } from '../../lib/money.ts';
import type { PaymentEvent } from '../../lib/orders/payment-event.ts';
import type { RefundEvent } from '../../lib/orders/refund-event.ts';
import { alipayCurrencies } from '../../lib/providers/alipay/currencies.ts';
import { currencyFormat } from '../../lib/providers/currencies.ts';
import { VerificationError } from '../../lib/providers/errors.ts';
import { flatSignature, flatStatuses, receiveFlatCallback } from '../../lib/providers/flat-callback.ts';
import type { ReceiveMessage } from '../../lib/providers/provider.ts';
import { receiveStripeNotification } from '../../lib/providers/stripe/notification.ts';
import { wechatCurrencies } from '../../lib/providers/wechat/currencies.ts';
import type { Message } from './mail.ts';

/** What a message looks like on its way, and who reads it at our end. */

type Protocol = 'sealed' | 'flat' | 'stripe' | 'stripe flat';
type Raw = Pick<APIGatewayProxyEventV2, 'headers' | 'body' | 'isBase64Encoded'>;

const KEYS = ['the first key of callbacks', 'the second key of callbacks'] as const;
const currencies = { wechat: wechatCurrencies, alipay: alipayCurrencies };
const SEAL = 'x-seal';

/** Stripe's flat bodies know no close, and its refunds are told in objects that say nothing more to this test. */
function protocolOf({ provider, form, event }: Message): Protocol {
  if (provider !== 'stripe') return form === 'flat' ? 'flat' : 'sealed';
  if ('refund_no' in event) return 'sealed';
  return form === 'flat' && event.type !== 'closed' ? 'stripe flat' : 'stripe';
}

/** The message with its signature, made with the first or the second key, or with another when it is forged. */
export function writeMessage(message: Message, usesSecondKey: boolean, now: number): APIGatewayProxyEventV2 {
  const isForged = message.purpose.type === 'forged';
  const key = isForged ? 'a guess' : KEYS[usesSecondKey ? 1 : 0];
  return writeAs(protocolOf(message), message, key, now) as APIGatewayProxyEventV2;
}

function writeAs(protocol: Protocol, { event }: Message, key: string, now: number): Raw {
  if (protocol === 'sealed') return raw({ [SEAL]: key }, event);
  if ('refund_no' in event) throw new Error('only a sealed message tells of a refund');
  if (protocol === 'flat') {
    const fields = flatFields(event);
    return raw({}, { ...Object.fromEntries(fields), sig: flatSignature(fields, Buffer.from(key)) });
  }
  const body = protocol === 'stripe' ? sessionEvent(event) : Object.fromEntries(flatFields(event));
  const time = Math.floor(now / 1000);
  const signature = createHmac('sha256', key)
    .update(`${time}.${JSON.stringify(body)}`)
    .digest('hex');
  return raw({ 'stripe-signature': `t=${time},v1=${signature}` }, body);
}

const raw = (headers: Raw['headers'], body: object): Raw => ({
  headers,
  body: JSON.stringify(body),
  isBase64Encoded: false,
});

/** The event of Stripe that says this; its transaction is the payment intent. */
function sessionEvent({ type, order_no, amount, currency, transaction_id, paid_at }: PaymentEvent): object {
  const types = {
    succeeded: 'checkout.session.completed',
    failed: 'checkout.session.async_payment_failed',
    closed: 'checkout.session.expired',
  } as const;
  const session = {
    object: 'checkout.session',
    client_reference_id: order_no,
    amount_total: amount,
    currency: currency?.toLowerCase(),
    payment_intent: transaction_id,
    payment_status: type === 'succeeded' ? 'paid' : 'unpaid',
  };
  const created = Math.floor(Date.parse(paid_at ?? '2026-03-01T08:00:00Z') / 1000);
  return { object: 'event', type: types[type], livemode: false, created, data: { object: session } };
}

function flatFields({ order_no, type, transaction_id, provider, amount, currency = 'CNY' }: PaymentEvent) {
  const format = currencyFormat(provider ?? 'wechat', currency);
  const said = amount !== undefined && format && { amount: formatAmount(amount, format), currency };
  return new Map<string, string>(
    Object.entries({
      order_no,
      status: type === 'closed' ? 'CLOSED' : type,
      ...(transaction_id !== null && { txn_id: transaction_id }),
      ...said,
    }),
  );
}

/** Who reads the message: the real code where it costs little. `isRotated`: the second key is taken too. */
export function formOf(message: Message, isRotated: boolean, now: () => number): CallbackForm {
  const accepted = isRotated ? KEYS : KEYS.slice(0, 1);
  const { provider } = message;
  const protocol = protocolOf(message);
  const acknowledgement = protocol === 'sealed' ? wechatAcknowledgement : envelopeAcknowledgement;
  if (protocol === 'sealed') return { receiver: async () => receiveSealed(accepted), acknowledgement };
  if (provider === 'stripe') {
    const receive = receiveStripeNotification({ webhookSecrets: [...accepted] }, now);
    return { receiver: async () => receive, acknowledgement };
  }
  const receive = receiveFlatCallback({
    provider,
    keys: accepted.map((key) => Buffer.from(key)),
    statuses: { ...flatStatuses, CLOSED: 'closed' },
    currencies: currencies[provider],
  });
  return { receiver: async () => receive, acknowledgement };
}

/** Stands for a verifier whose cryptography is proven elsewhere and too slow for here. */
const receiveSealed =
  (accepted: readonly string[]): ReceiveMessage =>
  ({ headers, body }) => {
    if (!accepted.includes(headers[SEAL] ?? '')) {
      throw new VerificationError('signature_mismatch', 'the seal is broken');
    }
    return JSON.parse(body.toString()) as PaymentEvent | RefundEvent;
  };
