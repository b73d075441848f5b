import type { CommitPorts } from '../orders/commit.ts';
import type { ProviderEvent } from '../orders/event.ts';
import type { MerchantName } from '../orders/ledger.ts';
import type { Payment } from '../orders/payment.ts';
import { isProviderFailure, type RefundAnswer, type RefundReference } from '../orders/provider-gateway.ts';
import type { EventResult } from '../orders/settle.ts';
import { type OwnRow, returnName } from './bill-row.ts';
import type { OrderBooks } from './books.ts';

/** What it takes to settle what a bill says as a callback would. */
export interface SettlingPorts extends CommitPorts {
  readonly applyEvent: (event: ProviderEvent) => Promise<EventResult>;
  /** Asks the provider about a payment, and settles what it says. */
  readonly askAbout: (payment: Payment) => Promise<unknown>;
  /** Asks a provider what became of a refund; `absent` where nobody can be asked. */
  readonly askAboutRefund: (merchant: MerchantName, refund: RefundReference) => Promise<RefundAnswer>;
}

/**
 * A row is a fact like any message: what is not in the books is settled the same way. Where the payment itself is
 * unknown here, of which the bill may tell only later or of another day, its provider is asked first.
 * @throws ContentionError, and what the store throws
 */
export async function settleRow(
  ports: SettlingPorts,
  merchant: MerchantName,
  row: OwnRow,
  { payments }: OrderBooks,
): Promise<EventResult> {
  const payment = payments.find(({ n }) => n === row.number.n);
  if (row.kind !== 'payment' && payment && payment.state !== 'paid') {
    await unlessProviderFails(() => ports.askAbout(payment));
  }
  const decided = row.kind === 'refund' && row.failed === null ? await decide(ports, merchant, row) : row;
  const event = eventOf(decided, merchant);
  return event ? ports.applyEvent(event) : { outcome: 'not_found' };
}

/** What is on its way still has left its merchant, and counts as gone until its provider says that it failed. */
async function decide(
  { askAboutRefund }: SettlingPorts,
  merchant: MerchantName,
  row: Extract<OwnRow, { kind: 'refund' }>,
): Promise<OwnRow> {
  const { refund_no } = row;
  if (refund_no === null) return row;
  const answer = await unlessProviderFails(() => askAboutRefund(merchant, { ...row, refund_no }));
  return { ...row, failed: answer?.state === 'failed' };
}

/** Null when it does: the row says enough. */
async function unlessProviderFails<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (!isProviderFailure(error)) throw error;
    return null;
  }
}

/** What the provider says by a row, as a message. */
function eventOf(row: OwnRow, { provider, merchant }: MerchantName): ProviderEvent | null {
  const { payment_no, transaction_id, currency } = row;
  const of = { payment_no, provider, merchant };
  const amount = Math.abs(row.amount);
  switch (row.kind) {
    case 'payment': {
      const { appid, at } = row;
      return {
        ...{ ...of, type: 'succeeded', amount, currency, transaction_id },
        ...(appid !== undefined && { appid }),
        ...(at !== null && { paid_at: at }),
      };
    }
    case 'refund': {
      const { refund_no, refund_id, failed } = row;
      const isNamed = refund_no !== null || refund_id !== null;
      return {
        ...of,
        type: failed ? 'refund_failed' : 'refund_succeeded',
        ...{ refund_no, refund_id, currency },
        ...(isNamed ? { amount } : { total: amount }),
        ...(transaction_id !== null && { transaction_id }),
      };
    }
    case 'dispute':
      return row.event;
  }
}

/** What names a row's movement besides its payment and transaction. */
export function movementName(row: OwnRow): string | null {
  if (row.kind === 'payment') return null;
  return row.kind === 'refund' ? returnName(row) : row.movement_id;
}
