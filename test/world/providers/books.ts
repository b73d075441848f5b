import type { Surroundings } from '../surroundings.ts';

/** What a provider holds about money: the truth that Settle's table is held against. */

export const providerNames = ['wechat', 'alipay', 'stripe'] as const;
export type ProviderName = (typeof providerNames)[number];

/** Money that a provider took. */
export interface Transaction {
  readonly provider: ProviderName;
  /** In the form that design.md names merchants in. */
  readonly merchant: string;
  /** The number that the provider was given. */
  readonly number: string;
  readonly id: string;
  /** In the currency's smallest unit. */
  readonly amount: number;
  readonly currency: string;
  readonly taken_at: number;
  /** What the payer did not pay of it, by who bears it. */
  readonly discount: Discount;
  /** Taken years before this world began, or by another program of the merchant: none of ours. */
  readonly origin: 'ours' | 'years_ago' | 'another_program';
  readonly refunds: Refund[];
  readonly disputes: Dispute[];
  /** Whether anything was told of it as of a payment that is whole. */
  readonly whole: Word;
  /** Whether anything that Settle has heard says that some of it has gone back, and not how much. */
  readonly less: Word;
}

/** In the currency's smallest unit: a coupon of the merchant's own, which brings it nothing, and one that the provider makes good. */
export interface Discount {
  readonly merchant: number;
  readonly provider: number;
}

/** What became of something that a provider says: it has gone out to Settle at least once, and it was taken. */
export interface Word {
  isSent: boolean;
  /** When it was taken first. */
  taken_at: number | null;
}

export const unsaid = (): Word => ({ isSent: false, taken_at: null });

export const isTaken = ({ taken_at }: Word): boolean => taken_at !== null;

export interface Refund {
  /** The number under which it was asked for; Alipay and WeChat make one for what is asked for in their consoles. */
  readonly request_no: string;
  readonly id: string;
  readonly amount: number;
  readonly begun_at: number;
  /** Whether Settle asked for it, or somebody at the provider's console. */
  readonly origin: 'asked' | 'console';
  /** `abnormal` is WeChat's: the bank refused it, and it waits there for a person. */
  state: 'pending' | 'succeeded' | 'failed' | 'sent_back' | 'abnormal';
  wasAbnormal: boolean;
  /** It left the account, said with its amount under its own name, or only within a sum in all. */
  readonly named: Word;
  readonly summed: Word;
  /** It failed, or came again. */
  readonly returned: Word;
}

type NewRefund = Pick<Refund, 'request_no' | 'id' | 'amount' | 'begun_at' | 'origin' | 'state'>;

export const newRefund = (made: NewRefund): Refund => ({
  ...made,
  wasAbnormal: false,
  named: unsaid(),
  summed: unsaid(),
  returned: unsaid(),
});

/** A payment that the payer's bank takes back, or tries to: at Stripe. */
export interface Dispute {
  readonly id: string;
  readonly amount: number;
  readonly reason: string;
  readonly begun_at: number;
  readonly due_by: number;
  status: 'warning_needs_response' | 'needs_response' | 'under_review' | 'won' | 'lost' | 'warning_closed';
  closed_at: number | null;
  readonly movements: Movement[];
  /** Of the dispute itself, and of that it is closed. */
  readonly opened: Word;
  readonly closed: Word;
}

/** What a dispute moved on the account's balance. */
export interface Movement {
  readonly id: string;
  /** In the currency of the balance; below zero what left it. */
  readonly amount: number;
  /** As much of what is disputed. */
  readonly disputed: number;
  /** What Stripe keeps for it, in the currency of the balance. */
  readonly fee: number;
  readonly currency: string;
  readonly at: number;
  readonly told: Word;
}

/** One request that changed something or asked about it, as the provider saw it. */
export interface Asked {
  readonly time: number;
  readonly provider: ProviderName;
  readonly merchant: string;
  readonly verb: 'create' | 'query' | 'close' | 'refund' | 'query_refund' | 'repair';
  readonly number: string;
  readonly status: number;
}

export interface Books {
  readonly transactions: Transaction[];
  readonly asked: Asked[];
}

export const createBooks = (): Books => ({ transactions: [], asked: [] });

type Taken = Pick<
  Transaction,
  'provider' | 'merchant' | 'number' | 'id' | 'amount' | 'currency' | 'taken_at' | 'origin'
>;

export const newTransaction = (taken: Taken & Partial<Pick<Transaction, 'discount'>>): Transaction => ({
  discount: { merchant: 0, provider: 0 },
  ...taken,
  refunds: [],
  disputes: [],
  whole: unsaid(),
  less: unsaid(),
});

/** Now and then a payer has a coupon, or two: all but the last of its amount can be off. */
export function drawDiscount(
  { random, marks }: Pick<Surroundings, 'random' | 'marks'>,
  amount: number,
): Discount {
  if (!random.chance(0.25)) return { merchant: 0, provider: 0 };
  marks.take('paid_with_coupon');
  const merchant = random.chance(0.6) ? random.below(amount) : 0;
  return { merchant, provider: random.chance(0.6) ? random.below(amount - merchant) : 0 };
}

/** Whether it moved nothing in the end. */
export const isBack = ({ state }: Pick<Refund, 'state'>): boolean =>
  state === 'failed' || state === 'sent_back';

/** What is out of a transaction for good, or on its way out; a bank that refuses it at WeChat brings nothing back. */
export const refundedOf = ({ refunds }: Pick<Transaction, 'refunds'>): number =>
  refunds.reduce((sum, refund) => sum + (isBack(refund) ? 0 : refund.amount), 0);

/** What banks hold of a transaction, or may take. */
const disputedOf = ({ disputes }: Pick<Transaction, 'disputes'>): number =>
  disputes.reduce(
    (sum, { status, amount }) => sum + (status === 'won' || status === 'warning_closed' ? 0 : amount),
    0,
  );

/** What is left of a transaction to be given back. */
export const leftOf = (transaction: Transaction): number =>
  transaction.amount - refundedOf(transaction) - disputedOf(transaction);
