import * as z from 'zod/mini';
import type { DisputeAction } from './disputes.ts';
import { type Answer, json } from './http.ts';
import { unknownPayment } from './payment-actions.ts';
import { type RefundParts, refundOptions } from './refund-actions.ts';

/** How what is said about a dispute is sent; in smallest units, the whole payment where no amount is given. */
export const disputeOptions = z.extend(
  z.pick(refundOptions, { times: true, concurrency: true, deliver: true }),
  {
    amount: z.optional(z.int().check(z.positive())),
  },
);

/** Takes a dispute of a payment a step further, and tells the merchant. */
export async function actOnDispute(
  { simulator, courier }: RefundParts,
  payment_no: string,
  action: DisputeAction,
  { amount, deliver, times, concurrency }: z.infer<typeof disputeOptions>,
): Promise<Answer> {
  const payment = simulator.payments.find(payment_no);
  if (!payment) return unknownPayment('the provider', payment_no);
  if (!simulator.disputes) return json(409, { error: `${payment.provider} tells of no disputes` });
  const acted = simulator.disputes.act(payment, action, amount);
  if (typeof acted === 'string') return json(409, { error: acted });
  const deliveries = await courier.deliver({
    provider: payment.provider,
    payment_no,
    url: payment.notify_url,
    message: () => (deliver ? acted.message() : null),
    acknowledged: simulator.acknowledged,
    retryAfterSeconds: simulator.retryAfterSeconds,
    times,
    concurrency,
  });
  return json(200, {
    dispute: acted.dispute,
    deliveries: deliveries.map(({ status, answer }) => ({ status, body: answer })),
  });
}
