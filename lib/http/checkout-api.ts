import { type CheckoutResult, checkout } from '../orders/checkout.ts';
import type { OrderStore } from '../orders/commit.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { reportedPorts } from '../telemetry/reported-ports.ts';
import { requireTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { ApiError, messages } from './api-error.ts';
import { checkoutSchema } from './checkout-request.ts';
import { payEnvelope } from './envelope.ts';
import { idempotentCaller } from './idempotent-caller.ts';

export interface CheckoutParts {
  readonly store: OrderStore;
  readonly merchants: Merchants;
}

/** Makes a tenant's order and answers with its payment page. */
export function createCheckoutApi(
  runtime: ApiRuntime & { readonly orderPrefix: string },
  { store, merchants }: CheckoutParts,
) {
  const { io, orderPrefix } = runtime;
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    schema: checkoutSchema,
    handle: async ({ claims, headers, body, annotate, telemetry }) => {
      requireTenant(claims, body.tenant_id);
      annotate({ provider: body.provider });
      const caller = idempotentCaller('checkout', claims.sub, headers['idempotency-key']);
      const payee = { merchant: await merchants.current(body.provider), scene: 'desktop' } as const;
      const ports = { ...reportedPorts({ store, io, merchants }, telemetry), orderPrefix };
      const result = await checkout(ports, body, caller, payee, (order_no) => annotate({ order_no }));
      if (result.outcome === 'not_created') annotate({}, { ProviderFailed: 1 });
      if (result.outcome !== 'issued') throw refusal(result);
      const { order_no, page, payment } = result;
      annotate({ payment_no: payment.payment_no, outcome: 'created' }, { PaymentRequested: 1 });
      return payEnvelope.success(201, '成功', { order_no, pay_url: page });
    },
  });
}

function refusal({ outcome }: Exclude<CheckoutResult, { outcome: 'issued' }>): ApiError {
  switch (outcome) {
    case 'key_reused':
      return new ApiError(409, 'Idempotency-Key 已用于另一个请求');
    case 'not_created':
      return new ApiError(502, messages.providerFailed);
    case 'being_paid':
      return new ApiError(409, 'Idempotency-Key 对应的订单正在支付');
    case 'not_payable':
    case 'too_late':
    case 'numbers_exhausted':
      return new ApiError(
        409,
        'Idempotency-Key 对应的订单已支付、已过期或已关闭，请换用新的 Idempotency-Key',
      );
  }
}
