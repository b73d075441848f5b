import type { Answer, Call, Route } from '../http.ts';
import type { Payments } from '../payments.ts';
import type { Fees } from '../provider-simulator.ts';
import type { Refunds } from '../refunds.ts';
import { type createDisputes, disputeObject, disputeTransaction } from './dispute.ts';
import { isExpanded, listAnswer } from './list.ts';
import { chargeId, type StripePayment, seconds } from './payment.ts';
import { chargeObject, refundObject, type StripeRefund } from './refund.ts';

interface Parts {
  readonly payments: Payments<StripePayment>;
  readonly refunds: Refunds<StripeRefund>;
  readonly disputes: Pick<ReturnType<typeof createDisputes>, 'list' | 'of'>;
  readonly fees: Fees;
  readonly livemode: boolean;
}

/**
 * What moved the account's balance (docs.stripe.com/api/balance_transactions): payments and refunds, those that failed in
 * both directions, and disputes. Nothing is converted.
 */
export function balanceRoutes({ payments, refunds, disputes, fees, livemode }: Parts): Route[] {
  const chargeOf = (payment: StripePayment) =>
    chargeObject(payment, refunds.of(payment), livemode, disputes.of(payment) !== undefined);

  /** An object of a payment as a source, and its charge in it, expanded as far as it is asked for. */
  function sourceOf<T extends { readonly id: string; readonly charge: string }>(
    query: URLSearchParams,
    object: T,
    payment_id: string,
  ) {
    const payment = payments.get(payment_id);
    if (!isExpanded(query, 'data.source')) return object.id;
    return payment && isExpanded(query, 'data.source.charge')
      ? { ...object, charge: chargeOf(payment) }
      : object;
  }

  function list({ query }: Call): Answer {
    const charged = payments.list().flatMap((payment) => {
      const { state, paid_at, created_at, amount } = payment;
      const charge = chargeOf(payment);
      const source = isExpanded(query, 'data.source') ? charge : charge.id;
      const fee = fees.payment(amount);
      if (paid_at !== null) return transaction('charge', charge, source, { amount, fee, time: paid_at });
      if (state !== 'failed') return [];
      // What fails here is a bank debit, which is listed before it is known to, and goes out by a refund of Stripe's own.
      const time = created_at;
      const refund = failureRefund(payment);
      const back = { amount: -amount, fee: -fee, time };
      return [
        transaction('payment', charge, source, { amount, fee, time }),
        transaction('payment_failure_refund', refund, sourceOf(query, refund, payment.id), back),
      ];
    });
    const returned = refunds.list().flatMap((refund) => {
      const { state, left_at, decided_at, amount, payment_id } = refund;
      if (left_at === null) return [];
      const object = refundObject(refund);
      const source = sourceOf(query, object, payment_id);
      const gone = { amount: -amount, fee: fees.refund(amount), time: left_at };
      const back = { amount, fee: 0, time: decided_at ?? left_at };
      return [
        transaction('refund', object, source, gone),
        ...(state === 'failed' ? [transaction('refund_failure', object, source, back)] : []),
      ];
    });
    const disputed = disputes.list().flatMap((dispute) => {
      const source = sourceOf(query, disputeObject(dispute, livemode), dispute.payment_id);
      return dispute.movements.map((moved) => disputeTransaction(dispute, moved, source));
    });
    const newestFirst = [...charged, ...returned, ...disputed].sort((a, b) => b.created - a.created);
    return listAnswer('/v1/balance_transactions', newestFirst, query);
  }

  return [['GET', /^\/v1\/balance_transactions$/, list]];
}

/** What gives back of a payment that failed. Nobody asked for it, and it is listed nowhere else. */
const failureRefund = ({ transaction_id, amount, currency, created_at }: StripePayment) => ({
  id: chargeId(transaction_id ?? '').replace(/^ch_/, 'pyr_'),
  object: 'refund',
  amount,
  charge: chargeId(transaction_id ?? ''),
  created: seconds(created_at),
  currency: currency.toLowerCase(),
  metadata: {},
  payment_intent: transaction_id,
  reason: null,
  status: 'succeeded',
});

function transaction<T>(
  type: 'charge' | 'payment' | 'payment_failure_refund' | 'refund' | 'refund_failure',
  { id, currency }: { readonly id: string; readonly currency: string },
  source: T,
  { amount, fee, time }: { readonly amount: number; readonly fee: number; readonly time: string },
) {
  return {
    // As `ch_…` and `re_…`, the source's own identifier with another prefix.
    id: `${id.replace(/^[a-z]+_/, 'txn_')}${type.includes('failure') ? 'f' : ''}`,
    object: 'balance_transaction',
    amount,
    available_on: seconds(time),
    created: seconds(time),
    currency,
    fee,
    net: amount - fee,
    reporting_category: type,
    source,
    status: 'available',
    type,
  };
}
