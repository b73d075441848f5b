import * as z from 'zod/mini';
import { closeAtProvider } from '../orders/check-payment.ts';
import type { OrderStore } from '../orders/commit.ts';
import { handOver } from '../orders/hand-over.ts';
import { isOneOf, type ShopKind, shopKinds } from '../orders/kinds.ts';
import { shopOrderNumber } from '../orders/order-number.ts';
import type { Payment } from '../orders/payment.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { currencyFormat } from '../providers/facts.ts';
import { wechatFacts } from '../providers/wechat/facts.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { requireNoTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import {
  amountText,
  bodyFields,
  nonNegativeInteger,
  pathInteger,
  readAmount,
  refuseField,
  sentText,
  text,
} from './fields.ts';
import { parseInstant } from './query-parameters.ts';
import { ApiError, v2Envelope } from './reply.ts';
import { orderState } from './view-order.ts';

const { texts, amounts } = wechatFacts;

const fields = bodyFields({
  user_id: text(256),
  openid: z.optional(z.nullable(sentText(texts.openid))),
  amount: amountText,
  points: nonNegativeInteger,
  description: sentText(texts.description),
  appid: z.optional(z.nullable(text(32))),
  expires_at: z.optional(z.nullable(text(32))),
});

export interface ShopOrderBody {
  readonly user_id: string;
  readonly openid: string | null;
  readonly amount: number;
  readonly points: number;
  readonly description: string;
  readonly appid: string | null;
  readonly expires_at: string | null;
}

/** The body of a shop order that is handed over, with its amount in fen. */
export const shopOrderSchema: z.ZodMiniType<ShopOrderBody> = z.pipe(
  fields,
  z.transform(
    ({ openid = null, appid = null, expires_at: deadline = null, amount: text, ...rest }, context) => {
      const format = currencyFormat('wechat', 'CNY');
      const amount = format ? readAmount(text, format, 0, amounts().most) : { error: '无效' };
      if (typeof amount !== 'number') return refuseField(context, 'amount', amount.error);
      if (amount > 0 && openid === null) return refuseField(context, 'openid', '在金额大于 0 时必填');
      const expires_at = deadline === null ? null : parseInstant(deadline);
      if (deadline !== null && expires_at === null) {
        return refuseField(context, 'expires_at', '须为 UTC 时间，如 2026-11-21T16:00:00Z');
      }
      return { ...rest, openid, appid, expires_at, amount };
    },
  ),
);

/** The order that a path names. @throws ApiError */
export function shopOrderPath({ kind = '', id }: Readonly<Record<string, string | undefined>>): {
  kind: ShopKind;
  id: number;
} {
  if (!isOneOf(shopKinds, kind)) throw new ApiError(400, `kind 须为 ${shopKinds.join(' 或 ')}`);
  const number = pathInteger(id);
  if (number === null) throw new ApiError(400, 'id 须为正整数');
  return { kind, id: number };
}

export interface PutShopOrderParts {
  readonly store: OrderStore;
  readonly merchants: Merchants;
}

/**
 * An order may keep an app that the document has dropped.
 * @throws ApiError unless the merchant of shop orders is paid in this app, or the order names it already
 */
async function requireApp(
  { store, merchants }: PutShopOrderParts,
  order_no: string,
  appid: string | null,
): Promise<void> {
  if (appid === null || (await merchants.current('wechat', null))?.appids.includes(appid)) return;
  const order = (await store.read(order_no))?.order;
  if (order?.kind === 'tenant' || order?.appid !== appid) {
    throw new ApiError(400, 'appid 不是已配置的应用');
  }
}

/** Takes an order over from its shop, or a change of it while it can still be changed. */
export function createPutShopOrderApi(
  runtime: ApiRuntime & { readonly orderPrefix: string },
  parts: PutShopOrderParts,
) {
  const { store, merchants } = parts;
  const { io, orderPrefix } = runtime;
  return createApi(runtime, {
    envelope: v2Envelope,
    role: 'admin',
    schema: shopOrderSchema,
    handle: async ({ claims, path, body, annotate, telemetry }) => {
      requireNoTenant(claims);
      const request = { ...shopOrderPath(path), ...body };
      const order_no = shopOrderNumber(request.kind, request.id, orderPrefix);
      annotate({ order_no });
      await requireApp(parts, order_no, body.appid);
      const asking = reportedPorts({ store, io, merchants }, telemetry);
      const ports = {
        ...{ store, io, orderPrefix },
        closeAtProvider: (payment: Payment) => closeAtProvider(asking, payment),
      };
      const result = await handOver(ports, request);
      if (result.outcome === 'expired') throw new ApiError(400, 'expires_at 须晚于现在');
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
