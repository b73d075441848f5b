import type { KeptMap } from '../../kept-state.ts';
import type { Dispute, DisputeAction, DisputedMoney, Disputes } from '../disputes.ts';
import type { Payment } from '../payments.ts';
import { randomText } from '../random.ts';
import type { EventContent } from './event.ts';
import { chargeId, type StripePayment, seconds } from './payment.ts';

export interface StripeDispute extends Dispute {
  readonly payment_intent: string;
  readonly currency: string;
  readonly status: 'needs_response' | 'won' | 'lost';
  readonly created_at: string;
  readonly due_by: string;
}

const EVIDENCE_MS = 9 * 24 * 3_600_000;
/** For each dispute, whatever becomes of it (stripe.com/pricing). */
const FEE = 1500;

const EVENTS = {
  open: 'charge.dispute.created',
  withdraw: 'charge.dispute.funds_withdrawn',
  reinstate: 'charge.dispute.funds_reinstated',
  win: 'charge.dispute.closed',
  lose: 'charge.dispute.closed',
} as const satisfies Record<DisputeAction, string>;

interface Parts {
  readonly byId: KeptMap<StripeDispute>;
  readonly payments: { readonly get: (id: string) => StripePayment | undefined };
  readonly livemode: boolean;
  readonly now: () => number;
  readonly signed: (content: EventContent) => ReturnType<Disputed['message']>;
}

type Disputed = Exclude<ReturnType<Disputes['act']>, string>;

/** Disputes of payments by their payers' banks (docs.stripe.com/disputes); a payment has one at a time. */
export function createDisputes({ byId, payments, livemode, now, signed }: Parts) {
  const latestOf = (payment: Payment): StripeDispute | undefined =>
    [...byId.values()].findLast(({ payment_id }) => payment_id === payment.id);

  /** Why it cannot be is told as text. */
  function next(payment: Payment, action: DisputeAction, amount: number): StripeDispute | string {
    const known = latestOf(payment);
    if (action === 'open') {
      if (payment.state !== 'paid' || amount > payment.amount) return 'there is not so much to dispute';
      return known?.status === 'needs_response' ? 'the payment is disputed already' : opened(payment, amount);
    }
    if (!known) return 'the payment is not disputed';
    const withdrawn = known.movements.reduce((sum, moved) => sum - moved.amount, 0);
    switch (action) {
      case 'withdraw':
        if (known.movements.length > 0) return 'the money was withdrawn before';
        return { ...known, movements: [movement(known, -known.amount, FEE)] };
      case 'reinstate':
        if (withdrawn === 0) return 'there is nothing to give back';
        return { ...known, movements: [...known.movements, movement(known, withdrawn, 0)] };
      default:
        if (known.status !== 'needs_response') return `the dispute is ${known.status}`;
        return { ...known, status: action === 'win' ? 'won' : 'lost' };
    }
  }

  function opened(payment: Payment, amount: number): StripeDispute {
    return {
      id: `du_${randomText(24)}`,
      payment_id: payment.id,
      payment_no: payment.payment_no,
      payment_intent: payment.transaction_id ?? '',
      amount,
      currency: payment.currency,
      status: 'needs_response',
      movements: [],
      created_at: new Date(now()).toISOString(),
      due_by: new Date(now() + EVIDENCE_MS).toISOString(),
    };
  }

  const movement = ({ currency }: StripeDispute, amount: number, fee: number): DisputedMoney => ({
    id: `txn_${randomText(24)}`,
    amount,
    fee,
    currency,
    moved_at: new Date(now()).toISOString(),
  });

  return {
    list: () => [...byId.values()],
    of: latestOf,
    act(payment: Payment, action: DisputeAction, amount = payment.amount): Disputed | string {
      const dispute = next(payment, action, amount);
      if (typeof dispute === 'string') return dispute;
      byId.set(dispute.id, dispute);
      const api_version = payments.get(payment.id)?.api_version ?? null;
      const content = { type: EVENTS[action], object: disputeObject(dispute, livemode), api_version };
      return { dispute, message: () => signed(content) };
    },
  };
}

/** The Dispute object (docs.stripe.com/api/disputes/object). Its own metadata names nothing. */
export const disputeObject = (dispute: StripeDispute, livemode: boolean) => ({
  id: dispute.id,
  object: 'dispute',
  amount: dispute.amount,
  balance_transactions: dispute.movements.map((moved) => disputeTransaction(dispute, moved, dispute.id)),
  charge: chargeId(dispute.payment_intent),
  created: seconds(dispute.created_at),
  currency: dispute.currency.toLowerCase(),
  evidence_details: {
    due_by: seconds(dispute.due_by),
    has_evidence: false,
    past_due: false,
    submission_count: 0,
  },
  is_charge_refundable: false,
  livemode,
  metadata: {},
  payment_intent: dispute.payment_intent,
  reason: 'product_not_received',
  status: dispute.status,
});

/** What a dispute moved, as the account's balance has it. */
export const disputeTransaction = <T>({ currency }: StripeDispute, moved: DisputedMoney, source: T) => ({
  id: moved.id,
  object: 'balance_transaction',
  amount: moved.amount,
  created: seconds(moved.moved_at),
  currency: currency.toLowerCase(),
  fee: moved.fee,
  net: moved.amount - moved.fee,
  reporting_category: moved.amount < 0 ? 'dispute' : 'dispute_reversal',
  source,
  status: 'available',
  type: 'adjustment',
});
