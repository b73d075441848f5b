/** What a provider holds about money: the truth that Settle's table is held against. */

export type ProviderName = 'wechat' | 'alipay' | 'stripe';

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
  /** Taken years before this world began, or by another program of the merchant: none of ours. */
  readonly origin: 'ours' | 'years_ago' | 'another_program';
  readonly refunds: Refund[];
}

export interface Refund {
  readonly request_no: string;
  readonly id: string;
  readonly amount: number;
  readonly begun_at: number;
  state: 'pending' | 'succeeded' | 'failed' | 'sent_back';
}

/** One request that changed something or asked about it, as the provider saw it. */
export interface Asked {
  readonly time: number;
  readonly provider: ProviderName;
  readonly merchant: string;
  readonly verb: 'create' | 'query' | 'close' | 'refund' | 'query_refund';
  readonly number: string;
  readonly status: number;
}

export interface Books {
  readonly transactions: Transaction[];
  readonly asked: Asked[];
}

export const createBooks = (): Books => ({ transactions: [], asked: [] });

/** What is out of a transaction for good, or on its way out. */
export const refundedOf = ({ refunds }: Pick<Transaction, 'refunds'>): number =>
  refunds.reduce(
    (sum, { state, amount }) => sum + (state === 'pending' || state === 'succeeded' ? amount : 0),
    0,
  );
