import * as z from 'zod/mini';
import type { TenantRegister } from '../merchants/tenant-register.ts';
import type { Holding } from '../orders/payment.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import {
  type RefundOrderRequest,
  type RequestRefundPorts,
  type RequestRefundResult,
  requestRefund,
} from '../orders/request-refund.ts';
import { payingPayment } from '../orders/snapshot.ts';
import { countedAmountText, currencyFormat, providerFacts } from '../providers/facts.ts';
import { reportProviderFailure } from '../telemetry/failures.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { reachesMoney, requireOrderAccess } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { ApiError, forbidden, invalidField, keyReused, orderNotFound, required } from './api-error.ts';
import { amountText, bodyFields, fits, readAmount, text, tooLong } from './fields.ts';
import { idempotentCaller } from './idempotent-caller.ts';
import { payEnvelope, success } from './reply.ts';
import { viewRefund } from './view-refund.ts';

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
  if (limit && !fits(reason, limit)) throw invalidField('reason', tooLong(limit));
}

/** @throws ApiError */
function amountFrom(text: string, { provider, currency }: Holding): number {
  const format = currencyFormat(provider, currency);
  if (!format) throw new Error('money is stored in a currency that its provider does not take');
  const amount = readAmount(text, format, 1, Number.MAX_SAFE_INTEGER);
  if (typeof amount !== 'number') throw invalidField('amount', amount.wording, amount.word);
  return amount;
}

export interface RefundParts {
  readonly store: RequestRefundPorts['store'];
  readonly merchants: Merchants;
  readonly register: Pick<TenantRegister, 'find'>;
}

/** Returns a payment or a part of it: 200 when the provider has decided, 202 while it has not. */
export function createRefundApi(runtime: ApiRuntime, { store, merchants, register }: RefundParts) {
  const { io } = runtime;
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    schema: refundSchema,
    handle: async ({ claims, headers, body, annotate, telemetry }) => {
      const caller = idempotentCaller('refund', claims.sub, headers['idempotency-key']);
      if (!caller) throw invalidField('Idempotency-Key', required, 'missing_field');
      const { order_no } = body;
      const snapshot = await store.read(order_no);
      if (!snapshot) throw orderNotFound();
      requireOrderAccess(claims, snapshot.order);
      const further = snapshot.suspense.find(({ transaction_id }) => transaction_id === body.transaction_id);
      if (further && !(await reachesMoney(claims, register, further, snapshot))) throw forbidden();
      annotate({ order_no, provider: payingPayment(snapshot)?.provider ?? null });
      const ports: RequestRefundPorts = {
        ...reportedPorts({ store, io, merchants }, telemetry),
        onProviderFailure: ({ payment_no, refund_no, provider }, error) =>
          reportProviderFailure(telemetry, 'refund', { order_no, payment_no, refund_no, provider }, error),
      };
      const result = await requestRefund(ports, readRefundRequest(body), caller);
      if (result.outcome !== 'accepted') throw refusal(result);
      const refund = await viewRefund(store, result.refund);
      const { provider, payment_no, refund_no, status } = refund;
      annotate({ provider, payment_no, refund_no, outcome: `refund_${status}` });
      return status === 'open' ? success(refund, 202, refundOpen) : success(refund);
    },
  });
}

export const refundOpen = { zh: '退款处理中', en: 'The refund is being processed' };

function refusal(result: Exclude<RequestRefundResult, { outcome: 'accepted' }>): ApiError {
  switch (result.outcome) {
    case 'not_found':
      return orderNotFound();
    case 'no_such_transaction':
      return new ApiError(
        404,
        'transaction_not_found',
        {
          zh: '没有找到 transaction_id 对应的款项',
          en: 'There is no money of the transaction that transaction_id names',
        },
        { field: 'transaction_id' },
      );
    case 'key_reused':
      return keyReused();
    case 'disputed':
      return new ApiError(409, 'in_dispute', {
        zh: 'order_no 对应的款项正在争议中，不能退款',
        en: 'The money of order_no is in dispute, and cannot be returned',
      });
    case 'not_paid':
      return new ApiError(409, 'nothing_to_refund', {
        zh: 'order_no 对应的订单没有可退的款项',
        en: 'The order of order_no has no money that could be returned',
      });
    case 'nothing_left':
      return new ApiError(409, 'nothing_to_refund', {
        zh: 'amount 已全部退回或正在退回',
        en: 'All of it is returned or being returned',
      });
    case 'too_much': {
      const { provider, currency } = result.holding;
      const rest = countedAmountText({ amount: result.rest, provider, currency });
      const problem = { zh: `超过可退金额 ${rest}`, en: `is more than the ${rest} that can be returned` };
      return invalidField('amount', problem, 'amount_too_large');
    }
  }
}
