import type Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import { isJsonObject } from '../../json.ts';
import { isOneOf } from '../../orders/kinds.ts';
import type { BillRow } from '../../orders/provider-gateway.ts';
import { unknownRow } from '../bill.ts';
import { MalformedMessageError, wordings } from '../message.ts';
import { createStripeClient, toCallError } from './client.ts';
import { disputeEvent } from './dispute-event.ts';
import {
  readAmount,
  readCurrency,
  readMetadata,
  readPaymentIntent,
  readPaymentNumber,
  readSignedAmount,
  readTime,
  refundStatuses,
  type StripeFields,
} from './fields.ts';

const DAY_S = 24 * 60 * 60;
const PAGE_SIZE = 100;

/** What cannot be read of a transaction: which transaction it is, is all that is told. */
// Stryker disable next-line StringLiteral: nobody is told of it
const FIELD = 'transaction';

/**
 * What moved the account's balance on a day, as YYYY-MM-DD in UTC; the latest first
 * (docs.stripe.com/api/balance_transactions). A balance is kept in the currency that the account is paid out in, and
 * so are fees; amounts are in the currency that was paid in.
 * @throws ProviderCallError
 */
export async function* listStripeTransactions(
  config: StripeConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  date: string,
): AsyncGenerator<BillRow> {
  const start_s = Date.parse(date) / 1000;
  const transactions = createStripeClient(config, io).balanceTransactions.list({
    created: { gte: start_s, lt: start_s + DAY_S },
    limit: PAGE_SIZE,
    // What was made in the dashboard names its payment only by its charge.
    expand: ['data.source', 'data.source.charge'],
  });
  try {
    for await (const transaction of transactions) yield await readRow(transaction, config, io.now());
  } catch (error) {
    throw toCallError(error);
  }
}

/** What moves no money of a payment (docs.stripe.com/reports/balance-transaction-types). */
const understood: ReadonlySet<string> = new Set([
  ...['payout', 'payout_cancel', 'payout_failure', 'payout_minimum_balance_hold'],
  ...['payout_minimum_balance_release', 'topup', 'topup_reversal', 'stripe_fee', 'stripe_fx_fee', 'tax_fee'],
  ...['reserve_hold', 'reserve_release', 'reserve_transaction', 'reserved_funds'],
  ...['payment_network_reserve_hold', 'payment_network_reserve_release'],
]);

/** One that cannot be read is told of by its number, and holds up none of its day. */
async function readRow(
  transaction: Stripe.BalanceTransaction,
  config: StripeConfig,
  now: number,
): Promise<BillRow> {
  try {
    return await toRow(transaction, config, now);
  } catch {
    // Reading asks nobody: whatever fails in it, fails on what Stripe said.
    return unknownRow(String(transaction.id));
  }
}

async function toRow(
  transaction: Stripe.BalanceTransaction,
  config: StripeConfig,
  now: number,
): Promise<BillRow> {
  const { type } = transaction;
  switch (type) {
    case 'charge':
    case 'payment':
      return paymentRow(transaction);
    case 'payment_failure_refund':
    case 'payment_reversal':
      return takenBackRow(transaction);
    case 'refund':
    case 'payment_refund':
      return refundRow(transaction, 1);
    case 'refund_failure':
      return refundRow(transaction, -1);
    case 'adjustment':
      return adjustmentRow(transaction, config, now);
    default:
      return understood.has(type) ? { kind: 'other', name: type, understood: true } : unknownRow(type);
  }
}

/** When it took place and what Stripe kept of it, in thousandths of the smallest unit. */
const momentOf = ({ created, fee, currency }: Stripe.BalanceTransaction) => ({
  at: readTime(created, FIELD),
  fee: readSignedAmount(fee, FIELD) * 1_000,
  fee_currency: readCurrency(currency, FIELD),
});

/**
 * A bank debit is listed when it is submitted, days before its charge succeeds or fails
 * (support.stripe.com/questions/changes-to-balance-transaction-behavior-for-debit-payment-methods).
 */
function paymentRow(transaction: Stripe.BalanceTransaction): BillRow {
  const charge = readCharge(transaction.source);
  const state = readChargeState(charge);
  return {
    kind: 'payment',
    payment_no: paymentNumberOf(charge),
    transaction_id: readPaymentIntent(charge.payment_intent),
    amount: readAmount(charge.amount, FIELD),
    currency: readCurrency(charge.currency, FIELD),
    ...(state !== 'succeeded' && { unpaid: state }),
    ...momentOf(transaction),
  };
}

/**
 * What was listed of a payment, and went out again without anybody's asking: nobody but the bill tells of it. Stripe makes
 * a refund of its own for a payment that failed (wyyerd/stripe-rs#177 shows one, `pyr_…`).
 */
function takenBackRow(transaction: Stripe.BalanceTransaction): BillRow {
  const { source } = transaction;
  const refund = isRefund(source) ? source : null;
  const charge = readCharge(refund ? refund.charge : source);
  return {
    kind: 'refund',
    payment_no: paymentNumberOf(charge),
    transaction_id: readPaymentIntent(charge.payment_intent),
    amount: readTakenBack(transaction, charge),
    currency: readCurrency(charge.currency, FIELD),
    refund_no: null,
    refund_id: refund?.id ?? transaction.id,
    failed: false,
    ...(readChargeState(charge) !== 'succeeded' && { ofUnpaid: true }),
    ...momentOf(transaction),
  };
}

/** In the charge's currency, which need not be the balance's. @throws MalformedMessageError where nothing went out */
function readTakenBack({ amount, currency }: Stripe.BalanceTransaction, charge: Stripe.Charge): number {
  const moved = readAmount(-amount, FIELD);
  return currency === charge.currency ? moved : readAmount(charge.amount, FIELD);
}

const isCharge = (source: unknown): source is Stripe.Charge =>
  isJsonObject(source) && source['object'] === 'charge';

const isRefund = (source: unknown): source is Stripe.Refund =>
  isJsonObject(source) && source['object'] === 'refund';

/** What is expanded, and has to be. @throws MalformedMessageError */
function readCharge(value: unknown): Stripe.Charge {
  if (!isCharge(value)) throw new MalformedMessageError(FIELD, wordings.unsupported);
  return value;
}

const chargeStates = ['succeeded', 'pending', 'failed'] as const;

function readChargeState({ status }: Stripe.Charge): (typeof chargeStates)[number] {
  if (isOneOf(chargeStates, status)) return status;
  throw new MalformedMessageError(FIELD, wordings.unsupported);
}

/** Of one that came back, the row of its going and the row of its coming say the same: that it failed. */
function refundRow(transaction: Stripe.BalanceTransaction, sign: 1 | -1): BillRow {
  const { source: refund } = transaction;
  if (!isRefund(refund)) throw new MalformedMessageError(FIELD, wordings.unsupported);
  return {
    kind: 'refund',
    payment_no: paymentNumberOf(refund) ?? paymentNumberOf(refund.charge),
    transaction_id: readPaymentIntent(refund.payment_intent),
    amount: sign * readAmount(refund.amount, FIELD),
    currency: readCurrency(refund.currency, FIELD),
    refund_no: refund.metadata?.['refund_no'] ?? null,
    refund_id: refund.id,
    failed: sign === -1 || refundStatuses.get(refund.status) === 'failed',
    ...momentOf(transaction),
  };
}

/** Of a dispute, or a refund that failed before Stripe had a type for it; corrections of its fees are understood. */
async function adjustmentRow(
  transaction: Stripe.BalanceTransaction,
  { merchant }: StripeConfig,
  now: number,
): Promise<BillRow> {
  const { source, reporting_category, type } = transaction;
  if (source === null || typeof source === 'string' || !('object' in source)) {
    const name = `${type} ${reporting_category}`;
    return reporting_category === 'fee' ? { kind: 'other', name, understood: true } : unknownRow(name);
  }
  if (source.object === 'refund') return refundRow(transaction, -1);
  if (source.object !== 'dispute') return unknownRow(`${type} ${reporting_category}`);
  const payment_no = paymentNumberOf(source.charge);
  const fields = withMovement(source, transaction);
  const event = await disputeEvent(fields, merchant, now, async () => payment_no);
  const movement = event?.movements.find(({ id }) => id === transaction.id);
  return {
    kind: 'dispute',
    payment_no,
    transaction_id: readPaymentIntent(source.payment_intent),
    movement_id: transaction.id,
    amount: -(movement?.amount ?? readSignedAmount(transaction.amount, FIELD)),
    currency: readCurrency(source.currency, FIELD),
    event,
    ...momentOf(transaction),
  };
}

/** A dispute with a movement of it, which its own list of two at most may leave out (docs.stripe.com/api/disputes). */
function withMovement(dispute: Stripe.Dispute, transaction: Stripe.BalanceTransaction): StripeFields {
  const { balance_transactions: listed } = dispute;
  const isListed = listed.some(({ id }) => id === transaction.id);
  return { ...dispute, balance_transactions: isListed ? listed : [...listed, transaction] };
}

/** Null when it names no payment of ours, or is not there. */
const paymentNumberOf = (object: unknown): string | null =>
  isJsonObject(object) ? readPaymentNumber(readMetadata(object)['order_no'], FIELD) : null;
