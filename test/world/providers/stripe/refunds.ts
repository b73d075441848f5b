import type { Surroundings } from '../../surroundings.ts';
import { leftOf, newRefund, type Refund, refundedOf, type Transaction, type Word } from '../books.ts';
import type { Habits } from '../telling.ts';
import {
  describeCharge,
  type Fields,
  type Intent,
  nested,
  page,
  Refusal,
  type StripeAccount,
  toSeconds,
  wholeNumber,
} from './forms.ts';

/**
 * Stripe's refunds (docs.stripe.com/refunds): one may be pending, one that succeeded may be sent back by the bank. What
 * is refunded in the dashboard carries no metadata.
 */
export interface Refunds {
  /** @throws Refusal */
  readonly refund: (account: StripeAccount, intent: Intent, form: Fields) => object;
  /** @throws Refusal */
  readonly describe: (id: string) => object;
  readonly list: (account: StripeAccount, url: URL) => object;
  /** The number in the metadata, or the id where there is none. */
  readonly nameOf: (id: string) => string;
  readonly giveBack: (account: StripeAccount, intent: Intent, amount: number) => void;
}

/** Says what happened; see `stripe.ts`. */
export type SayEvent = (
  account: StripeAccount,
  type: string,
  object: object,
  says?: readonly Word[],
  how?: Habits,
) => void;

interface Known {
  readonly account: StripeAccount;
  readonly intent: Intent;
  readonly transaction: Transaction;
  readonly made: Refund;
  readonly metadata: Fields;
  /** Old integrations name the charge alone. */
  readonly isOfChargeAlone: boolean;
}

export function createRefunds(
  { clock, random, marks, tell }: Surroundings,
  habits: Habits,
  event: SayEvent,
): Refunds {
  const refunds = new Map<string, Known>();

  const refund = (account: StripeAccount, intent: Intent, form: Fields): object => {
    const { transaction } = intent;
    if (!transaction)
      throw new Refusal(
        400,
        'charge_not_refundable',
        'This PaymentIntent does not have a successful charge to refund.',
      );
    const inTheWay = transaction.disputes.filter(
      ({ status }) => !['won', 'warning_closed', 'warning_needs_response'].includes(status),
    );
    if (inTheWay.length > 0) {
      marks.take('refund_of_disputed');
      if (inTheWay.some(({ status }) => status === 'lost'))
        throw new Refusal(400, 'charge_disputed', 'Charge has been charged back; cannot issue a refund.');
      throw new Refusal(400, 'refund_disputed_payment', 'You cannot refund a disputed payment.');
    }
    const left = transaction.amount - refundedOf(transaction);
    const amount = form['amount'] === undefined ? left : wholeNumber(form, 'amount');
    if (left === 0) throw new Refusal(400, 'charge_already_refunded', 'Charge has already been refunded.');
    if (amount > left || amount < 1) {
      marks.take('refund_of_more_than_is_left');
      throw new Refusal(
        400,
        'parameter_invalid',
        'Refund amount is greater than unrefunded amount on charge',
        'amount',
      );
    }
    const metadata = nested(form, 'metadata');
    const id = make({ account, intent, transaction, metadata, isOfChargeAlone: false }, amount, 'asked');
    return describe(id);
  };

  const giveBack = (account: StripeAccount, intent: Intent, amount: number) => {
    const { transaction } = intent;
    if (!transaction || amount > leftOf(transaction)) return;
    const isOfChargeAlone = random.chance(0.15);
    make({ account, intent, transaction, metadata: {}, isOfChargeAlone }, amount, 'console');
  };

  const make = (of: Omit<Known, 'made'>, amount: number, origin: Refund['origin']): string => {
    const made = newRefund({
      request_no: of.metadata['refund_no'] ?? '',
      id: `re_${random.text(24)}`,
      amount,
      begun_at: clock.now(),
      origin,
      state: random.chance(0.5) ? 'succeeded' : 'pending',
    });
    of.transaction.refunds.push(made);
    const known = { ...of, made };
    refunds.set(made.id, known);
    tell(
      `Stripe takes on the refund ${made.request_no || made.id} of ${amount} of ${of.transaction.number}: ${made.state}`,
    );
    sayRefund(known, 'refund.created');
    // What is pending counts as refunded as well, and may be said later.
    if (made.state === 'succeeded' || random.chance(0.5)) chargeRefunded(known);
    const outcome = random.pick(['succeeded', 'succeeded', 'failed'] as const);
    clock.after(random.pick([3_000, 3_600_000, 86_400_000]), () => decide(known, outcome));
    return made.id;
  };

  const decide = (known: Known, outcome: 'succeeded' | 'failed') => {
    const { made } = known;
    const before = made.state;
    // A refund that had succeeded may still be sent back by the bank.
    if (before === 'succeeded' && (outcome === 'succeeded' || random.chance(0.5))) return;
    made.state = outcome === 'failed' && before === 'succeeded' ? 'sent_back' : outcome;
    marks.take(made.origin === 'asked' ? `refund_${made.state}` : `console_refund_${made.state}`);
    tell(`Stripe's refund ${made.request_no || made.id} ${made.state}`);
    if (outcome === 'succeeded') chargeRefunded(known);
    // Of what had succeeded nobody asks any more: nothing but the event, or the bill, tells of it.
    const isOnlyTold = made.state === 'sent_back' && made.origin === 'asked';
    const how = isOnlyTold ? { ...habits, forgets: 0 } : habits;
    sayRefund(known, outcome === 'failed' ? 'refund.failed' : 'refund.updated', how);
    if (random.chance(0.3)) sayRefund(known, 'charge.refund.updated');
  };
  const sayRefund = (known: Known, type: string, how = habits) => {
    const { made, account } = known;
    const words = made.state === 'succeeded' ? [made.named] : made.state === 'pending' ? [] : [made.returned];
    event(account, type, describe(made.id), words, how);
  };
  const chargeRefunded = ({ account, intent, transaction }: Known) =>
    event(
      account,
      'charge.refunded',
      describeCharge(account, intent),
      transaction.refunds
        .filter(({ state }) => state === 'pending' || state === 'succeeded')
        .map(({ summed }) => summed),
    );

  const describe = (id: string) => {
    const known = refunds.get(id);
    if (!known) throw new Refusal(404, 'resource_missing', `No such refund: '${id}'`);
    const { intent, made, metadata, isOfChargeAlone } = known;
    const status = made.state === 'sent_back' ? 'failed' : made.state;
    return {
      id,
      object: 'refund',
      amount: made.amount,
      charge: intent.charge,
      created: toSeconds(made.begun_at),
      currency: intent.currency.toLowerCase(),
      ...(status === 'failed' ? { failure_reason: 'expired_or_canceled_card' } : {}),
      metadata,
      payment_intent: isOfChargeAlone ? null : intent.id,
      reason: made.origin === 'console' ? 'requested_by_customer' : null,
      receipt_number: null,
      status,
    };
  };

  return {
    refund,
    describe,
    giveBack,
    nameOf: (id) => refunds.get(id)?.made.request_no || id,
    list(account, url) {
      const of = { intent: url.searchParams.get('payment_intent'), charge: url.searchParams.get('charge') };
      const found = [...refunds.entries()]
        .filter(
          ([, each]) =>
            each.account === account &&
            (of.intent === null || each.intent.id === of.intent) &&
            (of.charge === null || each.intent.charge === of.charge),
        )
        .reverse();
      return page(
        url,
        '/v1/refunds',
        found.map(([id]) => ({ id })),
        ({ id }) => describe(id),
      );
    },
  };
}
