import { isIP } from 'node:net';
import * as z from 'zod/mini';
import { isHttpsOrLoopback } from '../config/document.ts';
import type { Environment } from '../config/environment.ts';
import { type CheckoutRequest, type CheckoutResult, checkout } from '../orders/checkout.ts';
import type { OrderStore } from '../orders/commit.ts';
import { type Provider, providers, type Scene } from '../orders/kinds.ts';
import type { Merchants, PaymentRequest } from '../orders/provider-gateway.ts';
import { CHECKOUT_MS } from '../orders/schedule.ts';
import { currencyFormat, providerFacts } from '../providers/facts.ts';
import { wechatFacts } from '../providers/wechat/facts.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { requireTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { ApiError, invalidField, keyReused, providerFailed } from './api-error.ts';
import {
  amountText,
  anyText,
  bodyFields,
  type FieldProblem,
  oneOf,
  positiveInteger,
  readAmount,
  refuseFields,
  says,
  sentText,
  text,
} from './fields.ts';
import { idempotentCaller } from './idempotent-caller.ts';
import { payEnvelope, success } from './reply.ts';

/** Those of a page that the caller hands to its payer. */
const pageScenes = ['desktop', 'mobile'] as const satisfies readonly Scene[];

/** With these a payment's item still counts as one write unit; any provider takes a description that WeChat Pay takes. */
const longestDescription = wechatFacts.texts.description;
const MAX_RETURN_URL = 200;

const fields = bodyFields({
  tenant_id: positiveInteger,
  amount: amountText,
  currency: z._default(anyText, 'CNY'),
  provider: oneOf(providers),
  scene: z._default(oneOf(pageScenes), 'desktop'),
  payer_client_ip: z.optional(
    anyText.check(
      // WeChat Pay takes none with a zone, which is of one machine alone.
      z.refine(
        (value) => isIP(value) !== 0 && !value.includes('%'),
        says({ zh: '须为 IP 地址', en: 'must be an IP address' }),
      ),
    ),
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
    const amount = amountAt(provider, currency, amountText);
    const lasts_ms = expires_in === undefined ? CHECKOUT_MS : expires_in * 1_000;
    const problems = [
      ...(typeof amount === 'number' ? [] : [amount]),
      ...addressProblems(provider, scene, payer_client_ip),
      ...durationProblems(provider, lasts_ms),
    ];
    if (typeof amount !== 'number' || problems.length > 0) return refuseFields(context, problems);
    return {
      ...{ tenant_id, amount, currency, provider, scene },
      ...{ description, return_url, lasts_ms, payer_client_ip },
    };
  }),
);

type Problem = FieldProblem & { readonly field: string };

/** In the provider's smallest unit. */
function amountAt(provider: Provider, currency: string, text: string): number | Problem {
  const format = currencyFormat(provider, currency);
  if (!format) {
    const wording = {
      zh: `不是 ${provider} 支持的 ISO 4217 货币代码`,
      en: `is not an ISO 4217 code of a currency that ${provider} takes`,
    };
    return { field: 'currency', wording };
  }
  const { least, most } = providerFacts[provider].amounts(currency);
  const amount = readAmount(text, format, least, most);
  return typeof amount === 'number' ? amount : { field: 'amount', ...amount };
}

function addressProblems(provider: Provider, scene: Scene, payer_client_ip: string | null): Problem[] {
  const field = 'payer_client_ip';
  const isNeeded = provider === 'wechat' && scene === 'mobile';
  if (isNeeded === (payer_client_ip !== null)) return [];
  if (isNeeded) {
    const wording = {
      zh: '必填：微信 H5 支付需要付款人的 IP',
      en: "is required: H5 payments of wechat need the payer's address",
    };
    return [{ field, wording, word: 'missing_field' }];
  }
  const wording = {
    zh: '只用于 wechat 的 mobile 场景',
    en: 'is only for the scene mobile of wechat',
  };
  return [{ field, wording }];
}

function durationProblems(provider: Provider, lasts_ms: number): Problem[] {
  const { shortest_ms, longest_ms } = providerFacts[provider].limits;
  if (lasts_ms >= shortest_ms && lasts_ms <= longest_ms) return [];
  const [from, to] = [shortest_ms / 1_000, longest_ms / 1_000];
  const wording = {
    zh: `对 ${provider} 须为 ${from} 到 ${to} 秒`,
    en: `must be ${from} to ${to} seconds at ${provider}`,
  };
  return [{ field: 'expires_in', wording }];
}

/** Whoever reads it finds the same host there: none before an `@`, and no backslash that some take for a slash. */
const isPlainAddress = (address: string): boolean =>
  /^https?:\/\/[^/?#@\\]+(?:[/?#][^\\]*)?$/i.test(address) && /^[!-~]+$/.test(address);

/** @throws ApiError unless the stage lets a provider's page lead there */
function requireReturnHost(hosts: readonly string[], return_url: string | null): void {
  if (return_url === null) return;
  const { hostname = '' } = URL.parse(return_url) ?? {};
  if (!isPlainAddress(return_url) || !isHttpsOrLoopback(return_url) || !hosts.includes(hostname)) {
    throw invalidField('return_url', {
      zh: '须为本环境允许的域名下的 https 地址',
      en: 'must be an https address of a host that this stage allows',
    });
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
      if (!merchant) throw notOffered(body.provider);
      const { scene, return_url, payer_client_ip } = body;
      const appid = merchant.appids[0] ?? null;
      const payee = { merchant, appid, scene, return_url, payer_client_ip };
      const ports = { ...reportedPorts({ store, io, merchants }, telemetry), orderPrefix };
      const result = await checkout(ports, body, caller, payee, (order_no) => annotate({ order_no }));
      if (result.outcome === 'not_created') annotate({}, { ProviderFailed: 1 });
      if (result.outcome !== 'issued') throw refusal(result);
      const { order_no, page, payment } = result;
      annotate({ payment_no: payment.payment_no, outcome: 'created' }, { PaymentRequested: 1 });
      return success({ order_no, pay_url: page }, 201);
    },
  });
}

const notOffered = (provider: Provider): ApiError =>
  new ApiError(
    400,
    'provider_not_offered',
    {
      zh: `provider 未开通 ${provider}：没有可用的收款商户`,
      en: `provider ${provider} is not offered: there is no merchant who could be paid`,
    },
    { field: 'provider' },
  );

function refusal({ outcome }: Exclude<CheckoutResult, { outcome: 'issued' }>): ApiError {
  switch (outcome) {
    case 'key_reused':
      return keyReused();
    case 'not_created':
      return providerFailed();
    case 'being_paid':
      return new ApiError(409, 'being_paid', {
        zh: 'Idempotency-Key 对应的订单正在支付',
        en: 'The order of this Idempotency-Key is being paid',
      });
    case 'already_paid':
      return new ApiError(409, 'already_paid', {
        zh: 'Idempotency-Key 对应的订单已支付，请换用新的 Idempotency-Key',
        en: 'The order of this Idempotency-Key is paid: please use a new Idempotency-Key',
      });
    case 'not_payable':
    case 'too_late':
    case 'numbers_exhausted':
      return new ApiError(409, 'order_not_payable', {
        zh: 'Idempotency-Key 对应的订单已过期或已关闭，请换用新的 Idempotency-Key',
        en: 'The order of this Idempotency-Key is expired or closed: please use a new Idempotency-Key',
      });
  }
}
