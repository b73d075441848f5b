import type { OrderStore } from '../orders/commit.ts';
import type { ShopKind } from '../orders/kinds.ts';
import { shopOrderNumber } from '../orders/order-number.ts';
import { type PayResult, payShopOrder } from '../orders/pay-shop-order.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { requireShopper } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { ApiError, orderNotFound, providerFailed } from './api-error.ts';
import { shopOrderPath } from './put-shop-order-api.ts';
import { success, v2Envelope } from './reply.ts';

export interface PayShopOrderParts {
  readonly kind: ShopKind;
  readonly store: OrderStore;
  readonly merchants: Merchants;
}

/** Pays a shop order of one kind: JSAPI parameters for the mini-program, or `paid` when it costs nothing. */
export function createPayShopOrderApi(
  runtime: ApiRuntime & { readonly orderPrefix: string },
  { kind, store, merchants }: PayShopOrderParts,
) {
  const { io, orderPrefix } = runtime;
  return createApi(runtime, {
    envelope: v2Envelope,
    role: 'user',
    handle: async ({ claims, path, annotate, telemetry }) => {
      const { id } = shopOrderPath({ ...path, kind });
      const order_no = shopOrderNumber(kind, id, orderPrefix);
      requireShopper(claims);
      annotate({ order_no });
      const merchant = await merchants.current('wechat', null);
      const ports = reportedPorts({ store, io, merchants }, telemetry);
      const result = await payShopOrder(ports, order_no, claims.sub, merchant);
      if (result.outcome === 'paid') {
        annotate({ outcome: 'paid' });
        return success({ paid: true }, 200, paidByPoints);
      }
      if (result.outcome === 'not_created') annotate({}, { ProviderFailed: 1 });
      if (result.outcome !== 'issued') throw refusal(result);
      const { payment, page } = result;
      const { provider, payment_no } = payment;
      annotate({ provider, payment_no, outcome: 'prepaid' }, { PaymentRequested: 1 });
      const parameters = result.merchant.gateway.clientParameters(payment, page);
      return success(parameters, 200, handedOut);
    },
  });
}

/** The document of `/v2` has one wording for all. */
const notPayable = { zh: '订单状态不允许支付', en: 'The order cannot be paid as it is' };
const paidByPoints = { zh: '支付成功（纯积分）', en: 'Paid (points only)' };
const handedOut = { zh: '获取支付参数成功', en: 'Payment parameters' };

function refusal({ outcome }: Exclude<PayResult, { outcome: 'issued' | 'paid' }>): ApiError {
  switch (outcome) {
    case 'not_found':
      return orderNotFound();
    case 'already_paid':
      return new ApiError(400, 'already_paid', notPayable);
    case 'not_payable':
      return new ApiError(400, 'order_not_payable', notPayable);
    case 'not_offered':
      return new ApiError(400, 'provider_not_offered', {
        zh: '未开通微信支付，或订单的 appid 不在其中',
        en: 'WeChat Pay is not offered, or not in the app that the order names',
      });
    case 'being_paid':
      return new ApiError(409, 'being_paid', {
        zh: '订单正在支付，请稍后查询',
        en: 'The order is being paid, please ask for it later',
      });
    case 'too_late':
      return new ApiError(409, 'order_not_payable', {
        zh: '订单剩余时间不足，不能支付',
        en: 'Too little time is left to pay the order',
      });
    case 'numbers_exhausted':
      return new ApiError(409, 'order_not_payable', {
        zh: '订单支付次数过多，不能再支付',
        en: 'The order has had too many payments, and takes no other',
      });
    case 'not_created':
      return providerFailed();
  }
}
