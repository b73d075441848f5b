import { createSecretKey } from 'node:crypto';
import type { StripeConfig } from '../../config/stripe.ts';
import { JsonError, parseJsonObject } from '../../json.ts';
import { isNumberOf } from '../../orders/order-number.ts';
import { MalformedMessageError } from '../errors.ts';
import { parseFlatBody } from '../flat-body.ts';
import { type FlatDialect, flatEvent, flatStatuses } from '../flat-callback.ts';
import type { ReceivedEvent, ReceiveMessage } from '../provider.ts';
import { stripeCurrencies } from './currencies.ts';
import { toEvent } from './event.ts';
import { verifyStripeMessage } from './verify.ts';

/** Without `sig`: Stripe's header signs flat bodies too. */
const FLAT_FIELDS = ['order_no', 'status', 'txn_id', 'amount', 'currency'];

/**
 * Receives Stripe's events and flat bodies, both signed by `Stripe-Signature`. Stripe tells every endpoint of an account
 * about all its payments: of those of a stage with another prefix nothing is to be done here.
 * @param now milliseconds since 1970
 */
export function receiveStripeNotification(
  { webhookSecrets, account, merchant }: Pick<StripeConfig, 'webhookSecrets' | 'account' | 'merchant'>,
  now: () => number,
  orderPrefix = '',
): ReceiveMessage {
  const secrets = webhookSecrets.map((secret) => createSecretKey(secret, 'utf8'));
  const dialect: FlatDialect = {
    provider: 'stripe',
    merchant,
    statuses: flatStatuses,
    currencies: stripeCurrencies,
  };
  return (message) => {
    verifyStripeMessage(message, secrets, now());
    const value = parseBody(message.body);
    if (value['object'] === 'event') return ofStage(orderPrefix, toEvent(value, account));
    return flatEvent(parseFlatBody(message.body, FLAT_FIELDS), dialect);
  };
}

const ofStage = (orderPrefix: string, event: ReceivedEvent): ReceivedEvent =>
  event && isNumberOf(orderPrefix, event.payment_no) ? event : null;

function parseBody(body: Buffer): Record<string, unknown> {
  try {
    return parseJsonObject(body);
  } catch (error) {
    throw error instanceof JsonError ? new MalformedMessageError(null, error.message) : error;
  }
}
