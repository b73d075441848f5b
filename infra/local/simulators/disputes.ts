import type { Message } from './delivery.ts';
import type { Payment } from './payments.ts';

/** What happens to a dispute: the payer's bank opens it, takes the money, gives it up again, and decides. */
export type DisputeAction = 'open' | 'withdraw' | 'reinstate' | 'win' | 'lose';

/** Money that a dispute moved; in smallest units, below zero what left the merchant's account. */
export interface DisputedMoney {
  readonly id: string;
  readonly amount: number;
  /** What the provider keeps. */
  readonly fee: number;
  readonly currency: string;
  readonly moved_at: string;
}

export interface Dispute {
  readonly id: string;
  readonly payment_id: string;
  readonly payment_no: string;
  /** In smallest units. */
  readonly amount: number;
  readonly movements: readonly DisputedMoney[];
}

export interface Disputes {
  list(): readonly Dispute[];
  /** @returns the dispute as it is then, and the message that tells of it, freshly signed; or why that cannot be */
  act(
    payment: Payment,
    action: DisputeAction,
    amount: number | undefined,
  ): { readonly dispute: Dispute; readonly message: () => Message } | string;
}
