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
import { ApiError, invalidField, mustBeOneOf } from './api-error.ts';
import {
  amountText,
  bodyFields,
  type FieldProblem,
  mustBePositive,
  nonNegativeInteger,
  pathInteger,
  readAmount,
  refuseFields,
  sentText,
  text,
} from './fields.ts';
import { parseInstant, readTogether } from './query-parameters.ts';
import { success, v2Envelope } from './reply.ts';
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
      const amount = readFen(text);
      const expires_at = deadline === null ? null : parseInstant(deadline);
      const isPayerMissing = typeof amount === 'number' && amount > 0 && openid === null;
      const problems = [
        ...(typeof amount === 'number' ? [] : [{ field: 'amount', ...amount }]),
        ...(isPayerMissing ? [payerMissing] : []),
        ...(deadline !== null && expires_at === null ? [noInstant] : []),
      ];
      if (typeof amount !== 'number' || problems.length > 0) return refuseFields(context, problems);
      return { ...rest, openid, appid, expires_at, amount };
    },
  ),
);

/** What is paid in a mini-program is in yuan. */
function readFen(text: string): number | FieldProblem {
  const format = currencyFormat('wechat', 'CNY');
  if (!format) throw new Error('WeChat Pay takes no yuan');
  return readAmount(text, format, 0, amounts().most);
}

const payerMissing = {
  ...{ field: 'openid', word: 'missing_field' as const },
  wording: { zh: '在金额大于 0 时必填', en: 'is required where the amount is more than 0' },
};

const noInstant = {
  field: 'expires_at',
  wording: {
    zh: '须为 UTC 时间，如 2026-11-21T16:00:00Z',
    en: 'must be a time in UTC, such as 2026-11-21T16:00:00Z',
  },
};

/** The order that a path names. @throws ApiError */
export const shopOrderPath = ({ kind, id }: Readonly<Record<string, string | undefined>>) =>
  readTogether({ kind: () => readShopKind(kind), id: () => readShopId(id) });

function readShopKind(kind = ''): ShopKind {
  if (!isOneOf(shopKinds, kind)) throw invalidField('kind', mustBeOneOf(shopKinds));
  return kind;
}

function readShopId(id: string | undefined): number {
  const number = pathInteger(id);
  if (number === null) throw invalidField('id', mustBePositive);
  return number;
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
    throw invalidField('appid', { zh: '不是已配置的应用', en: 'is not an app that is configured' });
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
      if (result.outcome === 'expired') {
        throw invalidField('expires_at', { zh: '须晚于现在', en: 'must be later than now' });
      }
      if (result.outcome === 'not_pending') throw notChangeable();
      annotate({ outcome: result.outcome });
      return success(orderState(result.snapshot), result.outcome === 'created' ? 201 : 200);
    },
  });
}

const notChangeable = (): ApiError =>
  new ApiError(409, 'order_not_changeable', {
    zh: '订单已支付、支付中或已关闭，不能修改',
    en: 'The order is paid, being paid or closed, and cannot be changed',
  });
