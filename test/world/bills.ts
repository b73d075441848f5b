import type { BillRow } from '../../lib/orders/provider-gateway.ts';
import { isBack, type Refund, type Transaction } from './providers/books.ts';

/** One thing that a provider moved: what a bill may lack. */
export type Moved = Transaction | Refund;

export interface Listing {
  readonly provider: string;
  readonly merchant: string;
  /** In milliseconds; the end is not part of it. */
  readonly from: number;
  readonly to: number;
  /** What it leaves out, though it should not. */
  readonly lacks: Moved | null;
}

/**
 * What a provider lists of a merchant's day. Payments stand on the day on which they were taken, refunds on that on
 * which they were taken on, whatever has become of them since, and a dispute's movements on their own.
 */
export function billOf(
  transactions: readonly Transaction[],
  { provider, merchant, from, to, lacks }: Listing,
): BillRow[] {
  const isListed = (at: number) => at >= from && at < to;
  const own = transactions.filter(
    (one) => one.provider === provider && one.merchant === merchant && one.origin === 'ours',
  );
  return own.flatMap((one) => [
    ...(isListed(one.taken_at) && one !== lacks ? [paymentRow(one)] : []),
    ...one.refunds
      .filter((refund) => isListed(refund.begun_at) && refund !== lacks)
      .flatMap((refund) => refundRows(one, refund)),
    ...disputeRows(one).filter(({ at }) => isListed(Date.parse(at))),
  ]);
}

const moment = ({ currency }: Transaction, at: number) => ({
  ...{ currency, at: new Date(at).toISOString() },
  ...{ fee: 0, fee_currency: currency },
});

const paymentRow = (one: Transaction): BillRow => ({
  kind: 'payment',
  ...{ payment_no: one.number, transaction_id: one.id, amount: one.amount },
  ...moment(one, one.taken_at),
});

function refundRows(one: Transaction, refund: Refund): BillRow[] {
  const { request_no, id, amount, begun_at, state, origin } = refund;
  const row = {
    kind: 'refund',
    ...{ payment_no: one.number, transaction_id: one.id, amount },
    ...moment(one, begun_at),
  } as const;
  switch (one.provider) {
    case 'wechat': {
      // On its way, or with a person: the row is not written anew.
      const failed = state === 'succeeded' ? false : state === 'failed' || null;
      return [{ ...row, refund_no: request_no, refund_id: id, failed }];
    }
    case 'alipay':
      return [{ ...row, refund_no: request_no, refund_id: null, failed: false }];
    case 'stripe': {
      const failed = isBack(refund);
      const names = { refund_no: origin === 'asked' ? request_no : null, refund_id: id, failed };
      const gone = { ...row, ...names };
      return failed ? [gone, { ...gone, amount: -amount }] : [gone];
    }
  }
}

const disputeRows = (one: Transaction) =>
  one.disputes
    .flatMap(({ movements }) => movements)
    .filter(({ disputed }) => disputed !== 0)
    .map((movement) => ({
      kind: 'dispute' as const,
      ...{ payment_no: one.number, transaction_id: one.id, amount: -movement.disputed },
      ...{ movement_id: movement.id, event: null },
      ...moment(one, movement.at),
    }));
