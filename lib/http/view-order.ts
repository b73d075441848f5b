import type { Io } from '../io.ts';
import type { Order, Provider } from '../orders/order.ts';
import { parseOrderNumber } from '../orders/order-number.ts';
import { type RefreshPorts, refreshOrder } from '../orders/refresh-order.ts';
import { type SettlementStore, settle } from '../orders/settle.ts';
import { reportProviderFailure } from '../telemetry/provider-failure.ts';
import { reported } from '../telemetry/settlement-report.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { ApiError, messages } from './api-error.ts';
import type { RequestLog } from './request-log.ts';

export interface OrderViewParts {
  readonly store: RefreshPorts['store'] & SettlementStore;
  readonly gateway: RefreshPorts['gateway'];
  readonly io: Pick<Io, 'now'>;
}

/**
 * Finds an order and brings it up to date with its provider, unless `requireAccess` throws.
 * @throws ApiError when there is none, or what `requireAccess` throws
 */
export type ViewOrder = (
  order_no: string,
  requireAccess: (order: Order) => void,
  log: RequestLog,
) => Promise<Order>;

export function createOrderView({ store, gateway, io: { now } }: OrderViewParts): ViewOrder {
  const portsOf = (telemetry: Telemetry, provider: Provider | null): RefreshPorts => ({
    store,
    gateway,
    settle: reported((event) => settle(store, event, now), telemetry, now),
    now,
    onFailure: (order_no, error) => reportProviderFailure(telemetry, 'query', { order_no, provider }, error),
  });
  return async (order_no, requireAccess, { annotate, telemetry }) => {
    if (!parseOrderNumber(order_no)) throw new ApiError(404, messages.orderNotFound);
    annotate({ order_no });
    const order = await store.getOrder(order_no);
    if (!order) throw new ApiError(404, messages.orderNotFound);
    requireAccess(order);
    annotate({ provider: order.provider });
    return refreshOrder(portsOf(telemetry, order.provider), order);
  };
}
