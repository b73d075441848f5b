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
import { ApiError, orderNotFound } from './api-error.ts';
import { anyText, bodyFields, oneOf, refuseFields, says, sentText, text } from './fields.ts';
import { shopOrderPath } from './put-shop-order-api.ts';
import { success, v2Envelope } from './reply.ts';
import { shippingState } from './view-shipping.ts';

const parcel = bodyFields({
  express_company: sentText({ most: 128, unit: 'bytes' }),
  tracking_no: sentText({ most: 128, unit: 'bytes' }),
  contact: z.optional(
    anyText.check(
      z.regex(
        /^(?=[+0-9*-]{7,32}$).*[0-9](?:-?[0-9]){3}$/,
        says({
          zh: '须为电话号码，末四位不能打掩码',
          en: 'must be a telephone number, whose last four digits are not masked',
        }),
      ),
    ),
  ),
});

const fields = bodyFields({
  logistics_type: oneOf(logisticsTypes),
  items: text(MOST_ITEMS_CHARACTERS),
  parcels: z.optional(
    z
      .array(parcel, says({ zh: '须为列表', en: 'must be a list' }))
      .check(z.maxLength(10, says({ zh: '最多 10 个', en: 'must be at most 10' }))),
  ),
});

/** The body of what was sent; numbers of people are masked as soon as they are read. */
export const shipmentSchema: z.ZodMiniType<Shipment> = z.pipe(
  fields,
  z.transform(({ logistics_type, items, parcels = [] }, context) => {
    const isByCourier = logistics_type === 'courier';
    if (isByCourier !== parcels.length > 0) {
      return refuseFields(context, [isByCourier ? parcelsMissing : parcelsUnwanted]);
    }
    const masked = parcels.map(({ contact, ...known }) => ({
      ...known,
      contact: contact === undefined ? null : maskContact(contact),
    }));
    return { logistics_type, items, parcels: masked };
  }),
);

const parcelsMissing = {
  ...{ field: 'parcels', word: 'missing_field' as const },
  wording: { zh: '在 courier 时必填', en: 'is required for courier' },
};

const parcelsUnwanted = {
  field: 'parcels',
  wording: { zh: '只用于 courier', en: 'is only for courier' },
};

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
      if (shipping.state === 'refused') throw refused(shipping);
      annotate({ outcome: shipping.state });
      return success(shippingState(shipping), shipping.state === 'told' ? 200 : 202);
    },
  });
}

const refused = ({ refusal: code }: Shipping): ApiError =>
  new ApiError(409, 'shipping_refused', {
    zh: `微信未接受发货信息（${code}）`,
    en: `WeChat did not take what was sent (${code})`,
  });

function refusal({ outcome }: Exclude<ShipResult, { outcome: 'shipped' }>): ApiError {
  switch (outcome) {
    case 'not_found':
      return orderNotFound();
    case 'not_paid':
      return new ApiError(409, 'order_not_shippable', {
        zh: '订单未支付或已退款，不能发货',
        en: 'The order is not paid or was refunded, and cannot be sent',
      });
    case 'corrected_before':
      return new ApiError(409, 'shipping_corrected', {
        zh: '发货信息只能更正一次',
        en: 'What was sent can be corrected only once',
      });
    case 'unsupported':
      return new ApiError(409, 'shipping_unsupported', {
        zh: '订单的支付渠道不需要发货信息，或其 appid 未配置 secret',
        en: 'The provider of the order needs no shipping, or its appid has no secret configured',
      });
  }
}
