import type Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import { ProviderCallError } from '../errors.ts';
import { createStripeClient, toCallError } from './client.ts';
import { readPaymentNumber } from './fields.ts';

const DAY_S = 24 * 60 * 60;
const PAGE_SIZE = 100;

export interface StripeReportRow {
  readonly kind: 'payment' | 'refund';
  /** Of the payment; in a row of a refund, of the payment that is returned. */
  readonly payment_no: string;
  /** The payment intent. */
  readonly transaction_id: string | null;
  /** In smallest units of the currency that was paid in, before Stripe converted it. */
  readonly amount: number;
  readonly currency: string;
  /** Our number of the refund, where it names one. */
  readonly refund_no: string | null;
}

/**
 * The payments and refunds of our orders that moved the account's balance from one day to another, both included, as
 * YYYY-MM-DD in UTC; the latest first. What else the account sells is left out.
 * @throws ProviderCallError
 */
export async function* listStripeTransactions(
  config: StripeConfig,
  io: Pick<Io, 'fetch'>,
  from: string,
  to: string,
): AsyncGenerator<StripeReportRow> {
  const transactions = createStripeClient(config, io).balanceTransactions.list({
    created: { gte: Date.parse(from) / 1000, lt: Date.parse(to) / 1000 + DAY_S },
    limit: PAGE_SIZE,
    expand: ['data.source'],
  });
  try {
    for await (const transaction of transactions) {
      const row = toRow(transaction);
      if (row) yield row;
    }
  } catch (error) {
    throw toCallError(error);
  }
}

/** Null for what is neither a payment nor a refund, or of no order of ours. */
function toRow({ type, source }: Stripe.BalanceTransaction): StripeReportRow | null {
  if (!['charge', 'payment', 'refund', 'payment_refund'].includes(type)) return null;
  if (source === null || typeof source === 'string') throw unusable('source');
  if (source.object !== 'charge' && source.object !== 'refund') throw unusable('source.object');
  const payment_no = readPaymentNumber(source.metadata?.['order_no'], 'source.metadata.order_no');
  if (payment_no === null) return null;
  const { payment_intent, amount, currency } = source;
  return {
    kind: source.object === 'charge' ? 'payment' : 'refund',
    payment_no,
    transaction_id: typeof payment_intent === 'string' ? payment_intent : null,
    amount,
    currency: currency.toUpperCase(),
    refund_no: source.object === 'refund' ? (source.metadata?.['refund_no'] ?? null) : null,
  };
}

const unusable = (field: string) =>
  new ProviderCallError('stripe', 200, `a balance transaction has no usable ${field}`);
