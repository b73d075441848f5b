import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { ProviderGateway, RefundRequest } from '../../orders/provider-gateway.ts';
import { MalformedMessageError, ProviderCallError } from '../errors.ts';
import { toCallError, unusableAnswer } from './call-error.ts';
import { createStripeClient, STRIPE_TIMEOUT_MS } from './client.ts';
import { closeSession } from './close.ts';
import { createPayment } from './create-payment.ts';
import { findRefund, type PaidRefundRequest, toAnswer } from './find-refund.ts';
import { querySession } from './query.ts';
import { requestRefund } from './refund.ts';

/** What can be asked of Stripe through its own package. */
export type StripeCalls = Omit<ProviderGateway, 'clientParameters'>;

export function createStripeGateway(config: StripeConfig, io: Pick<Io, 'fetch' | 'now'>): StripeCalls {
  return {
    createPayment: (request) => call(() => createPayment(config, io, request)),
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
