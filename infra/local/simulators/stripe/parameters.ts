import { invalidParameter, StripeError } from './error.ts';
import type { Metadata } from './payment.ts';

const SHORTEST_LIFE_S = 30 * 60;
const LONGEST_LIFE_S = 24 * 3_600;

export interface SessionParameters {
  readonly amount: number;
  readonly currency: string;
  readonly description: string;
  readonly client_reference_id: string;
  readonly metadata: Metadata;
  readonly payment_metadata: Metadata;
  readonly success_url: string;
  readonly cancel_url: string | null;
  /** Seconds since 1970. */
  readonly expires_at: number;
}

/** What a form asks for (docs.stripe.com/api/checkout/sessions/create); one line item. @throws StripeError */
export function parseSessionParameters(form: URLSearchParams, now_s: number): SessionParameters {
  const item = (name: string) => required(form, `line_items[0]${name}`);
  if (required(form, 'mode') !== 'payment') throw invalidParameter('mode', 'mode must be payment here');
  const currency = item('[price_data][currency]');
  if (!/^[a-z]{3}$/.test(currency)) {
    throw invalidParameter('line_items[0][price_data][currency]', `Invalid currency: ${currency}`);
  }
  const unitAmount = integer(form, 'line_items[0][price_data][unit_amount]');
  checkAmount(unitAmount, currency);
  return {
    amount: unitAmount * integer(form, 'line_items[0][quantity]'),
    currency,
    description: bounded(form, 'line_items[0][price_data][product_data][name]', 250),
    client_reference_id: bounded(form, 'client_reference_id', 200),
    metadata: metadata(form, 'metadata'),
    payment_metadata: metadata(form, 'payment_intent_data[metadata]'),
    success_url: webAddress(form, 'success_url'),
    cancel_url: form.has('cancel_url') ? webAddress(form, 'cancel_url') : null,
    expires_at: expiry(form, now_s),
  };
}

/** The least of some currencies, as Stripe's page of currencies has it. */
const LEAST = new Map(
  `aed 200 aud 50 brl 50 cad 50 chf 50 czk 1500 dkk 250 eur 50 gbp 30 hkd 400 huf 17500 inr 50 jpy 50 krw 50 mxn 1000
   myr 200 nok 300 nzd 50 pln 200 ron 200 sek 300 sgd 50 thb 1000 usd 50`
    .match(/[a-z]{3} \d+/g)
    ?.map((entry) => entry.split(' ') as [string, string]),
);

/** @throws StripeError */
function checkAmount(amount: number, currency: string): void {
  const param = 'line_items[0][price_data][unit_amount]';
  const digits = currency === 'idr' ? 12 : 8;
  if (String(amount).length > digits) {
    const message = `This value must be no more than ${'9'.repeat(digits)}.`;
    throw new StripeError(400, message, { code: 'amount_too_large', param });
  }
  if (amount < Number(LEAST.get(currency) ?? 1)) {
    const message =
      "The Checkout Session's total amount due must add up to at least the minimum of its currency.";
    throw new StripeError(400, message, { code: 'amount_too_small' });
  }
}

const REASONS = ['', 'duplicate', 'fraudulent', 'requested_by_customer'];

/** What a form asks to return (docs.stripe.com/api/refunds/create); the rest without an `amount`. @throws StripeError */
export function parseRefundParameters(form: URLSearchParams) {
  const reason = form.get('reason') ?? '';
  if (!REASONS.includes(reason)) throw invalidParameter('reason', `Invalid reason: ${reason}`);
  return {
    payment_intent: required(form, 'payment_intent'),
    amount: form.has('amount') ? integer(form, 'amount') : null,
    reason,
    metadata: metadata(form, 'metadata'),
  };
}

function expiry(form: URLSearchParams, now_s: number): number {
  if (!form.has('expires_at')) return now_s + LONGEST_LIFE_S;
  const expires_at = integer(form, 'expires_at');
  if (expires_at < now_s + SHORTEST_LIFE_S || expires_at > now_s + LONGEST_LIFE_S) {
    const message = 'The `expires_at` timestamp must be between 30 minutes and 24 hours from now.';
    throw invalidParameter('expires_at', message);
  }
  return expires_at;
}

function required(form: URLSearchParams, param: string): string {
  const value = form.get(param);
  if (value) return value;
  throw new StripeError(400, `Missing required param: ${param}.`, { code: 'parameter_missing', param });
}

function webAddress(form: URLSearchParams, param: string): string {
  const value = required(form, param);
  if (/^https?:\/\//.test(value) && URL.canParse(value) && value.length <= 5000) return value;
  throw invalidParameter(param, 'Not a valid URL');
}

function bounded(form: URLSearchParams, param: string, longest: number): string {
  const value = required(form, param);
  if ([...value].length <= longest) return value;
  throw invalidParameter(param, `Invalid string: must be at most ${longest} characters`);
}

function integer(form: URLSearchParams, param: string): number {
  const text = required(form, param);
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text);
  throw new StripeError(400, `Invalid integer: ${text}`, { code: 'parameter_invalid_integer', param });
}

function metadata(form: URLSearchParams, name: string): Metadata {
  const prefix = `${name}[`;
  const entries = [...form]
    .filter(([param]) => param.startsWith(prefix))
    .map(([param, value]) => [param.slice(prefix.length, -1), value] as const);
  const isTooMuch =
    entries.length > 50 || entries.some(([key, value]) => key.length > 40 || value.length > 500);
  if (isTooMuch) throw invalidParameter(name, 'Metadata can have 50 keys of 40 characters and values of 500');
  return Object.fromEntries(entries);
}
