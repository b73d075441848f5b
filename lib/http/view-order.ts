import type { Io } from '../io.ts';
import type { Order } from '../orders/order.ts';
import { parseOrderNumber } from '../orders/order-number.ts';
import { type RefreshPorts, refreshOrder } from '../orders/refresh-order.ts';
import { type SettlementStore, settle } from '../orders/settle.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { ApiError, messages } from './api-error.ts';

export interface OrderViewParts {
  readonly store: RefreshPorts['store'] & SettlementStore;
  readonly gateway: RefreshPorts['gateway'];
  readonly telemetry: Telemetry;
  readonly io: Pick<Io, 'now'>;
}

/**
 * Finds an order and brings it up to date with its provider, unless `requireAccess` throws.
 * @throws ApiError when there is none, or what `requireAccess` throws
 */
export type ViewOrder = (order_no: string, requireAccess: (order: Order) => void) => Promise<Order>;

export function createOrderView({ store, gateway, telemetry, io: { now } }: OrderViewParts): ViewOrder {
  const ports: RefreshPorts = {
    store,
    gateway,
    settle: (event) => settle(store, event, now),
    now,
    onFailure: (order_no, error) =>
      telemetry.log('warn', 'the provider did not say what became of the payment', { order_no }, error),
  };
  return async (order_no, requireAccess) => {
    const order = parseOrderNumber(order_no) ? await store.getOrder(order_no) : undefined;
    if (!order) throw new ApiError(404, messages.orderNotFound);
    requireAccess(order);
    return refreshOrder(ports, order);
  };
}
