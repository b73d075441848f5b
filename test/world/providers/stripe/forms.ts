import { refundedOf, type Transaction } from '../books.ts';

/** What Stripe's objects look like, and how its forms are read. */

export interface StripeAccount {
  readonly account: string;
  readonly livemode: boolean;
  readonly secret_key: string;
  readonly webhook_secret: string;
  /** Whose it is: a tenant's own or, with null, the stage's. */
  readonly tenant_id: number | null;
}

export const stripeMerchantName = ({ account, livemode }: StripeAccount) =>
  `${account}.${livemode ? 'live' : 'test'}`;

export interface Intent {
  readonly id: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Fields;
  readonly created: number;
  status: 'requires_payment_method' | 'processing' | 'succeeded' | 'canceled';
  transaction: Transaction | null;
}

export interface Session {
  readonly account: StripeAccount;
  readonly id: string;
  readonly url: string;
  readonly amount: number;
  readonly currency: string;
  readonly number: string;
  readonly client_reference_id: string | null;
  readonly metadata: Fields;
  readonly intentMetadata: Fields;
  /** Where the payer is sent who has paid. */
  readonly success_url: string;
  readonly created: number;
  readonly expires_at: number;
  status: 'open' | 'complete' | 'expired';
  payment_status: 'unpaid' | 'paid';
  intent: Intent | null;
}

export type StripeMisstated = 'amount_total' | 'currency' | 'livemode';

export type Fields = Readonly<Record<string, string>>;

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly param: string | undefined;
  constructor(status: number, code: string, message: string, param?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

/** Stripe's times are in seconds. */
export const toSeconds = (time_ms: number): number => Math.floor(time_ms / 1_000);

export function describeSession(session: Session, isExpanded = false): object {
  const {
    id,
    url,
    amount,
    currency,
    client_reference_id,
    metadata,
    created,
    expires_at,
    status,
    payment_status,
    intent,
    account,
  } = session;
  const payment_intent = intent && isExpanded ? describeIntent(account, intent) : (intent?.id ?? null);
  return {
    id,
    object: 'checkout.session',
    amount_subtotal: amount,
    amount_total: amount,
    client_reference_id,
    created: toSeconds(created),
    currency: currency.toLowerCase(),
    expires_at: toSeconds(expires_at),
    livemode: account.livemode,
    metadata,
    mode: 'payment',
    payment_intent,
    payment_status,
    status,
    url: status === 'open' ? url : null,
  };
}

export function describeIntent(account: StripeAccount, intent: Intent): object {
  const { id, amount, currency, metadata, created, status } = intent;
  return {
    id,
    object: 'payment_intent',
    amount,
    amount_received: status === 'succeeded' ? amount : 0,
    created: toSeconds(created),
    currency: currency.toLowerCase(),
    ...(status === 'requires_payment_method'
      ? { last_payment_error: { code: 'payment_intent_payment_attempt_failed' } }
      : {}),
    latest_charge: intent.charge,
    livemode: account.livemode,
    metadata,
    status,
  };
}

export function describeCharge(account: StripeAccount, intent: Intent): object {
  const { transaction } = intent;
  const amount_refunded = transaction ? refundedOf(transaction) : 0;
  return {
    id: intent.charge,
    object: 'charge',
    amount: intent.amount,
    amount_captured: intent.amount,
    amount_refunded,
    created: toSeconds(intent.created),
    currency: intent.currency.toLowerCase(),
    livemode: account.livemode,
    metadata: intent.metadata,
    paid: true,
    payment_intent: intent.id,
    refunded: amount_refunded === intent.amount,
    status: 'succeeded',
  };
}

export function misstated(event: object, field: StripeMisstated): object {
  const { data, livemode, ...rest } = event as {
    data: { object: Record<string, unknown> };
    livemode: boolean;
  };
  if (field === 'livemode')
    return { ...rest, livemode: !livemode, data: { object: { ...data.object, livemode: !livemode } } };
  const wrong = field === 'currency' ? 'sek' : Number(data.object['amount_total']) + 1;
  return { ...rest, livemode, data: { object: { ...data.object, [field]: wrong } } };
}

export function nested(form: Fields, prefix: string): Fields {
  const pairs = Object.entries(form)
    .filter(([name]) => name.startsWith(`${prefix}[`) && !name.slice(prefix.length + 1, -1).includes('['))
    .map(([name, value]) => [name.slice(prefix.length + 1, -1), value] as const);
  return Object.fromEntries(pairs);
}

export function wholeNumber(form: Fields, name: string): number {
  const value = form[name] ?? '';
  if (!/^\d{1,12}$/.test(value))
    throw new Refusal(400, 'parameter_invalid_integer', `Invalid integer: ${name}`);
  return Number(value);
}

export function page<T extends { readonly id: string }>(
  url: URL,
  path: string,
  all: readonly T[],
  describe: (item: T) => object,
): object {
  const limit = Number(url.searchParams.get('limit') ?? 10);
  const after = url.searchParams.get('starting_after');
  const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const shown = all.slice(from, from + limit);
  return { object: 'list', data: shown.map(describe), has_more: from + limit < all.length, url: path };
}
