import type { Answer, Call, Route } from '../http.ts';
import type { Payments } from '../payments.ts';
import type { Refunds } from '../refunds.ts';
import { listAnswer } from './list.ts';
import { type StripePayment, seconds } from './payment.ts';
import { chargeObject, refundObject, type StripeRefund } from './refund.ts';

/**
 * What moved the account's balance (docs.stripe.com/api/balance_transactions): payments, and refunds that succeeded.
 * Nothing is converted and there is no fee.
 */
export function balanceRoutes(
  payments: Payments<StripePayment>,
  refunds: Refunds<StripeRefund>,
  livemode: boolean,
): Route[] {
  function list({ query }: Call): Answer {
    const isExpanded = [...query].some(
      ([name, value]) => name.startsWith('expand[') && value === 'data.source',
    );
    const show = <T extends { readonly id: string; readonly currency: string }>(
      type: 'charge' | 'refund',
      source: T,
      amount: number,
      time: string,
    ) => ({
      // As `ch_…` and `re_…`, the source's own identifier with another prefix.
      id: source.id.replace(/^[a-z]+_/, 'txn_'),
      object: 'balance_transaction',
      amount,
      available_on: seconds(time),
      created: seconds(time),
      currency: source.currency,
      fee: 0,
      net: amount,
      source: isExpanded ? source : source.id,
      status: 'available',
      type,
    });
    const charged = payments.list().flatMap((payment) => {
      const { paid_at, amount } = payment;
      if (paid_at === null) return [];
      return show('charge', chargeObject(payment, refunds.of(payment), livemode), amount, paid_at);
    });
    const returned = refunds.list().flatMap((refund) => {
      const { state, decided_at, amount } = refund;
      if (state !== 'succeeded' || decided_at === null) return [];
      return show('refund', refundObject(refund), -amount, decided_at);
    });
    const newestFirst = [...charged, ...returned].sort((a, b) => b.created - a.created);
    return listAnswer('/v1/balance_transactions', newestFirst, query);
  }

  return [['GET', /^\/v1\/balance_transactions$/, list]];
}
