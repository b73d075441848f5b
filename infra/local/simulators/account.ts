import type { MerchantSimulator } from './provider-simulator.ts';

/** What moved the merchant's account at a provider. */
export interface AccountMovement {
  readonly kind: 'payment' | 'refund' | 'refund_failure' | 'dispute';
  readonly payment_no: string;
  /** The provider's own name of the refund or the movement; of a payment, of its transaction. */
  readonly id: string;
  /** In smallest units; below zero what left the account. */
  readonly amount: number;
  readonly fee: number;
  readonly currency: string;
  readonly moved_at: string;
}

type Money = Pick<MerchantSimulator, 'payments' | 'refunds' | 'disputes' | 'fees'>;

/** All that moved the merchant's account, oldest first. */
export const movementsOf = ({ payments, refunds, disputes, fees }: Money): AccountMovement[] =>
  [
    ...payments.list().flatMap(({ payment_no, transaction_id, amount, currency, paid_at }) => {
      if (paid_at === null) return [];
      const [id, fee] = [transaction_id ?? '', fees.payment(amount)];
      return { kind: 'payment' as const, payment_no, id, amount, fee, currency, moved_at: paid_at };
    }),
    ...refunds.list().flatMap(({ id, payment_no, amount, currency, state, left_at, decided_at }) => {
      if (left_at === null) return [];
      const about = { payment_no, id, currency };
      const gone = {
        kind: 'refund' as const,
        ...about,
        amount: -amount,
        fee: fees.refund(amount),
        moved_at: left_at,
      };
      const back = {
        kind: 'refund_failure' as const,
        ...about,
        amount,
        fee: 0,
        moved_at: decided_at ?? left_at,
      };
      return state === 'failed' ? [gone, back] : [gone];
    }),
    ...(disputes?.list() ?? []).flatMap(({ payment_no, movements }) =>
      movements.map((movement) => ({ kind: 'dispute' as const, payment_no, ...movement })),
    ),
  ].toSorted((one, other) => one.moved_at.localeCompare(other.moved_at));
