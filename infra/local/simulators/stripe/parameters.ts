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
  return {
    amount: unitAmount * integer(form, 'line_items[0][quantity]'),
    currency,
    description: item('[price_data][product_data][name]'),
    client_reference_id: required(form, 'client_reference_id'),
    metadata: metadata(form, 'metadata'),
    payment_metadata: metadata(form, 'payment_intent_data[metadata]'),
    success_url: required(form, 'success_url'),
    cancel_url: form.get('cancel_url'),
    expires_at: expiry(form, now_s),
  };
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

function integer(form: URLSearchParams, param: string): number {
  const text = required(form, param);
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text);
  throw new StripeError(400, `Invalid integer: ${text}`, { code: 'parameter_invalid_integer', param });
}

function metadata(form: URLSearchParams, name: string): Metadata {
  const prefix = `${name}[`;
  return Object.fromEntries(
    [...form]
      .filter(([param]) => param.startsWith(prefix))
      .map(([param, value]) => [param.slice(prefix.length, -1), value]),
  );
}
