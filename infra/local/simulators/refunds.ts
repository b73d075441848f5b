import type { Provider } from '../../../lib/orders/kinds.ts';
import type { KeptMap } from '../kept-state.ts';
import type { Payment } from './payments.ts';

/** `abnormal`: the payer's bank has refused the money, and the merchant must say where it goes. */
export type RefundState = 'pending' | 'succeeded' | 'failed' | 'abnormal';

/** What a refund in each state can still come to. */
export type RefundSteps = Readonly<Record<RefundState, readonly RefundState[]>>;

/** A refund as the provider knows it; each simulator adds what its own messages carry. */
export interface Refund {
  readonly provider: Provider;
  /** The provider's own name of it. */
  readonly id: string;
  /** The merchant's number for it. */
  readonly refund_no: string;
  /** The provider's own name of the payment that is returned, and the merchant's number for it. */
  readonly payment_id: string;
  readonly payment_no: string;
  /** In the provider's smallest unit. */
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
  readonly state: RefundState;
  /** Null where the merchant gave no address to be told at. */
  readonly notify_url: string | null;
  readonly created_at: string;
  readonly decided_at: string | null;
  /** When its money left; that stays true of one that is sent back later. */
  readonly left_at: string | null;
  /** Made in the merchant's console, and asked for by nobody. */
  readonly by_console: boolean;
}

/** Why the provider takes on no refund for the time being: the merchant has too little money, or asks too often. */
export type RefundRefusal = 'balance' | 'frequency';

export interface Refunds<T extends Refund = Refund> {
  /** The newest under the merchant's number. */
  find(refund_no: string): T | undefined;
  get(id: string): T | undefined;
  /** Those of one payment, oldest first. */
  of(payment: Payment): T[];
  /** Oldest first. */
  list(): T[];
  put(refund: T): T;
  /** Whether a refund succeeds by itself after a moment. */
  isAutomatic(): boolean;
  setAutomatic(automatic: boolean): void;
  /** Null while refunds are taken on. */
  refusal(): RefundRefusal | null;
  setRefusal(refusal: RefundRefusal | null): void;
}

/** The refunds of one merchant. */
export function createRefunds<T extends Refund>(byId: KeptMap<T>): Refunds<T> {
  let automatic = true;
  let refusal: RefundRefusal | null = null;
  const list = () => [...byId.values()];
  return {
    list,
    get: (id) => byId.get(id),
    find: (refund_no) => list().findLast((refund) => refund.refund_no === refund_no),
    of: ({ id }) => list().filter(({ payment_id }) => payment_id === id),
    put(refund) {
      byId.set(refund.id, refund);
      return refund;
    },
    isAutomatic: () => automatic,
    setAutomatic(next) {
      automatic = next;
    },
    refusal: () => refusal,
    setRefusal(next) {
      refusal = next;
    },
  };
}

/** What is returned of a payment, or on its way back. In smallest units, as all sums here. */
export const returnedOf = (refunds: readonly Refund[]): number =>
  refunds.reduce((sum, { state, amount }) => (state === 'failed' ? sum : sum + amount), 0);
