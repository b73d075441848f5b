import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import { MalformedMessageError, ProviderCallError } from '../errors.ts';
import type { ProviderGateway, RefundRequest } from '../provider.ts';
import { toCallError, unusableAnswer } from './call-error.ts';
import { createStripeClient, STRIPE_TIMEOUT_MS } from './client.ts';
import { closeSession } from './close.ts';
import { findRefund, type PaidRefundRequest, toAnswer } from './find-refund.ts';
import { querySession } from './query.ts';
import { requestRefund } from './refund.ts';

/** What can be asked of Stripe. */
export function createStripeGateway(config: StripeConfig, io: Pick<Io, 'fetch' | 'now'>): ProviderGateway {
  return {
    query: (payment) => call(() => querySession(config, io, payment)),
    close: (payment) => call(() => closeSession(config, io, payment)),
    refund: (request) => call(() => requestRefund(config, io, paid(request))),
    queryRefund: (request) =>
      call(async () => {
        const stripe = createStripeClient(config, io);
        const refund = await findRefund(stripe, io, paid(request), io.now() + STRIPE_TIMEOUT_MS);
        return refund ? toAnswer(refund, paid(request)) : { state: 'absent' };
      }),
  };
}

/** A payment that a flat body settled may not say by which payment intent it was made. */
function paid(request: RefundRequest): PaidRefundRequest {
  const { transaction_id } = request;
  if (transaction_id !== null) return { ...request, transaction_id };
  throw new ProviderCallError('stripe', null, 'the payment intent of the payment is not known');
}

async function call<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof MalformedMessageError) throw unusableAnswer(error.field ?? 'field');
    throw toCallError(error);
  }
}
