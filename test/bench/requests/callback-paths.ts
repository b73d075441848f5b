import type { Provider } from '../../../lib/orders/kinds.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { FIRST_CHECK_MS } from '../../../lib/orders/schedule.ts';
import type { RawMessage } from '../../../lib/providers/message.ts';
import type { DynamodbMeter, MeteredRequest } from '../../support/dynamodb-meter.ts';
import { forge } from '../../support/forge.ts';
import { createHttpClient } from '../../support/http-client.ts';
import type { Begun, createParties, openTable } from '../../support/parties.ts';

/** The callback of each provider that its own messages come to. */
const callbacks = {
  wechat: { path: '/v2/payments/notify', functionName: 'wechat-notify' },
  alipay: { path: '/api/pay/callback/alipay', functionName: 'alipay-callback' },
  stripe: { path: '/api/pay/callback/stripe', functionName: 'stripe-callback' },
} as const satisfies Record<Provider, { path: string; functionName: string }>;

/** What can become of a callback, each for an order of its own. */
export const callbackPaths = [
  'settlement',
  'duplicate',
  'unknown order',
  'mismatch',
  'paid twice',
  'paid after close',
  'no order named',
  'forgery',
] as const;
export type CallbackPath = (typeof callbackPaths)[number];

type Parties = ReturnType<typeof createParties>;

interface PaymentChanges {
  /** In the smallest unit. */
  readonly amount?: number;
  readonly transaction_id?: string;
}

/** The provider's signed word that a payment was made. */
export const paidMessage = (
  { wechat, alipay, stripe }: Parties,
  provider: Provider,
  { payment_no, amount: due }: Pick<Payment, 'payment_no' | 'amount'>,
  { amount = due, transaction_id = `transaction-${payment_no}` }: PaymentChanges = {},
): RawMessage => {
  switch (provider) {
    case 'wechat':
      return wechat.signNotification(wechat.transaction(payment_no, amount, { transaction_id }));
    case 'alipay':
      return alipay.signNotification(
        alipay.trade(payment_no, (amount / 100).toFixed(2), { trade_no: transaction_id }),
      );
    case 'stripe':
      return stripe.signEvent(
        stripe.paidEvent(payment_no, amount, 'usd', { payment_intent: transaction_id }),
      );
  }
};

export interface MeteredSystem {
  readonly url: string;
  readonly parties: Parties;
  readonly table: ReturnType<typeof openTable>;
  readonly meter: DynamodbMeter;
}

export interface MeasuredPath {
  readonly status: number;
  /** What the callback asked of DynamoDB, without what others do about its order later. */
  readonly requests: readonly MeteredRequest[];
  /** The same for the callbacks that came before it. */
  readonly earlier: readonly MeteredRequest[];
}

export type MeasurePath = (provider: Provider, path: CallbackPath) => Promise<MeasuredPath>;

export function createPathMeasurement({ url, parties, table, meter }: MeteredSystem): MeasurePath {
  const call = createHttpClient(url);
  const send = async (provider: Provider, { headers, body }: RawMessage) =>
    (await call('POST', callbacks[provider].path, { headers, body })).status;

  return async (provider, path) => {
    const requestsSince = (seen: number) =>
      meter.requests.slice(seen).filter(({ caller }) => caller === callbacks[provider].functionName);
    const begin = meter.requests.length;
    const begun = handedOut(parties, provider);
    const due = { kind: 'check', due: Date.now() + FIRST_CHECK_MS } as const;
    if (path !== 'unknown order') await table.store(begun, due);
    const { order, payment } = begun;
    const message = paidMessage(parties, provider, payment);
    if (path === 'duplicate' || path === 'paid twice') await send(provider, message);
    if (path === 'paid after close') await table.change(order, { status: 'closed' });
    const earlier = requestsSince(begin);
    const seen = meter.requests.length;
    const status = await send(provider, messageOf(parties, provider, path, payment, message));
    return { status, requests: requestsSince(seen), earlier };
  };
}

/** As long as those of the providers' documentation. */
const pages = {
  wechat: { page: `wx${'0'.repeat(34)}`, id: null },
  alipay: { page: null, id: null },
  stripe: { page: null, id: `cs_test_${'a'.repeat(60)}` },
} as const satisfies Record<Provider, { page: string | null; id: string | null }>;

/** An order whose payment was begun, with all that is stored for it by then. */
function handedOut({ orders }: Parties, provider: Provider): Begun {
  const { order, payment } = provider === 'wechat' ? orders.shop() : orders[provider]();
  return {
    order,
    payment: { ...payment, handed_out: { ...pages[provider], good_until: payment.expires_at } },
  };
}

function messageOf(
  parties: Parties,
  provider: Provider,
  path: CallbackPath,
  payment: Payment,
  message: RawMessage,
): RawMessage {
  switch (path) {
    case 'mismatch':
      return paidMessage(parties, provider, payment, { amount: 1 });
    case 'paid twice':
      return paidMessage(parties, provider, payment, {
        transaction_id: `second-${payment.payment_no}`,
      });
    case 'no order named':
      return paidMessage(parties, provider, { ...payment, payment_no: ' ' });
    case 'forgery':
      return forge(provider, message);
    default:
      return message;
  }
}
