import type { CommitPorts } from '../orders/commit.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { orderOfRefund } from '../orders/refund.ts';
import { MissingMerchantError } from '../orders/refund-at-provider.ts';
import { type RepairResult, repairRefund } from '../orders/repair-refund.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { reachesOrder } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { refundState } from './refund-api.ts';
import { ApiError, messages, payEnvelope } from './reply.ts';

export interface RepairParts {
  readonly store: CommitPorts['store'];
  readonly merchants: Merchants;
}

/** Has its provider bring a refund to its end that the payer's bank has refused. */
export function createRepairRefundApi(runtime: ApiRuntime, { store, merchants }: RepairParts) {
  const { io } = runtime;
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    handle: async ({ claims, path, annotate, telemetry }) => {
      const refund_no = path['refund_no'] ?? '';
      const order_no = orderOfRefund(refund_no);
      const snapshot = order_no === null ? null : await store.read(order_no);
      if (!snapshot || !reachesOrder(claims, snapshot.order)) throw refusal('not_found');
      annotate({ order_no: snapshot.order.order_no });
      const ports = reportedPorts({ store, io, merchants }, telemetry);
      const request = { order_no: snapshot.order.order_no, refund_no, by: claims.sub };
      const result = await repairRefund(ports, request).catch((error: unknown) => {
        throw error instanceof MissingMerchantError ? refusal('merchant_missing') : error;
      });
      if (result.outcome !== 'repaired') throw refusal(result.outcome);
      const { provider, payment_no, status } = result.refund;
      annotate({ provider, payment_no, refund_no, outcome: `refund_${status}` });
      const text = status === 'open' ? '退款处理中' : '成功';
      return payEnvelope.success(202, text, refundState(result.refund));
    },
  });
}

/** Says what to do instead. */
function refusal(outcome: Exclude<RepairResult['outcome'], 'repaired'> | 'merchant_missing'): ApiError {
  switch (outcome) {
    case 'not_found':
      return new ApiError(404, messages.refundNotFound);
    case 'not_abnormal':
      return new ApiError(409, '这笔退款没有待处理的退款异常，无需修复');
    case 'not_held':
      return new ApiError(409, '支付渠道没有这笔退款，系统会自动重新申请，无需修复');
    case 'unsupported':
      return new ApiError(409, '这笔退款的支付渠道不支持修复，请在渠道的商户后台处理');
    case 'refused':
      return new ApiError(409, '支付渠道不受理这笔退款的修复，请在渠道的商户平台处理');
    case 'merchant_missing':
      return new ApiError(409, '这笔退款的商户已不在配置中，请恢复其配置后重试');
  }
}
