import { type AskingPorts, queryPayment } from './check-payment.ts';
import type { RefundEvent } from './event.ts';
import type { Payment } from './payment.ts';
import type { Merchant, RefundAnswer, RefundRequest } from './provider-gateway.ts';
import type { Refund } from './refund.ts';
import { type RefundResult, refundStatusAfter } from './settle-refund.ts';
import { findPayment } from './snapshot.ts';

export interface RefundingPorts extends AskingPorts {
  readonly settleRefund: (event: RefundEvent) => Promise<RefundResult>;
  /** Takes a failure of the provider; the refund stays open and is asked about again. */
  readonly onProviderFailure: (refund: Refund, error: unknown) => void;
}

/** Asks the provider for the refund and settles what it answers at once. The refund stays open when it does not. */
export async function askForRefund(ports: RefundingPorts, refund: Refund): Promise<Refund> {
  try {
    const event = await refundAtProvider(ports, refund);
    if (!event) return refund;
    const { outcome } = await ports.settleRefund(event);
    // What cannot be is not believed, and asked about again.
    if (outcome === 'mismatch') return refund;
    const { type, refund_id } = event;
    return { ...refund, status: refundStatusAfter[type], refund_id };
  } catch (error) {
    // What its answer could not be written to is asked about again.
    ports.onProviderFailure(refund, error);
    return refund;
  }
}

/** A payment or refund of a merchant that is not configured any more: nobody else is asked in its place. */
export class MissingMerchantError extends Error {
  override readonly name = 'MissingMerchantError';
}

/**
 * Asks for a refund, or what became of one that was asked for before. One that the provider does not hold was never
 * asked for, or the request was lost: it is asked for again.
 * @returns what is to be settled; null while there is nothing
 * @throws MissingMerchantError, ProviderCallError, and what the store throws
 */
export async function refundAtProvider(
  ports: AskingPorts,
  refund: Refund,
  { isRepeat = false } = {},
): Promise<RefundEvent | null> {
  const { gateway, request } = await refundCall(ports, refund);
  const known = isRepeat ? await gateway.queryRefund(request) : null;
  const answer = known && known.state !== 'absent' ? known : await gateway.refund(request);
  return 'refund_id' in answer ? refundEvent(refund, answer) : null;
}

/** Who is asked about a refund, and by what. @throws as `refundAtProvider` */
export async function refundCall(
  ports: AskingPorts,
  refund: Refund,
): Promise<Pick<Merchant, 'gateway'> & { readonly request: RefundRequest }> {
  const merchant = await ports.merchants.find(refund.provider, refund.merchant);
  if (!merchant) throw new MissingMerchantError('the merchant of the payment is not configured');
  const request = { ...refund, transaction_id: await transactionOf(ports, refund) };
  return { gateway: merchant.gateway, request };
}

/** What an answer says that decides about a refund, or that it is abnormal: to be settled. */
export const refundEvent = (
  { payment_no, provider, merchant, refund_no }: Refund,
  { state, refund_id }: Extract<RefundAnswer, { refund_id: string | null }>,
): RefundEvent => ({ type: `refund_${state}`, payment_no, provider, merchant, refund_no, refund_id });

/** The transaction that is returned: the payment's, which its provider is asked for when no message has named it. */
async function transactionOf(ports: AskingPorts, refund: Refund): Promise<string | null> {
  if (refund.suspense !== null) return refund.suspense;
  const payment = await paymentOf(ports, refund);
  if (payment.transaction_id !== null) return payment.transaction_id;
  await queryPayment(ports, payment);
  return (await paymentOf(ports, refund)).transaction_id;
}

async function paymentOf({ store }: AskingPorts, refund: Refund): Promise<Payment> {
  const snapshot = await store.read(refund.order_no);
  const payment = snapshot && findPayment(snapshot, refund.payment);
  if (!payment) throw new Error('a refund names no payment');
  return payment;
}
