import type { DisputeState, Provider } from './kinds.ts';

/** A payment that the payer's bank takes back, or tries to. Amounts in smallest units. */
export interface Dispute {
  readonly order_no: string;
  /** Which of the order's payments is disputed. */
  readonly payment: number;
  readonly payment_no: string;
  readonly provider: Provider;
  readonly merchant: string;
  /** The provider's own number for it. */
  readonly dispute_id: string;
  readonly transaction_id: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
  readonly state: DisputeState;
  /** Its provider still lets the money be returned, by which it ends: of what is only an inquiry. */
  readonly refundable: boolean;
  /** ISO 8601; until when evidence can be given. */
  readonly due_by: string | null;
  /** What is withdrawn now: the sum of the movements that are booked. */
  readonly withdrawn: number;
  /** What of that its order's owner bears: what people have said so far. */
  readonly borne: number;
  /** The provider's numbers of the movements that are booked. */
  readonly movements: readonly string[];
  /** People were told that the time for evidence ends soon. */
  readonly reminded: boolean;
  readonly version: number;
  readonly opened_at: string;
  readonly updated_at: string;
}
