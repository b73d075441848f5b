import type { Io } from '../io.ts';
import { type LookPorts, lookAtOrder } from '../orders/look-at-order.ts';
import type { Order } from '../orders/order.ts';
import { isOrderNumber } from '../orders/order-number.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { currentPayment, type Snapshot } from '../orders/snapshot.ts';
import { reportProviderFailure } from '../telemetry/provider-failure.ts';
import { reportedPorts } from '../telemetry/reported-ports.ts';
import { ApiError, messages } from './api-error.ts';
import type { RequestLog } from './request-log.ts';

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
  if (!isOrderNumber(order_no)) throw new ApiError(404, messages.orderNotFound);
  annotate({ order_no });
  const snapshot = await store.read(order_no);
  if (!snapshot) throw new ApiError(404, messages.orderNotFound);
  requireAccess(snapshot.order);
  annotate({ provider: currentPayment(snapshot)?.provider ?? null });
  const ports: LookPorts = {
    ...reportedPorts({ store, io, merchants }, telemetry),
    onFailure: ({ payment_no, provider }, error) =>
      reportProviderFailure(telemetry, 'query', { order_no, payment_no, provider }, error),
  };
  return lookAtOrder(ports, snapshot);
}
