import type { Shipping } from '../orders/shipping.ts';
import type { ShippingState } from './responses/orders.ts';

/** What a client is told of what was sent. */
export const shippingState = (shipping: Shipping): ShippingState => ({
  order_no: shipping.order_no,
  state: shipping.state,
  logistics_type: shipping.logistics_type,
  items: shipping.items,
  parcels: [...shipping.parcels],
  requested_at: shipping.requested_at,
  told_at: shipping.told_at,
});
