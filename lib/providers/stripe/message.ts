import { createSecretKey } from 'node:crypto';
import { parseStripeDocument, type StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import { JsonError, parseJsonObject } from '../../json.ts';
import type { PaymentEvent } from '../../orders/event.ts';
import { isOneOf } from '../../orders/kinds.ts';
import { isNumberOf } from '../../orders/order-number.ts';
import { parseFlatBody } from '../flat-body.ts';
import { type FlatDialect, flatEvent, flatStatusesOf } from '../flat-callback.ts';
import {
  MalformedMessageError,
  type ReceivedEvent,
  type ReceiveMessage,
  type Receivers,
  readText,
} from '../message.ts';
import type { FromDocument } from '../provider.ts';
import { disputeEvent } from './dispute-event.ts';
import { type StripeEventName, stripeEvents, stripeFacts } from './facts.ts';
import {
  isPaid,
  readMerchant,
  readObject,
  readSessionPayment,
  readTime,
  type StripeFields,
  sessionEvent,
} from './fields.ts';
import { findPayment } from './find-payment.ts';
import { refundEvent, refundedChargeEvent } from './refund-event.ts';
import { verifyStripeMessage } from './verify.ts';

/** What an event says of the object that it is about. */
type Reader = (object: StripeFields, said: Said) => ReceivedEvent | Promise<ReceivedEvent>;

/** What reading an object may need besides. */
interface Said {
  readonly merchant: string;
  /** When it happened, as the event says it. */
  readonly created: unknown;
  readonly now: number;
  readonly findPayment: (object: StripeFields) => Promise<string | null>;
}

const readSession =
  (typeOf: (session: StripeFields) => PaymentEvent['type'] | null): Reader =>
  (session, { merchant, created }) => {
    const payment_no = readSessionPayment(session);
    if (payment_no === null) return null;
    const type = typeOf(session);
    if (type === null) return null;
    return {
      ...sessionEvent(session, payment_no, type, merchant),
      ...(type === 'succeeded' && { paid_at: readTime(created, 'created') }),
    };
  };

const readRefund: Reader = (refund, { merchant, findPayment }) => refundEvent(refund, merchant, findPayment);

const readDispute: Reader = (dispute, { merchant, now, findPayment }) =>
  disputeEvent(dispute, merchant, now, findPayment);

/** docs.stripe.com/payments/checkout/fulfill-orders, docs.stripe.com/refunds, docs.stripe.com/disputes. */
const readers: Readonly<Record<StripeEventName, Reader>> = {
  'checkout.session.completed': readSession(({ payment_status }) =>
    isPaid(payment_status) ? 'succeeded' : null,
  ),
  'checkout.session.async_payment_succeeded': readSession(() => 'succeeded'),
  'checkout.session.async_payment_failed': readSession(() => 'failed'),
  'checkout.session.expired': readSession(() => 'closed'),
  'refund.created': readRefund,
  'refund.updated': readRefund,
  'refund.failed': readRefund,
  'charge.refund.updated': readRefund,
  'charge.refunded': (charge, { merchant }) => refundedChargeEvent(charge, merchant),
  'charge.dispute.created': readDispute,
  'charge.dispute.updated': readDispute,
  'charge.dispute.funds_withdrawn': readDispute,
  'charge.dispute.funds_reinstated': readDispute,
  'charge.dispute.closed': readDispute,
};

/**
 * What a Stripe event says of a payment's Checkout Session, of its refunds or disputes; null when it calls for no action
 * or is of no payment of ours.
 * @throws MalformedMessageError, and ProviderCallError where Stripe had to be asked and did not say
 */
async function toEvent(
  event: StripeFields,
  config: EventConfig,
  io: Pick<Io, 'fetch' | 'now'>,
): Promise<ReceivedEvent> {
  const type = readText(event['type'], 'type', /./);
  if (!isOneOf(stripeEvents, type) || !isOwnEvent(event, config.account)) return null;
  const merchant = readMerchant(config.account, event['livemode']);
  return readers[type](readEventObject(event), {
    merchant,
    created: event['created'],
    now: io.now(),
    findPayment: (object) => findPayment(config, io, object),
  });
}

/**
 * A platform's endpoint is told of the accounts that it serves, by `account` (docs.stripe.com/connect/webhooks), and an
 * organization's of its accounts, by `context`: what an account hears of itself names none, or itself.
 */
const isOwnEvent = ({ account, context }: StripeFields, ours: string): boolean =>
  (account ?? null) === null && (context ?? ours) === ours;

const readEventObject = (event: StripeFields): StripeFields =>
  readObject(readObject(event['data'], 'data')['object'], 'data.object');

type EventConfig = Pick<StripeConfig, 'account' | 'secretKey' | 'baseUrl'>;
type MessageConfig = EventConfig & Pick<StripeConfig, 'webhookSecrets' | 'merchant'>;

/** A thin event, which names an object and holds none (docs.stripe.com/event-destinations): none of them is of a payment. */
const THIN_EVENT = 'v2.core.event';

/** Without `sig`: Stripe's header signs flat bodies too. */
const FLAT_FIELDS = ['order_no', 'status', 'txn_id', 'amount', 'currency'];

/**
 * Receives Stripe's events and flat bodies, both signed by `Stripe-Signature`. Stripe tells every endpoint of an account
 * about all its payments: of those of a stage with another prefix nothing is to be done here.
 */
export function receiveStripeMessage(
  config: MessageConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  orderPrefix = '',
): ReceiveMessage {
  const { webhookSecrets, merchant } = config;
  const secrets = webhookSecrets.map((secret) => createSecretKey(Buffer.from(secret)));
  const dialect: FlatDialect = {
    provider: 'stripe',
    merchant,
    statuses: flatStatusesOf(stripeFacts),
    currencies: stripeFacts.currencies,
  };
  return async (message) => {
    verifyStripeMessage(message, secrets, io.now());
    const value = parseBody(message.body);
    if (value['object'] === 'event') return ofStage(orderPrefix, await toEvent(value, config, io));
    if (value['object'] === THIN_EVENT) return null;
    return flatEvent(parseFlatBody(message.body, FLAT_FIELDS), dialect);
  };
}

const ofStage = (orderPrefix: string, event: ReceivedEvent): ReceivedEvent =>
  event && isNumberOf(orderPrefix, event.payment_no) ? event : null;

function parseBody(body: Buffer): Record<string, unknown> {
  try {
    return parseJsonObject(body);
  } catch (error) {
    throw error instanceof JsonError ? new MalformedMessageError(null, error.wording) : error;
  }
}

/** How what is sent to an account at Stripe is received. The header signs both forms alike; the body says which it is. */
export const receiveStripe: FromDocument<Receivers> =
  ({ io, orderPrefix }) =>
  (document) => {
    const config = parseStripeDocument(document);
    const receive = receiveStripeMessage(config, io, orderPrefix);
    return { name: config.merchant, former: config.former, native: receive, flat: receive };
  };
