import type { Provider } from '../../../lib/orders/kinds.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { amountText } from './amount-text.ts';
import {
  type Counts,
  compareRows,
  matches,
  type OrderFilter,
  type OrderPage,
  type OrderRow,
} from './rows.ts';

/** What a row says of an order's payments. */
export type PaymentEntry = Pick<Payment, 'order_no' | 'n' | 'provider'>;

export interface OrderBook {
  /** Takes an order as it is stored; an older version than the known one changes nothing. */
  put(order: Order): void;
  /** Takes a payment of an order, which may come before its order does. */
  putPayment(payment: PaymentEntry): void;
  remove(order_no: string): void;
  get(order_no: string): OrderRow | undefined;
  /** The newest `limit` that match, behind the row that the last page ended with. */
  page(filter: OrderFilter, limit: number, behind?: Pick<OrderRow, 'created_at' | 'order_no'>): OrderPage;
  counts(): Counts;
  subscribe(listener: (row: OrderRow) => void): void;
}

/** The orders of the local table, in memory and in order. */
export function createOrderBook(): OrderBook {
  const orders = new Map<string, Order>();
  /** Of each order, where its payments are, by their numbers. */
  const payments = new Map<string, Map<number, Provider>>();
  const rows = new Map<string, OrderRow>();
  /** Newest last, because new ones come there. */
  const sorted: OrderRow[] = [];
  const counts: Partial<Record<OrderRow['status'], number>> = {};
  const listeners: ((row: OrderRow) => void)[] = [];

  const count = ({ status }: OrderRow, by: number) => {
    counts[status] = (counts[status] ?? 0) + by;
  };

  /** Where the row is, or is to be inserted. */
  function find(row: Pick<OrderRow, 'created_at' | 'order_no'>): number {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = sorted[middle];
      if (there && compareRows(there, row) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function takeOut(order_no: string): void {
    const row = rows.get(order_no);
    if (!row) return;
    rows.delete(order_no);
    sorted.splice(find(row), 1);
    count(row, -1);
  }

  function enter(order: Order): void {
    takeOut(order.order_no);
    const row = toRow(order, payments.get(order.order_no) ?? new Map());
    orders.set(row.order_no, order);
    rows.set(row.order_no, row);
    sorted.splice(find(row), 0, row);
    count(row, 1);
    for (const listener of listeners) listener(row);
  }

  return {
    remove(order_no) {
      takeOut(order_no);
      orders.delete(order_no);
      payments.delete(order_no);
    },
    put(order) {
      if (order.version >= (orders.get(order.order_no)?.version ?? 0)) enter(order);
    },
    putPayment({ order_no, n, provider }) {
      const ofOrder = payments.get(order_no) ?? new Map<number, Provider>();
      payments.set(order_no, ofOrder.set(n, provider));
      const order = orders.get(order_no);
      if (order) enter(order);
    },
    get: (order_no) => rows.get(order_no),
    page(filter, limit, behind) {
      const matching = sorted.filter((row) => matches(row, filter)).reverse();
      const older = behind ? matching.filter((row) => compareRows(row, behind) > 0) : matching;
      return { rows: older.slice(0, limit), matching: matching.length, has_older: older.length > limit };
    },
    counts: () => ({ ...counts }),
    subscribe: (listener) => {
      listeners.push(listener);
    },
  };
}

function toRow(order: Order, payments: ReadonlyMap<number, Provider>): OrderRow {
  const { order_no, kind, currency, status, created_at, updated_at } = order;
  const provider = payments.get(order.paid_by ?? order.payments) ?? null;
  return {
    order_no,
    kind,
    provider,
    amount: amountText(order.amount, currency, provider),
    currency,
    status,
    description: order.kind === 'tenant' ? '' : order.description,
    tenant_id: order.kind === 'tenant' ? order.tenant_id : null,
    created_at,
    updated_at,
  };
}
