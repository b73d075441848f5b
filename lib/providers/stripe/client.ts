import Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import { type Io, unansweredReason } from '../../io.ts';
import { isJsonObject } from '../../json.ts';
import { type FieldRefusal, ProviderCallError } from '../call.ts';
import { MalformedMessageError } from '../message.ts';
import { STRIPE_API_VERSION } from './facts.ts';

/** In what an account settles a currency to, Stripe has limits that no table tells (docs.stripe.com/error-codes). */
const refusals: ReadonlyMap<string | null, FieldRefusal> = new Map([
  [
    'amount_too_small',
    {
      ...{ field: 'amount', word: 'amount_too_small' },
      problem: { zh: '低于支付渠道允许的最低金额', en: 'is less than the provider takes' },
    },
  ],
  [
    'amount_too_large',
    {
      ...{ field: 'amount', word: 'amount_too_large' },
      problem: { zh: '高于支付渠道允许的最高金额', en: 'is more than the provider takes' },
    },
  ],
]);

/** Only names that Stripe documents are taken over, and the number under which Stripe's own log has the request. */
export function toCallError(error: unknown): ProviderCallError {
  if (error instanceof ProviderCallError) return error;
  // Stryker disable next-line StringLiteral: what is read of an answer has a field, which its type does not say
  if (error instanceof MalformedMessageError) return unusableAnswer(error.field ?? 'field');
  if (!(error instanceof Stripe.errors.StripeError)) {
    return new ProviderCallError('stripe', null, 'the answer could not be read');
  }
  const isUnanswered = error instanceof Stripe.errors.StripeConnectionError;
  const reason = isUnanswered ? unansweredReason(error.detail) : error.code;
  const details = [error.type, reason, error.requestId].filter(
    (detail) => detail !== undefined && /^\w{1,64}$/.test(detail),
  );
  const { statusCode = null, code = null } = error;
  return new ProviderCallError('stripe', statusCode, details.join(' '), code, refusals.get(code) ?? null);
}

export function unusableAnswer(field: string): ProviderCallError {
  return new ProviderCallError('stripe', 200, `the answer has no usable ${field}`);
}

/** For one call, and for all pages of a look-up together: a call and the look-up after it end within 12 s. */
export const STRIPE_TIMEOUT_MS = 5_500;

/** The headers of a failure that the client's error is to keep. */
const FAILURE_HEADERS = ['request-id', 'idempotent-replayed'];

/** Stripe's own client, which asks once, over the HTTP that is passed in. */
export function createStripeClient(config: StripeConfig, io: Pick<Io, 'fetch'>): Stripe {
  return new Stripe(config.secretKey, {
    apiVersion: STRIPE_API_VERSION,
    httpClient: Stripe.createFetchHttpClient(fetchThrough(config.baseUrl, io.fetch)),
    timeout: STRIPE_TIMEOUT_MS,
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

/**
 * Sends the client's requests to `baseUrl`, path included, which the client itself cannot be told. No redirect is
 * followed: the secret key goes to no other host.
 */
function fetchThrough(baseUrl: string, fetch: Io['fetch']): typeof globalThis.fetch {
  return async (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    const response = await fetch(`${baseUrl}${pathname}${search}`, { ...init, redirect: 'error' });
    return response.ok ? response : withErrorBody(response);
  };
}

/**
 * The client takes an answer for a failure only when its body says so, and loses the status of one that is not JSON,
 * such as a proxy's page.
 */
async function withErrorBody(response: Response): Promise<Response> {
  const body: unknown = await response.json().catch(() => undefined);
  const isError = isJsonObject(body) && isJsonObject(body['error']);
  return Response.json(isError ? body : { error: {} }, {
    status: response.status,
    headers: FAILURE_HEADERS.flatMap((name): [string, string][] => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  });
}
