import * as z from 'zod/mini';
import type { OrderStore } from '../orders/commit.ts';
import { logisticsTypes } from '../orders/kinds.ts';
import { shopOrderNumber } from '../orders/order-number.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { type ShipResult, shipOrder } from '../orders/ship-order.ts';
import { MOST_ITEMS_CHARACTERS, maskContact, type Shipment, type Shipping } from '../orders/shipping.ts';
import { reportProviderFailure } from '../telemetry/failures.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { reachesOrder, requireNoTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { bodyFields, refuseField, sentText, text } from './fields.ts';
import { shopOrderPath } from './put-shop-order-api.ts';
import { ApiError, messages, v2Envelope } from './reply.ts';
import type { ShippingState } from './responses.ts';

const parcel = bodyFields({
  express_company: sentText({ most: 128, unit: 'bytes' }),
  tracking_no: sentText({ most: 128, unit: 'bytes' }),
  contact: z.optional(
    z
      .string({ error: '须为字符串' })
      .check(
        z.regex(/^(?=[+0-9*-]{7,32}$).*[0-9](?:-?[0-9]){3}$/, { error: '须为电话号码，末四位不能打掩码' }),
      ),
  ),
});

const fields = bodyFields({
  logistics_type: z.enum(logisticsTypes, { error: `须为 ${logisticsTypes.join('、')} 之一` }),
  items: text(MOST_ITEMS_CHARACTERS),
  parcels: z.optional(z.array(parcel, { error: '须为列表' }).check(z.maxLength(10, { error: '最多 10 个' }))),
});

/** The body of what was sent; numbers of people are masked as soon as they are read. */
export const shipmentSchema: z.ZodMiniType<Shipment> = z.pipe(
  fields,
  z.transform(({ logistics_type, items, parcels = [] }, context) => {
    const isByCourier = logistics_type === 'courier';
    if (isByCourier !== parcels.length > 0) {
      return refuseField(context, 'parcels', isByCourier ? '在 courier 时必填' : '只用于 courier');
    }
    const masked = parcels.map(({ contact, ...known }) => ({
      ...known,
      contact: contact === undefined ? null : maskContact(contact),
    }));
    return { logistics_type, items, parcels: masked };
  }),
);

export interface ShipOrderParts {
  readonly store: OrderStore;
  readonly merchants: Merchants;
}

/** Tells a shop order's provider that it was sent. */
export function createShipOrderApi(
  runtime: ApiRuntime & { readonly orderPrefix: string },
  { store, merchants }: ShipOrderParts,
) {
  const { io, orderPrefix } = runtime;
  return createApi(runtime, {
    envelope: v2Envelope,
    role: 'admin',
    schema: shipmentSchema,
    handle: async ({ claims, path, body, annotate, telemetry }) => {
      requireNoTenant(claims);
      const { kind, id } = shopOrderPath(path);
      const order_no = shopOrderNumber(kind, id, orderPrefix);
      annotate({ order_no });
      const ports = {
        ...reportedPorts({ store, io, merchants }, telemetry),
        onProviderFailure: ({ payment_no, provider }: Shipping, error: unknown) =>
          reportProviderFailure(telemetry, 'shipping', { order_no, payment_no, provider }, error),
      };
      const result = await shipOrder(ports, order_no, body, (order) => reachesOrder(claims, order));
      if (result.outcome !== 'shipped') throw refusal(result);
      const { shipping } = result;
      if (shipping.state === 'refused') throw new ApiError(409, `微信未接受发货信息（${shipping.refusal}）`);
      annotate({ outcome: shipping.state });
      return v2Envelope.success(shipping.state === 'told' ? 200 : 202, '成功', shippingView(shipping));
    },
  });
}

/** What a client is told of what was sent. */
const shippingView = (shipping: Shipping): ShippingState => ({
  order_no: shipping.order_no,
  state: shipping.state,
  logistics_type: shipping.logistics_type,
  items: shipping.items,
  parcels: [...shipping.parcels],
  requested_at: shipping.requested_at,
  told_at: shipping.told_at,
});

function refusal({ outcome }: Exclude<ShipResult, { outcome: 'shipped' }>): ApiError {
  switch (outcome) {
    case 'not_found':
      return new ApiError(404, messages.orderNotFound);
    case 'not_paid':
      return new ApiError(409, '订单未支付或已退款，不能发货');
    case 'corrected_before':
      return new ApiError(409, '发货信息只能更正一次');
    case 'unsupported':
      return new ApiError(409, '订单的支付渠道不需要发货信息，或其 appid 未配置 secret');
  }
}
