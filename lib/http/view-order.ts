import type { Order } from '../orders/order.ts';
import { parseOrderNumber } from '../orders/order-number.ts';
import { type RefreshPorts, refreshOrder } from '../orders/refresh-order.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { ApiError, messages } from './api-error.ts';

/**
 * An order as it is after its provider was asked, if `mayView` lets the caller see it.
 * @throws ApiError when there is no such order, or what `mayView` throws
 */
export async function viewOrder(
  ports: Omit<RefreshPorts, 'onFailure'>,
  telemetry: Telemetry,
  order_no: string,
  mayView: (order: Order) => boolean,
): Promise<Order> {
  const order = parseOrderNumber(order_no) ? await ports.store.getOrder(order_no) : undefined;
  if (!order || !mayView(order)) throw new ApiError(404, messages.orderNotFound);
  const onFailure = (failed: string, error: unknown) =>
    telemetry.log('warn', 'the provider did not say what became of the payment', { order_no: failed }, error);
  return refreshOrder({ ...ports, onFailure }, order);
}
