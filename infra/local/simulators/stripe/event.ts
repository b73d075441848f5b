import { createHmac } from 'node:crypto';
import type { Message } from '../delivery.ts';
import { randomText } from '../random.ts';
import { type StripePayment, session } from './payment.ts';

/** What an event is about, in the API version that its objects are written in. */
export interface EventContent {
  readonly type: string;
  readonly object: unknown;
  readonly api_version: string | null;
}

const TYPE = {
  open: null,
  paid: 'checkout.session.completed',
  failed: 'checkout.session.async_payment_failed',
  closed: 'checkout.session.expired',
} as const;

/** What the event about a session tells, or null while there is nothing to tell. */
export function sessionEvent(payment: StripePayment, livemode: boolean): EventContent | null {
  const type = TYPE[payment.state];
  return type === null
    ? null
    : { type, object: session(payment, livemode), api_version: payment.api_version };
}

/** The body of an event. `now` in milliseconds. */
export function eventBody(
  { type, object, api_version }: EventContent,
  livemode: boolean,
  now: number,
): string {
  return JSON.stringify({
    id: `evt_${randomText(24)}`,
    object: 'event',
    api_version,
    created: Math.floor(now / 1000),
    data: { object },
    livemode,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  });
}

/** `Stripe-Signature`: `t=…,v1=…`, HMAC-SHA256 in hex over `t.body` (docs.stripe.com/webhooks). */
export function signedMessage(body: string, secret: string, now: number): Message {
  const t = Math.floor(now / 1000);
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
  return {
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': `t=${t},v1=${v1}` },
    body,
  };
}
