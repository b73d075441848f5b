import * as z from 'zod/mini';
import { type CheckoutRequest, type CheckoutResult, checkout } from '../orders/checkout.ts';
import type { OrderStore } from '../orders/commit.ts';
import { providers } from '../orders/kinds.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { currencyFormat, providerFacts } from '../providers/facts.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { requireTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { amountText, bodyFields, positiveInteger, readAmount, refuseField } from './fields.ts';
import { idempotentCaller } from './idempotent-caller.ts';
import { ApiError, messages, payEnvelope } from './reply.ts';

const fields = bodyFields({
  tenant_id: positiveInteger,
  amount: amountText,
  currency: z._default(z.string({ error: '须为字符串' }), 'CNY'),
  provider: z.enum(providers, { error: `须为 ${providers.join('、')} 之一` }),
});

/** The body of a checkout, with its amount in the provider's smallest unit. */
export const checkoutSchema: z.ZodMiniType<CheckoutRequest> = z.pipe(
  fields,
  z.transform(({ tenant_id, amount: text, currency, provider }, context) => {
    const format = currencyFormat(provider, currency);
    if (!format) return refuseField(context, 'currency', `不是 ${provider} 支持的 ISO 4217 货币代码`);
    const { least, most } = providerFacts[provider].amounts(currency);
    const amount = readAmount(text, format, least, most);
    return typeof amount === 'number'
      ? { tenant_id, amount, currency, provider }
      : refuseField(context, 'amount', amount.error);
  }),
);

export interface CheckoutParts {
  readonly store: OrderStore;
  readonly merchants: Merchants;
}

/** Makes a tenant's order and replies with its payment page. */
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
      const merchant = await merchants.current(body.provider, body.tenant_id);
      if (!merchant) throw new ApiError(400, `provider 未开通 ${body.provider}：没有可用的收款商户`);
      const payee = { merchant, appid: merchant.appids[0] ?? null, scene: 'desktop' } as const;
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
