import { closePayment, isStarted } from '../orders/check-payment.ts';
import { type HandOverPorts, handOver } from '../orders/hand-over.ts';
import type { ShopOrder } from '../orders/order.ts';
import { shopOrderNumber } from '../orders/order-number.ts';
import type { PaymentEvent } from '../orders/payment-event.ts';
import type { SettlementResult } from '../orders/settle.ts';
import type { ProviderGateway } from '../providers/provider.ts';
import { reported } from '../telemetry/settlement-report.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { requireNoTenant } from './access.ts';
import { createApi } from './api.ts';
import { ApiError } from './api-error.ts';
import { v2Envelope } from './envelope.ts';
import { orderState } from './order-state.ts';
import { shopOrderPath, shopOrderSchema } from './shop-order-request.ts';
import type { VerifyToken } from './token.ts';

export interface PutShopOrderParts {
  readonly telemetry: Telemetry;
  readonly verifyToken: () => Promise<VerifyToken>;
  readonly wechat: () => Promise<{ readonly merchant: string; readonly gateway: ProviderGateway }>;
  readonly store: HandOverPorts['store'];
  readonly settle: (event: PaymentEvent) => Promise<SettlementResult>;
  readonly now: () => number;
  readonly orderPrefix: string;
}

/** Takes an order over from its shop, or a change of it while it can still be changed. */
export function createPutShopOrderApi({
  telemetry,
  verifyToken,
  wechat,
  store,
  settle,
  now,
  orderPrefix,
}: PutShopOrderParts) {
  return createApi({
    envelope: v2Envelope,
    telemetry,
    now,
    verifyToken,
    role: 'admin',
    schema: shopOrderSchema,
    handle: async ({ claims, path, body, annotate, telemetry: log }) => {
      requireNoTenant(claims);
      const request = { ...shopOrderPath(path), ...body };
      annotate({ order_no: shopOrderNumber(request.kind, request.id, orderPrefix) });
      const { merchant, gateway } = await wechat();
      const ports: HandOverPorts = {
        store,
        now,
        orderPrefix,
        payee: { provider: 'wechat', merchant },
        closePayment: async (order: ShopOrder) =>
          isStarted(order) &&
          closePayment({ gateway: async () => gateway, settle: reported(settle, log, now), now }, order),
      };
      const result = await handOver(ports, request);
      if (result.outcome === 'not_pending') throw new ApiError(409, '订单已支付、支付中或已关闭，不能修改');
      annotate({ outcome: result.outcome });
      return v2Envelope.success(result.outcome === 'created' ? 201 : 200, '成功', orderState(result.order));
    },
  });
}
