import { isJsonObject } from '../../json.ts';
import type { DisputeEvent, DisputeMovement } from '../../orders/event.ts';
import type { DisputeState } from '../../orders/kinds.ts';
import { MalformedMessageError, readText, readTransactionId } from '../message.ts';
import {
  readAmount,
  readCurrency,
  readObject,
  readPaymentIntent,
  readSignedAmount,
  readTime,
  type StripeFields,
} from './fields.ts';

/**
 * The statuses in which a dispute is over (docs.stripe.com/api/disputes/object): `warning_closed` and `prevented` are
 * inquiries that took no money. In any other, such as one that is new at Stripe, it is open.
 */
const disputeStates: ReadonlyMap<unknown, DisputeState> = new Map([
  ['won', 'won'],
  ['warning_closed', 'won'],
  ['prevented', 'won'],
  ['lost', 'lost'],
]);

/**
 * What a dispute says; null when it is of no payment of ours. Of itself it never names one.
 * @param now milliseconds since 1970
 * @throws MalformedMessageError, and what `findPayment` throws
 */
export async function disputeEvent(
  dispute: StripeFields,
  merchant: string,
  now: number,
  findPayment: (object: StripeFields) => Promise<string | null>,
): Promise<DisputeEvent | null> {
  const payment_no = await findPayment(dispute);
  if (payment_no === null) return null;
  const amount = readAmount(dispute['amount'], 'data.object.amount');
  const currency = readCurrency(dispute['currency'], 'data.object.currency');
  return {
    type: 'dispute',
    payment_no,
    provider: 'stripe',
    merchant,
    dispute_id: readTransactionId(dispute['id'], 'data.object.id'),
    transaction_id: readPaymentIntent(dispute['payment_intent']),
    amount,
    currency,
    reason: readText(dispute['reason'], 'data.object.reason', /^\w{1,64}$/),
    state: disputeStates.get(readText(dispute['status'], 'data.object.status', /^\w{1,64}$/)) ?? 'open',
    refundable: dispute['is_charge_refundable'] === true,
    due_by: readDueBy(dispute['evidence_details'], now),
    movements: readMovements(dispute['balance_transactions'], { amount, currency }),
  };
}

/** Null where no evidence can be given, or not any more. */
function readDueBy(value: unknown, now: number): string | null {
  const due_by = isJsonObject(value) ? (value['due_by'] ?? null) : null;
  if (due_by === null) return null;
  const time = readTime(due_by, 'data.object.evidence_details.due_by');
  return Date.parse(time) > now ? time : null;
}

/**
 * What the dispute has moved. A balance is kept in the currency that the account is paid out in: where that is another,
 * what was withdrawn or given back is what is disputed.
 */
function readMovements(
  value: unknown,
  disputed: Pick<DisputeEvent, 'amount' | 'currency'>,
): readonly DisputeMovement[] {
  const field = 'data.object.balance_transactions';
  if (!Array.isArray(value))
    throw new MalformedMessageError(field, { zh: '须为数组', en: 'must be an array' });
  return value.map((one: unknown, index) => {
    const at = (name: string) => `${field}[${index}].${name}`;
    const moved = readObject(one, `${field}[${index}]`);
    const amount = readSignedAmount(moved['amount'], at('amount'));
    const currency = readCurrency(moved['currency'], at('currency'));
    return {
      id: readTransactionId(moved['id'], at('id')),
      amount: currency === disputed.currency ? amount : Math.sign(amount) * disputed.amount,
      fee: readSignedAmount(moved['fee'], at('fee')),
      fee_currency: currency,
    };
  });
}
