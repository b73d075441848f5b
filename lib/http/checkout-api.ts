import type { Io } from '../io.ts';
import { type CheckoutStore, checkout, type PageMaking, type PaymentPage } from '../orders/checkout.ts';
import type { Provider, TenantOrder } from '../orders/order.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { requireTenant } from './access.ts';
import { createApi } from './api.ts';
import { ApiError, messages } from './api-error.ts';
import { checkoutSchema, idempotentCaller } from './checkout-request.ts';
import { payEnvelope } from './envelope.ts';
import type { VerifyToken } from './token.ts';

/** A provider's payment pages, for the merchant account of its document. */
export interface CheckoutGateway {
  readonly merchant: string;
  readonly createPaymentPage: (order: TenantOrder & { description: string }) => Promise<PaymentPage>;
  readonly pages: PageMaking;
}

export interface CheckoutParts {
  readonly telemetry: Telemetry;
  readonly verifyToken: () => Promise<VerifyToken>;
  readonly store: CheckoutStore;
  readonly io: Io;
  readonly orderPrefix: string;
  readonly gateways: Readonly<Record<Provider, () => Promise<CheckoutGateway>>>;
}

/** Makes a tenant's order and answers with its payment page. */
export function createCheckoutApi(parts: CheckoutParts) {
  const { telemetry, verifyToken, store, io, orderPrefix, gateways } = parts;
  return createApi({
    envelope: payEnvelope,
    telemetry,
    now: io.now,
    verifyToken,
    role: 'admin',
    schema: checkoutSchema,
    handle: async ({ claims, headers, body, annotate }) => {
      requireTenant(claims, body.tenant_id);
      annotate({ provider: body.provider });
      const caller = idempotentCaller(claims.sub, headers['idempotency-key']);
      const { merchant, createPaymentPage, pages } = await gateways[body.provider]();
      const ports = {
        store,
        now: io.now,
        randomBytes: io.randomBytes,
        orderPrefix,
        merchant,
        createPaymentPage: (order: TenantOrder) => {
          annotate({ order_no: order.order_no });
          return createPaymentPage({ ...order, description: `订单 ${order.order_no}` });
        },
        pages,
      };
      const result = await checkout(ports, body, caller);
      if (result.outcome === 'created') {
        annotate({ order_no: result.order_no, outcome: 'created' }, { PaymentRequested: 1 });
        return payEnvelope.success(201, '成功', { order_no: result.order_no, pay_url: result.pay_url });
      }
      if (result.outcome === 'not_created') {
        annotate({}, { ProviderFailed: 1 });
        throw new ApiError(502, messages.providerFailed);
      }
      throw new ApiError(409, idempotencyMessages[result.outcome]);
    },
  });
}

const idempotencyMessages = {
  key_reused: 'Idempotency-Key 已用于另一个请求',
  expired: 'Idempotency-Key 对应的订单已过期或已关闭，请换用新的 Idempotency-Key',
} as const;
