import type { WechatConfig } from '../config/wechat.ts';
import type { Io } from '../io.ts';
import type { ShopKind, ShopOrder } from '../orders/order.ts';
import { paymentNumber, shopOrderNumber } from '../orders/order-number.ts';
import { type PayResult, type PayStore, payShopOrder } from '../orders/pay-shop-order.ts';
import type { PaymentEvent } from '../orders/payment-event.ts';
import { type SettlementStore, settle } from '../orders/settle.ts';
import { createJsapiPrepay, jsapiParameters } from '../providers/wechat/prepay.ts';
import { reported } from '../telemetry/settlement-report.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { createApi } from './api.ts';
import { ApiError, messages } from './api-error.ts';
import { v2Envelope } from './envelope.ts';
import { shopOrderPath } from './shop-order-request.ts';
import type { VerifyToken } from './token.ts';

export interface PayShopOrderParts {
  readonly kind: ShopKind;
  readonly verifyToken: () => Promise<VerifyToken>;
  readonly wechat: () => Promise<WechatConfig>;
  readonly store: PayStore & SettlementStore;
  readonly publicUrl: string;
  readonly orderPrefix: string;
  readonly telemetry: Telemetry;
  readonly io: Io;
}

/** Pays a shop order of one kind: JSAPI parameters for the mini-program, or `paid` when it costs nothing. */
export function createPayShopOrderApi(parts: PayShopOrderParts) {
  const { kind, wechat, io, store } = parts;
  return createApi({
    envelope: v2Envelope,
    telemetry: parts.telemetry,
    now: io.now,
    verifyToken: parts.verifyToken,
    role: 'user',
    handle: async ({ claims, path, annotate, telemetry }) => {
      const { id } = shopOrderPath({ ...path, kind });
      const order_no = shopOrderNumber(kind, id, parts.orderPrefix);
      annotate({ order_no });
      const ports = {
        store,
        now: io.now,
        settle: reported((event: PaymentEvent) => settle(store, event, io.now), telemetry, io.now),
        createPrepay: async (order: ShopOrder & { openid: string; expires_at: string }) =>
          createJsapiPrepay(await wechat(), io, {
            ...order,
            order_no: paymentNumber(order),
            notify_url: `${parts.publicUrl}/v2/payments/notify`,
          }),
      };
      const result = await payShopOrder(ports, order_no, claims.sub);
      if (result.outcome === 'paid') annotate({ outcome: 'paid' });
      if (result.outcome === 'prepaid') {
        annotate({ provider: 'wechat', outcome: 'prepaid' }, { PaymentRequested: 1 });
      }
      return answer(parts, result);
    },
  });
}

async function answer({ wechat, io }: PayShopOrderParts, result: PayResult) {
  switch (result.outcome) {
    case 'not_found':
      throw new ApiError(404, messages.orderNotFound);
    case 'not_payable':
      throw new ApiError(400, messages.orderNotPayable);
    case 'paid':
      return v2Envelope.success(200, '支付成功（纯积分）', { paid: true });
    case 'prepaid':
      return v2Envelope.success(
        200,
        '获取支付参数成功',
        jsapiParameters(await wechat(), io, result.prepay_id),
      );
  }
}
