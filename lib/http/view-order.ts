import type { Io } from '../io.ts';
import { formatAmount } from '../money.ts';
import { type LookPorts, lookAtOrder } from '../orders/look-at-order.ts';
import type { Order } from '../orders/order.ts';
import { isOrderNumber } from '../orders/order-number.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { currentPayment, payingPayment, type Snapshot } from '../orders/snapshot.ts';
import { currencyFormat } from '../providers/facts.ts';
import { reportProviderFailure } from '../telemetry/failures.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { orderNotFound } from './api-error.ts';
import type { RequestLog } from './request-log.ts';
import type { ListedOrder, OrderState } from './responses/orders.ts';

/**
 * What a client is told of an order: of its payments, only the one that paid it or is to pay it; of its exceptions, how
 * many wait for somebody.
 */
export function orderState(snapshot: Snapshot): OrderState {
  const { order_no, status, currency, created_at, paid_at, amount } = snapshot.order;
  const paid = payingPayment(snapshot);
  const payment = paid ?? currentPayment(snapshot);
  // An order without a payment is a shop's, and in CNY.
  const format = currencyFormat(payment?.provider ?? 'wechat', currency);
  if (!format) throw new Error('an order is stored in a currency that its provider does not take');
  return {
    ...{ order_no, status, amount: formatAmount(amount, format), currency },
    provider: payment?.provider ?? null,
    transaction_id: payment?.transaction_id ?? null,
    ...{ created_at, paid_at },
    refunded_amount: formatAmount(paid ? paid.refunded + paid.returned : 0, format),
    exceptions: snapshot.exceptions.filter(({ state }) => state === 'open').length,
  };
}

/** What a client is told of an order in a list. */
export function listedOrder(snapshot: Snapshot): ListedOrder {
  const { order, disputes } = snapshot;
  const { kind, description, expires_at, closed_by } = order;
  return {
    ...orderState(snapshot),
    kind,
    tenant_id: order.kind === 'tenant' ? order.tenant_id : null,
    ...{ description, expires_at, closed_by },
    disputes: disputes.filter(({ state }) => state === 'open').length,
  };
}

export interface OrderViewParts {
  readonly io: Io;
  readonly store: LookPorts['store'];
  readonly merchants: Merchants;
}

/**
 * Finds an order and brings it up to date with its provider, unless `requireAccess` throws.
 * @throws ApiError when there is none, or what `requireAccess` throws
 */
export async function viewOrder(
  { io, store, merchants }: OrderViewParts,
  order_no: string,
  requireAccess: (order: Order) => void,
  { annotate, telemetry }: RequestLog,
): Promise<Snapshot> {
  if (!isOrderNumber(order_no)) throw orderNotFound();
  annotate({ order_no });
  const snapshot = await store.read(order_no);
  if (!snapshot) throw orderNotFound();
  requireAccess(snapshot.order);
  annotate({ provider: currentPayment(snapshot)?.provider ?? null });
  const ports: LookPorts = {
    ...reportedPorts({ store, io, merchants }, telemetry),
    onFailure: ({ payment_no, provider }, error) =>
      reportProviderFailure(telemetry, 'query', { order_no, payment_no, provider }, error),
  };
  return lookAtOrder(ports, snapshot);
}
