import { isIP } from 'node:net';
import * as z from 'zod/mini';
import { isHttpsOrLoopback } from '../config/document.ts';
import type { Environment } from '../config/environment.ts';
import { type CheckoutRequest, type CheckoutResult, checkout } from '../orders/checkout.ts';
import type { OrderStore } from '../orders/commit.ts';
import { providers, type Scene } from '../orders/kinds.ts';
import type { Merchants, PaymentRequest } from '../orders/provider-gateway.ts';
import { CHECKOUT_MS } from '../orders/schedule.ts';
import { currencyFormat, providerFacts } from '../providers/facts.ts';
import { wechatFacts } from '../providers/wechat/facts.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { requireTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import {
  amountText,
  bodyFields,
  positiveInteger,
  readAmount,
  refuseField,
  sentText,
  text,
} from './fields.ts';
import { idempotentCaller } from './idempotent-caller.ts';
import { ApiError, messages, payEnvelope } from './reply.ts';

/** Those of a page that the caller hands to its payer. */
const pageScenes = ['desktop', 'mobile'] as const satisfies readonly Scene[];

/** With these a payment's item still counts as one write unit; any provider takes a description that WeChat Pay takes. */
const longestDescription = wechatFacts.texts.description;
const MAX_RETURN_URL = 200;

const fields = bodyFields({
  tenant_id: positiveInteger,
  amount: amountText,
  currency: z._default(z.string({ error: '须为字符串' }), 'CNY'),
  provider: z.enum(providers, { error: `须为 ${providers.join('、')} 之一` }),
  scene: z._default(z.enum(pageScenes, { error: `须为 ${pageScenes.join('、')} 之一` }), 'desktop'),
  payer_client_ip: z.optional(
    z
      .string({ error: '须为字符串' })
      // WeChat Pay takes none with a zone, which is of one machine alone.
      .check(z.refine((value) => isIP(value) !== 0 && !value.includes('%'), { error: '须为 IP 地址' })),
  ),
  description: z.optional(sentText(longestDescription)),
  return_url: z.optional(text(MAX_RETURN_URL)),
  expires_in: z.optional(positiveInteger),
});

/** A checkout, with its amount in the provider's smallest unit, and what is kept of nobody. */
export type CheckoutBody = CheckoutRequest & Pick<PaymentRequest, 'payer_client_ip'>;

/** The body of a checkout. */
export const checkoutSchema: z.ZodMiniType<CheckoutBody> = z.pipe(
  fields,
  z.transform(({ amount: amountText, expires_in, ...body }, context) => {
    const { tenant_id, currency, provider, scene } = body;
    const { payer_client_ip = null, description = null, return_url = null } = body;
    const { amounts, limits } = providerFacts[provider];
    const format = currencyFormat(provider, currency);
    if (!format) return refuseField(context, 'currency', `不是 ${provider} 支持的 ISO 4217 货币代码`);
    const { least, most } = amounts(currency);
    const amount = readAmount(amountText, format, least, most);
    if (typeof amount !== 'number') return refuseField(context, 'amount', amount.error);
    const needsAddress = provider === 'wechat' && scene === 'mobile';
    if (needsAddress !== (payer_client_ip !== null)) {
      const message = needsAddress ? '必填：微信 H5 支付需要付款人的 IP' : '只用于 wechat 的 mobile 场景';
      return refuseField(context, 'payer_client_ip', message);
    }
    const lasts_ms = expires_in === undefined ? CHECKOUT_MS : expires_in * 1_000;
    if (lasts_ms < limits.shortest_ms || lasts_ms > limits.longest_ms) {
      const [from, to] = [limits.shortest_ms, limits.longest_ms].map((limit) => limit / 1_000);
      return refuseField(context, 'expires_in', `对 ${provider} 须为 ${from} 到 ${to} 秒`);
    }
    return {
      ...{ tenant_id, amount, currency, provider, scene },
      ...{ description, return_url, lasts_ms, payer_client_ip },
    };
  }),
);

/** Whoever reads it finds the same host there: none before an `@`, and no backslash that some take for a slash. */
const isPlainAddress = (address: string): boolean =>
  /^https?:\/\/[^/?#@\\]+(?:[/?#][^\\]*)?$/i.test(address) && /^[!-~]+$/.test(address);

/** @throws ApiError unless the stage lets a provider's page lead there */
function requireReturnHost(hosts: readonly string[], return_url: string | null): void {
  if (return_url === null) return;
  const { hostname = '' } = URL.parse(return_url) ?? {};
  if (!isPlainAddress(return_url) || !isHttpsOrLoopback(return_url) || !hosts.includes(hostname)) {
    throw new ApiError(400, 'return_url 须为本环境允许的域名下的 https 地址');
  }
}

export interface CheckoutParts {
  readonly store: OrderStore;
  readonly merchants: Merchants;
}

/** Makes a tenant's order and replies with its payment page. */
export function createCheckoutApi(
  runtime: ApiRuntime & Pick<Environment, 'orderPrefix' | 'returnHosts'>,
  { store, merchants }: CheckoutParts,
) {
  const { io, orderPrefix, returnHosts } = runtime;
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    schema: checkoutSchema,
    handle: async ({ claims, headers, body, annotate, telemetry }) => {
      requireTenant(claims, body.tenant_id);
      requireReturnHost(returnHosts, body.return_url);
      annotate({ provider: body.provider });
      const caller = idempotentCaller('checkout', claims.sub, headers['idempotency-key']);
      const merchant = await merchants.current(body.provider, body.tenant_id);
      if (!merchant) throw new ApiError(400, `provider 未开通 ${body.provider}：没有可用的收款商户`);
      const { scene, return_url, payer_client_ip } = body;
      const appid = merchant.appids[0] ?? null;
      const payee = { merchant, appid, scene, return_url, payer_client_ip };
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
