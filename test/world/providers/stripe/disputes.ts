import type { Surroundings } from '../../surroundings.ts';
import { type Dispute, leftOf, type Movement, refundedOf, type Transaction, unsaid } from '../books.ts';
import { type Intent, Refusal, type StripeAccount, toSeconds } from './forms.ts';
import type { SayEvent } from './refunds.ts';

/**
 * Stripe's disputes (docs.stripe.com/disputes, docs.stripe.com/api/disputes/object): the bank takes the money at once,
 * with a fee, and gives it back when the dispute is won. An inquiry takes nothing unless it becomes a dispute.
 */
export interface Disputes {
  /** The payer's bank disputes what is left of a payment. */
  readonly open: (account: StripeAccount, intent: Intent) => void;
  /** @throws Refusal */
  readonly describe: (account: StripeAccount, id: string) => object;
}

interface Known {
  readonly account: StripeAccount;
  readonly intent: Intent;
  readonly transaction: Transaction;
  readonly dispute: Dispute;
  /** The currency that the account is paid out in. */
  readonly balance: string;
  readonly isOfChargeAlone: boolean;
}

const fees: Readonly<Record<string, number>> = { USD: 1_500, CNY: 10_000, JPY: 2_200, KWD: 4_600 };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function createDisputes({ clock, random, marks, tell }: Surroundings, event: SayEvent): Disputes {
  const disputes = new Map<string, Known>();

  const open = (account: StripeAccount, intent: Intent) => {
    const { transaction } = intent;
    const left = transaction ? leftOf(transaction) : 0;
    if (!transaction || left <= 0) return;
    const isInquiry = random.chance(0.2);
    const dispute: Dispute = {
      id: `du_${random.text(24)}`,
      amount: random.chance(0.2) ? random.between(1, left) : left,
      reason: random.pick(['fraudulent', 'product_not_received', 'duplicate', 'general']),
      begun_at: clock.now(),
      // Some banks take no answer (`due_by` is 0 then).
      due_by: random.chance(0.1) ? 0 : clock.now() + random.pick([3, 3, 5, 9, 20]) * DAY_MS,
      status: isInquiry ? 'warning_needs_response' : 'needs_response',
      closed_at: null,
      movements: [],
      opened: unsaid(),
      closed: unsaid(),
    };
    transaction.disputes.push(dispute);
    const known: Known = {
      account,
      intent,
      transaction,
      dispute,
      balance: random.chance(0.2) ? 'CNY' : transaction.currency,
      isOfChargeAlone: random.chance(0.15),
    };
    disputes.set(dispute.id, known);
    marks.take(isInquiry ? 'inquired' : 'disputed');
    tell(`${transaction.number} is ${dispute.status} at Stripe over ${dispute.amount} as ${dispute.id}`);
    // The money is taken before the first event is made up, or after.
    const isMoved = !isInquiry && random.chance(0.5);
    if (isMoved) withdraw(known);
    say(known, 'charge.dispute.created');
    if (isInquiry) return void clock.after(random.pick([HOUR_MS, DAY_MS]), () => endInquiry(known));
    if (!isMoved) withdraw(known);
    say(known, 'charge.dispute.funds_withdrawn');
    goOn(known);
  };
  const withdraw = (known: Known) => move(known, -1, fees[known.balance] ?? 1_500);
  const move = ({ dispute, transaction, balance }: Known, sign: 1 | -1, fee: number) => {
    const rate = balance === transaction.currency ? 1 : 7;
    const movement: Movement = {
      id: `txn_${random.text(24)}`,
      amount: sign * dispute.amount * rate,
      disputed: sign * dispute.amount,
      fee,
      currency: balance,
      at: clock.now(),
      told: unsaid(),
    };
    dispute.movements.push(movement);
    if (rate !== 1) marks.take('dispute_in_another_currency');
    tell(`${dispute.id} moves ${movement.amount} ${balance}, with a fee of ${fee}, as ${movement.id}`);
  };

  const endInquiry = (known: Known) => {
    const { dispute, transaction } = known;
    const isLeft = dispute.amount <= transaction.amount - refundedOf(transaction);
    if (isLeft && random.chance(0.5)) {
      marks.take('inquiry_escalated');
      dispute.status = 'needs_response';
      withdraw(known);
      say(known, 'charge.dispute.updated');
      say(known, 'charge.dispute.funds_withdrawn');
      return goOn(known);
    }
    close(known, 'warning_closed');
    say(known, 'charge.dispute.closed');
  };
  const goOn = (known: Known) => {
    const { dispute } = known;
    if (random.chance(0.4))
      clock.after(random.between(60_000, HOUR_MS), () => {
        if (dispute.status !== 'needs_response') return;
        dispute.status = 'under_review';
        say(known, 'charge.dispute.updated');
      });
    // Some last for months.
    if (random.chance(0.4)) return;
    clock.after(random.pick([0, HOUR_MS, DAY_MS, 2 * DAY_MS]) + random.below(HOUR_MS), () =>
      decide(known, random.pick(['won', 'lost'] as const)),
    );
  };
  const decide = (known: Known, outcome: 'won' | 'lost') => {
    const { dispute, balance } = known;
    close(known, outcome);
    if (outcome === 'lost') return say(known, 'charge.dispute.closed');
    // The fee is given back by old contracts.
    const fee = random.chance(0.3) ? -(fees[balance] ?? 1_500) : 0;
    const reinstate = () => {
      move(known, 1, fee);
      marks.take('dispute_reinstated');
      say(known, 'charge.dispute.funds_reinstated');
    };
    if (random.chance(0.5)) {
      say(known, 'charge.dispute.closed');
      return void clock.after(random.pick([1_000, HOUR_MS]), reinstate);
    }
    reinstate();
    say(known, 'charge.dispute.closed');
    tell(`${dispute.id} is over`);
  };
  const close = ({ dispute }: Known, status: 'won' | 'lost' | 'warning_closed') => {
    dispute.status = status;
    dispute.closed_at = clock.now();
    marks.take(`dispute_${status}`);
    tell(`${dispute.id} is ${status}`);
  };

  const say = (known: Known, type: string) => {
    const { dispute, account } = known;
    event(account, type, describeDispute(known), [
      dispute.opened,
      ...dispute.movements.map(({ told }) => told),
      ...(dispute.closed_at === null ? [] : [dispute.closed]),
    ]);
  };
  const describeDispute = ({ dispute, intent, account, isOfChargeAlone }: Known) => {
    const { id, amount, reason, begun_at, due_by, status, movements } = dispute;
    return {
      id,
      object: 'dispute',
      amount,
      balance_transactions: movements.map((movement) => ({
        id: movement.id,
        object: 'balance_transaction',
        amount: movement.amount,
        created: toSeconds(movement.at),
        currency: movement.currency.toLowerCase(),
        description: movement.amount < 0 ? 'Chargeback withdrawal' : 'Chargeback reversal',
        fee: movement.fee,
        fee_details: [],
        net: movement.amount - movement.fee,
        reporting_category: movement.amount < 0 ? 'dispute' : 'dispute_reversal',
        source: id,
        status: 'available',
        type: 'adjustment',
      })),
      charge: intent.charge,
      created: toSeconds(begun_at),
      currency: intent.currency.toLowerCase(),
      evidence: {},
      evidence_details: {
        due_by: toSeconds(due_by),
        has_evidence: false,
        past_due: due_by < clock.now(),
        submission_count: 0,
      },
      is_charge_refundable: status === 'warning_needs_response',
      livemode: account.livemode,
      metadata: {},
      payment_intent: isOfChargeAlone ? null : intent.id,
      reason,
      status,
    };
  };

  return {
    open,
    describe(account, id) {
      const known = disputes.get(id);
      if (known?.account !== account) throw new Refusal(404, 'resource_missing', `No such dispute: '${id}'`);
      return describeDispute(known);
    },
  };
}
