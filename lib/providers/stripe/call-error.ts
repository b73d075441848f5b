import Stripe from 'stripe';
import { ProviderCallError } from '../errors.ts';

/** Only names that Stripe documents are taken over, and the number under which Stripe's own log has the request. */
export function toCallError(error: unknown): ProviderCallError {
  if (error instanceof ProviderCallError) return error;
  if (!(error instanceof Stripe.errors.StripeError)) {
    return new ProviderCallError('stripe', null, 'the answer could not be read');
  }
  const details = [error.type, error.code, error.requestId].filter((detail) =>
    /^\w{1,64}$/.test(detail ?? ''),
  );
  return new ProviderCallError('stripe', error.statusCode ?? null, details.join(' '), error.code ?? null);
}

export function unusableAnswer(field: string): ProviderCallError {
  return new ProviderCallError('stripe', 200, `the answer has no usable ${field}`);
}
