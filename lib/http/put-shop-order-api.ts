import { closeAtProvider } from '../orders/check-payment.ts';
import type { OrderStore } from '../orders/commit.ts';
import { handOver } from '../orders/hand-over.ts';
import { shopOrderNumber } from '../orders/order-number.ts';
import type { Payment } from '../orders/payment.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { reportedPorts } from '../telemetry/reported-ports.ts';
import { requireNoTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { ApiError } from './api-error.ts';
import { v2Envelope } from './envelope.ts';
import { orderState } from './order-state.ts';
import { shopOrderPath, shopOrderSchema } from './shop-order-request.ts';

export interface PutShopOrderParts {
  readonly store: OrderStore;
  readonly merchants: Merchants;
}

/** Takes an order over from its shop, or a change of it while it can still be changed. */
export function createPutShopOrderApi(
  runtime: ApiRuntime & { readonly orderPrefix: string },
  { store, merchants }: PutShopOrderParts,
) {
  const { io, orderPrefix } = runtime;
  return createApi(runtime, {
    envelope: v2Envelope,
    role: 'admin',
    schema: shopOrderSchema,
    handle: async ({ claims, path, body, annotate, telemetry }) => {
      requireNoTenant(claims);
      const request = { ...shopOrderPath(path), ...body, expires_at: null };
      annotate({ order_no: shopOrderNumber(request.kind, request.id, orderPrefix) });
      const asking = reportedPorts({ store, io, merchants }, telemetry);
      const ports = {
        ...{ store, io, orderPrefix },
        closeAtProvider: (payment: Payment) => closeAtProvider(asking, payment),
      };
      const result = await handOver(ports, request);
      if (result.outcome === 'not_pending') throw new ApiError(409, '订单已支付、支付中或已关闭，不能修改');
      annotate({ outcome: result.outcome });
      return v2Envelope.success(
        result.outcome === 'created' ? 201 : 200,
        '成功',
        orderState(result.snapshot),
      );
    },
  });
}
