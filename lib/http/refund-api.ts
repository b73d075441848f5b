import * as z from 'zod/mini';
import { formatAmount } from '../money.ts';
import type { Provider } from '../orders/kinds.ts';
import type { Holding } from '../orders/payment.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import type { Refund } from '../orders/refund.ts';
import {
  type RefundOrderRequest,
  type RequestRefundPorts,
  type RequestRefundResult,
  requestRefund,
} from '../orders/request-refund.ts';
import { payingPayment } from '../orders/snapshot.ts';
import { currencyFormat, providerFacts } from '../providers/facts.ts';
import { reportProviderFailure } from '../telemetry/failures.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { requireOrderAccess } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { amountText, bodyFields, fits, readAmount, text, tooLong } from './fields.ts';
import { idempotentCaller } from './idempotent-caller.ts';
import { ApiError, messages, payEnvelope } from './reply.ts';
import type { RefundState } from './responses.ts';

export const refundSchema = bodyFields({
  order_no: text(64),
  amount: z.optional(amountText),
  reason: text(80),
  transaction_id: z.optional(text(64)),
});

export type RefundBody = z.infer<typeof refundSchema>;

/** The refund that a body asks for, read as the provider counts that has the money. */
const readRefundRequest = ({ order_no, amount, reason, transaction_id }: RefundBody): RefundOrderRequest => ({
  order_no,
  reason,
  transaction_id: transaction_id ?? null,
  amountText: amount ?? null,
  amountOf: (holding) => {
    checkReason(reason, holding);
    return amount === undefined ? null : amountFrom(amount, holding);
  },
});

/** The reason goes to the payer by way of the provider that the money is at. @throws ApiError */
function checkReason(reason: string, { provider }: Holding): void {
  const limit = providerFacts[provider].texts.reason;
  if (limit && !fits(reason, limit)) throw new ApiError(400, `reason ${tooLong(limit)}`);
}

/** @throws ApiError */
function amountFrom(text: string, { provider, currency }: Holding): number {
  const format = currencyFormat(provider, currency);
  if (!format) throw new Error('money is stored in a currency that its provider does not take');
  const amount = readAmount(text, format, 1);
  if (typeof amount !== 'number') throw new ApiError(400, `amount ${amount.error}`);
  return amount;
}

export interface RefundParts {
  readonly store: RequestRefundPorts['store'];
  readonly merchants: Merchants;
}

/** Returns a payment or a part of it: 200 when the provider has decided, 202 while it has not. */
export function createRefundApi(runtime: ApiRuntime, { store, merchants }: RefundParts) {
  const { io } = runtime;
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    schema: refundSchema,
    handle: async ({ claims, headers, body, annotate, telemetry }) => {
      const caller = idempotentCaller('refund', claims.sub, headers['idempotency-key']);
      if (!caller) throw new ApiError(400, 'Idempotency-Key 必填');
      const { order_no } = body;
      const snapshot = await store.read(order_no);
      if (!snapshot) throw new ApiError(404, messages.orderNotFound);
      requireOrderAccess(claims, snapshot.order);
      annotate({ order_no, provider: payingPayment(snapshot)?.provider ?? null });
      const ports: RequestRefundPorts = {
        ...reportedPorts({ store, io, merchants }, telemetry),
        onProviderFailure: ({ payment_no, refund_no, provider }, error) =>
          reportProviderFailure(telemetry, 'refund', { order_no, payment_no, refund_no, provider }, error),
      };
      const result = await requestRefund(ports, readRefundRequest(body), caller);
      if (result.outcome !== 'accepted') throw refusal(result);
      const { refund } = result;
      const { provider, payment_no, refund_no, status } = refund;
      annotate({ provider, payment_no, refund_no, outcome: `refund_${status}` });
      const statusCode = status === 'open' ? 202 : 200;
      return payEnvelope.success(statusCode, statusCode === 202 ? '退款处理中' : '成功', refundState(refund));
    },
  });
}

function refusal(result: Exclude<RequestRefundResult, { outcome: 'accepted' }>): ApiError {
  switch (result.outcome) {
    case 'not_found':
      return new ApiError(404, messages.orderNotFound);
    case 'no_such_transaction':
      return new ApiError(404, '没有找到 transaction_id 对应的款项');
    case 'key_reused':
      return new ApiError(409, 'Idempotency-Key 已用于另一个请求');
    case 'disputed':
      return new ApiError(409, 'order_no 对应的款项正在争议中，不能退款');
    case 'not_paid':
      return new ApiError(409, 'order_no 对应的订单没有可退的款项');
    case 'nothing_left':
      return new ApiError(409, 'amount 已全部退回或正在退回');
    case 'too_much': {
      const { provider, currency } = result.holding;
      return new ApiError(400, `amount 超过可退金额 ${amountOf(result.rest, provider, currency)}`);
    }
  }
}

/** What a client is told of a refund. */
export function refundState(refund: Refund): RefundState {
  const { order_no, refund_no, status, amount, currency, provider, created_at } = refund;
  return { order_no, refund_no, status, amount: amountOf(amount, provider, currency), currency, created_at };
}

function amountOf(amount: number, provider: Provider, currency: string): string {
  const format = currencyFormat(provider, currency);
  if (!format) throw new Error('an amount is stored in a currency that its provider does not take');
  return formatAmount(amount, format);
}
