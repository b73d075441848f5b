import { formatAmount } from '../../../lib/money.ts';
import type { Order } from '../../../lib/orders/order.ts';
import { currencyFormat } from '../../../lib/providers/currencies.ts';
import {
  type Counts,
  compareRows,
  matches,
  type OrderFilter,
  type OrderPage,
  type OrderRow,
} from './rows.ts';

export interface OrderBook {
  /** Takes an order as it is stored; an older version than the known one changes nothing. */
  put(order: Order): void;
  remove(order_no: string): void;
  get(order_no: string): OrderRow | undefined;
  /** The newest `limit` that match, behind the row that the last page ended with. */
  page(filter: OrderFilter, limit: number, behind?: Pick<OrderRow, 'created_at' | 'order_no'>): OrderPage;
  counts(): Counts;
  subscribe(listener: (row: OrderRow) => void): void;
}

/** The orders of the local table, in memory and in order. */
export function createOrderBook(): OrderBook {
  const versions = new Map<string, number>();
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

  function remove(order_no: string): void {
    const row = rows.get(order_no);
    if (!row) return;
    rows.delete(order_no);
    versions.delete(order_no);
    sorted.splice(find(row), 1);
    count(row, -1);
  }

  return {
    remove,
    put(order) {
      if (order.version < (versions.get(order.order_no) ?? 0)) return;
      remove(order.order_no);
      const row = toRow(order);
      versions.set(row.order_no, order.version);
      rows.set(row.order_no, row);
      sorted.splice(find(row), 0, row);
      count(row, 1);
      for (const listener of listeners) listener(row);
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

function toRow(order: Order): OrderRow {
  const { order_no, kind, provider, currency, status, created_at, updated_at } = order;
  const format = currencyFormat(provider ?? 'wechat', currency);
  return {
    order_no,
    kind,
    provider,
    amount: format ? formatAmount(order.amount, format) : String(order.amount),
    currency,
    status,
    description: order.kind === 'tenant' ? '' : order.description,
    tenant_id: order.kind === 'tenant' ? order.tenant_id : null,
    created_at,
    updated_at,
  };
}
