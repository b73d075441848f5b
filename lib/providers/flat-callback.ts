import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { AmountError, type CurrencyFormat, type CurrencyTable, parseAmount } from '../money.ts';
import type { PaymentEvent } from '../orders/event.ts';
import type { Provider } from '../orders/kinds.ts';
import { type FlatFields, parseFlatBody } from './flat-body.ts';
import {
  MalformedMessageError,
  type ReceiveMessage,
  readPaymentNumber,
  readText,
  readTransactionId,
  VerificationError,
  wordings,
} from './message.ts';
import type { FlatStatuses, ProviderFacts } from './provider.ts';

/** The statuses that a provider's flat callback takes: those that every one does, and words of its own. */
export const flatStatusesOf = ({ flatStatuses }: Pick<ProviderFacts, 'flatStatuses'>): FlatStatuses => ({
  succeeded: 'succeeded',
  failed: 'failed',
  ...flatStatuses,
});

/** What a flat body leaves unsaid: whom its key belongs to, and what its words mean there. */
export interface FlatDialect {
  readonly provider: Provider;
  readonly merchant: string;
  readonly statuses: FlatStatuses;
  readonly currencies: CurrencyTable;
}

export interface FlatCallback extends FlatDialect {
  /** Any of them may have signed. */
  readonly keys: readonly Buffer[];
}

const signedFields = ['amount', 'currency', 'order_no', 'sig', 'status', 'txn_id'] as const;
const yuan: CurrencyFormat = { digits: 2, step: 1 };

/** Receives flat bodies that carry a `sig`. */
export function receiveFlatCallback({ keys, ...dialect }: FlatCallback): ReceiveMessage {
  const secretKeys = keys.map((key) => createSecretKey(key));
  return ({ body }) => {
    const fields = parseFlatBody(body, signedFields);
    verifyFlatSignature(fields, secretKeys);
    return flatEvent(fields, dialect);
  };
}

/**
 * The hex HMAC-SHA256 that a flat body's `sig` must be: over all other fields that are not empty, sorted by name and
 * joined as `name=value` with `&`. No value holds either character, so that two bodies never share a text.
 */
export function flatSignature(fields: FlatFields, key: Buffer | KeyObject): string {
  const text = [...fields.keys()]
    .filter((name) => name !== 'sig' && fields.get(name) !== '')
    .sort()
    .map((name) => `${name}=${fields.get(name)}`)
    .join('&');
  return createHmac('sha256', key).update(text).digest('hex');
}

/** @throws VerificationError unless one of the keys made `sig` */
export function verifyFlatSignature(fields: FlatFields, keys: readonly (Buffer | KeyObject)[]): void {
  const sig = fields.get('sig') ?? '';
  if (sig === '') throw new VerificationError('signature_missing', 'the flat body has no sig');
  if (!/^[0-9a-f]{64}$/.test(sig)) {
    throw new VerificationError('signature_malformed', 'sig is not lower-case hex of 32 bytes');
  }
  const given = Buffer.from(sig);
  if (!keys.some((key) => timingSafeEqual(given, Buffer.from(flatSignature(fields, key))))) {
    throw new VerificationError('signature_mismatch', 'sig does not match the flat body');
  }
}

/** What a verified flat body says. An empty field counts as absent. @throws MalformedMessageError */
export function flatEvent(
  fields: FlatFields,
  { provider, merchant, statuses, currencies }: FlatDialect,
): PaymentEvent {
  const get = (name: string) => fields.get(name) || undefined;
  // A flat body calls the payment's number so.
  const payment_no = readPaymentNumber(get('order_no'), 'order_no');
  const type = readStatus(get('status'), statuses);
  const txnId = get('txn_id');
  const currency = get('currency');
  const amount = get('amount');
  return {
    type,
    payment_no,
    provider,
    merchant,
    transaction_id: txnId === undefined ? null : readTransactionId(txnId, 'txn_id'),
    ...(currency !== undefined && { currency: readText(currency, 'currency', /^[A-Z]{3}$/) }),
    ...(amount !== undefined && { amount: readAmount(amount, currency, currencies) }),
  };
}

function readStatus(status: string | undefined, statuses: FlatStatuses): PaymentEvent['type'] {
  if (status === undefined) throw new MalformedMessageError('status', wordings.missing);
  const type = Object.hasOwn(statuses, status) ? statuses[status] : undefined;
  if (type === undefined) throw new MalformedMessageError('status', wordings.unsupported);
  return type;
}

/**
 * An amount says nothing without its currency, unless the provider takes only one. In a currency that it does not take,
 * the amount only has to be readable: the payment has another one.
 */
function readAmount(text: string, named: string | undefined, currencies: CurrencyTable): number {
  const [only, ...others] = Object.keys(currencies);
  const currency = named ?? (others.length === 0 ? only : undefined);
  if (currency === undefined)
    throw new MalformedMessageError('currency', {
      zh: '须与 amount 一同给出',
      en: 'must be given with amount',
    });
  const format = Object.hasOwn(currencies, currency) ? currencies[currency] : undefined;
  try {
    return parseAmount(text, format ?? yuan);
  } catch (error) {
    throw error instanceof AmountError ? new MalformedMessageError('amount', error.wording) : error;
  }
}
