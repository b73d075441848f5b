import { formatAmount } from '../money.ts';
import type { Order } from '../orders/order.ts';
import type { Refund } from '../orders/refund.ts';
import {
  type RequestRefundPorts,
  type RequestRefundResult,
  requestRefund,
} from '../orders/request-refund.ts';
import { currencyFormat } from '../providers/currencies.ts';
import { reportProviderFailure } from '../telemetry/provider-failure.ts';
import { reported } from '../telemetry/settlement-report.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { requireOrderAccess } from './access.ts';
import { createApi } from './api.ts';
import { ApiError, messages } from './api-error.ts';
import { idempotentCaller } from './checkout-request.ts';
import { payEnvelope } from './envelope.ts';
import { readRefundRequest, refundSchema } from './refund-request.ts';
import type { RefundState } from './responses/refund.ts';
import type { VerifyToken } from './token.ts';

export interface RefundParts {
  readonly telemetry: Telemetry;
  readonly verifyToken: () => Promise<VerifyToken>;
  readonly ports: Omit<RequestRefundPorts, 'onProviderFailure'>;
}

/** Returns a payment or a part of it: 200 when the provider has decided, 202 while it has not. */
export function createRefundApi({ telemetry, verifyToken, ports }: RefundParts) {
  return createApi({
    envelope: payEnvelope,
    telemetry,
    now: ports.now,
    verifyToken,
    role: 'admin',
    schema: refundSchema,
    handle: async ({ claims, headers, body, ...log }) => {
      const caller = idempotentCaller(claims.sub, headers['idempotency-key']);
      if (!caller) throw new ApiError(400, 'Idempotency-Key 必填');
      const order = await ports.store.getOrder(body.order_no);
      if (!order) throw new ApiError(404, messages.orderNotFound);
      requireOrderAccess(claims, order);
      const { order_no, provider } = order;
      log.annotate({ order_no, provider });
      const request = readRefundRequest(body, order);
      const result = await requestRefund(
        {
          ...ports,
          settleRefund: reported(ports.settleRefund, log.telemetry, ports.now),
          onProviderFailure: (error) =>
            reportProviderFailure(log.telemetry, 'refund', { order_no, provider }, error),
        },
        request,
        caller,
      );
      if (result.outcome !== 'accepted') throw refusal(result, order);
      const { refund } = result;
      log.annotate({ refund_no: refund.refund_no, outcome: `refund_${refund.status}` });
      const statusCode = refund.status === 'open' ? 202 : 200;
      return payEnvelope.success(statusCode, statusCode === 202 ? '退款处理中' : '成功', refundState(refund));
    },
  });
}

function refusal(result: Exclude<RequestRefundResult, { outcome: 'accepted' }>, order: Order): ApiError {
  switch (result.outcome) {
    case 'not_found':
      return new ApiError(404, '没有找到 transaction_id 对应的挂账款项');
    case 'key_reused':
      return new ApiError(409, 'Idempotency-Key 已用于另一个请求');
    case 'not_paid':
      return new ApiError(409, 'order_no 对应的订单没有可退的款项');
    case 'nothing_left':
      return new ApiError(409, 'amount 已全部退回或正在退回');
    case 'too_much':
      return new ApiError(
        400,
        `amount 超过可退金额 ${amountOf(result.rest, order.provider, order.currency)}`,
      );
  }
}

function refundState({
  order_no,
  refund_no,
  status,
  amount,
  currency,
  provider,
  created_at,
}: Refund): RefundState {
  return { order_no, refund_no, status, amount: amountOf(amount, provider, currency), currency, created_at };
}

function amountOf(amount: number, provider: Order['provider'], currency: string): string {
  const format = provider && currencyFormat(provider, currency);
  if (!format) throw new Error('an amount is stored in a currency that its provider does not take');
  return formatAmount(amount, format);
}
