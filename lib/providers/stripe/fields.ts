import { STRIPE_ACCOUNT, stripeMerchant } from '../../config/stripe-merchant.ts';
import { isJsonObject } from '../../json.ts';
import { parsePaymentNumber } from '../../orders/order-number.ts';
import { MalformedMessageError } from '../errors.ts';
import { readText } from '../message-fields.ts';

/** An object of Stripe's, as it came. */
export type StripeFields = Readonly<Record<string, unknown>>;

/** The last second that a Date can hold. */
const MAX_SECONDS = 8_640_000_000_000;

/** Null when it names no payment of ours: the account may sell elsewhere too. @throws MalformedMessageError */
export function readPaymentNumber(value: unknown, field: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') throw new MalformedMessageError(field, '须为字符串');
  return parsePaymentNumber(value) ? value : null;
}

export function readMetadata({ metadata }: StripeFields): StripeFields {
  return readObject(metadata ?? {}, 'data.object.metadata');
}

/** Whose message it is: `account` names another one than ours where a platform is told of those that it serves. */
export function readMerchant(ours: string, account: unknown, livemode: unknown): string {
  if (typeof livemode !== 'boolean') throw new MalformedMessageError('livemode', '须为布尔值');
  const named =
    account === undefined || account === null ? ours : readText(account, 'account', STRIPE_ACCOUNT);
  return stripeMerchant(named, livemode ? 'live' : 'test');
}

/** In the smallest unit. */
export const readAmount = (value: unknown, field: string): number =>
  readInteger(value, field, Number.MAX_SAFE_INTEGER);

export const readCurrency = (value: unknown, field: string): string =>
  readText(value, field, /^[a-z]{3}$/i).toUpperCase();

/** From seconds since 1970, as ISO 8601. */
export function readTime(value: unknown, field: string): string {
  return new Date(readInteger(value, field, MAX_SECONDS) * 1000).toISOString();
}

export function readObject(value: unknown, field: string): StripeFields {
  if (!isJsonObject(value)) throw new MalformedMessageError(field, '须为对象');
  return value;
}

function readInteger(value: unknown, field: string, maximum: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maximum) return value;
  throw new MalformedMessageError(field, '须为非负整数');
}
