import type { EventStore } from '../../../lib/orders/apply-event.ts';
import type { ExceptionRecord } from '../../../lib/orders/exception.ts';
import type { JournalEntry } from '../../../lib/orders/journal.ts';
import type { Order, OrderStatus } from '../../../lib/orders/order.ts';
import type { PaymentEvent } from '../../../lib/orders/payment-event.ts';
import type { WriteAnswer } from '../../../lib/orders/settle.ts';
import type { RefundCase, RefundChange } from '../../../lib/orders/settle-refund.ts';

export interface MemoryStore extends EventStore {
  order: Order | undefined;
  refundCase: RefundCase | undefined;
  readonly entries: (JournalEntry | null)[];
  readonly exceptions: { record: ExceptionRecord; entry: JournalEntry | null }[];
  /** The names of the calls so far. */
  readonly calls: string[];
}

/** One order under the conditions that settlement asks of a store, each written out and none taken from its code. */
export function createMemoryStore(order?: Order, refundCase?: RefundCase): MemoryStore {
  const write = (
    event: PaymentEvent,
    from: readonly OrderStatus[],
    changes: Partial<Pick<Order, 'status' | 'settlement' | 'updated_at' | 'paid_at'>>,
  ): WriteAnswer => {
    const { order } = store;
    if (!order || !from.includes(order.status) || !agrees(order, event)) return { applied: false, order };
    store.order = { ...order, ...changes, version: order.version + 1 };
    return { applied: true };
  };
  const settlementOf = ({ provider, transaction_id }: PaymentEvent) => ({ provider, transaction_id });
  const store: MemoryStore = {
    order,
    refundCase,
    entries: [],
    exceptions: [],
    calls: [],
    async getOrder(order_no) {
      store.calls.push('getOrder');
      return store.order?.order_no === order_no ? store.order : undefined;
    },
    async settleOrder(event, entry, now) {
      store.calls.push('settleOrder');
      const changes = { settlement: settlementOf(event), paid_at: now, updated_at: now };
      const answer = write(event, ['pending', 'failed'], { status: 'paid', ...changes });
      if (answer.applied) store.entries.push(entry);
      return answer;
    },
    async setOrderStatus(event, status, now) {
      store.calls.push('setOrderStatus');
      const from = status === 'failed' ? (['pending'] as const) : (['pending', 'failed'] as const);
      return write(event, from, { status, updated_at: now });
    },
    async nameTransaction(event, now) {
      store.calls.push('nameTransaction');
      if (store.order?.settlement?.transaction_id !== null) return { applied: false, order: store.order };
      const changes = { settlement: settlementOf(event), updated_at: now };
      return write(event, ['paid', 'refunding', 'refunded'], changes);
    },
    async recordException(record, entry) {
      store.calls.push('recordException');
      const isSame = ({ record: { kind, provider, transaction_id } }: { record: ExceptionRecord }) =>
        kind === record.kind && provider === record.provider && transaction_id === record.transaction_id;
      if (!store.exceptions.some(isSame)) store.exceptions.push({ record, entry });
    },
    async readRefund(order_no, n) {
      store.calls.push('readRefund');
      const found = store.refundCase;
      return found?.order.order_no === order_no && found.refund.n === n ? found : undefined;
    },
    async writeRefund({ seen, order, refund, suspense, entry }: RefundChange) {
      store.calls.push('writeRefund');
      if (seen.order.version !== store.refundCase?.order.version) return false;
      store.refundCase = { order: { ...order, version: order.version + 1 }, refund, suspense };
      if (entry) store.entries.push(entry);
      return true;
    },
  };
  return store;
}

function agrees(order: Order, event: PaymentEvent): boolean {
  const isSame = (field: 'provider' | 'merchant' | 'amount' | 'currency') =>
    event[field] === undefined || event[field] === order[field];
  const isCurrent = event.attempt === undefined || event.attempt === order.attempt;
  return isCurrent && isSame('provider') && isSame('merchant') && isSame('amount') && isSame('currency');
}
