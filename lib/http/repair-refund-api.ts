import type { TenantRegister } from '../merchants/tenant-register.ts';
import type { CommitPorts } from '../orders/commit.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import { orderOfRefund } from '../orders/refund.ts';
import { MissingMerchantError } from '../orders/refund-at-provider.ts';
import { type RepairResult, repairRefund } from '../orders/repair-refund.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { askedBy, reachesMoney, reachesOrder } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { ApiError, forbidden, refundNotFound } from './api-error.ts';
import { refundOpen } from './refund-api.ts';
import { payEnvelope, success } from './reply.ts';
import { viewRefund } from './view-refund.ts';

export interface RepairParts {
  readonly store: CommitPorts['store'];
  readonly merchants: Merchants;
  readonly register: Pick<TenantRegister, 'find'>;
}

/** Has its provider bring a refund to its end that the payer's bank has refused. */
export function createRepairRefundApi(runtime: ApiRuntime, { store, merchants, register }: RepairParts) {
  const { io } = runtime;
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    handle: async ({ claims, path, annotate, telemetry }) => {
      const refund_no = path['refund_no'] ?? '';
      const order_no = orderOfRefund(refund_no);
      const snapshot = order_no === null ? null : await store.read(order_no);
      if (!snapshot || !reachesOrder(claims, snapshot.order)) throw refusal('not_found');
      const money = snapshot.refunds.find((refund) => refund.refund_no === refund_no);
      if (money && !(await reachesMoney(claims, register, money, snapshot))) throw forbidden();
      annotate({ order_no: snapshot.order.order_no });
      const ports = reportedPorts({ store, io, merchants }, telemetry);
      const request = { order_no: snapshot.order.order_no, refund_no, by: askedBy(claims) };
      const result = await repairRefund(ports, request).catch((error: unknown) => {
        throw error instanceof MissingMerchantError ? refusal('merchant_missing') : error;
      });
      if (result.outcome !== 'repaired') throw refusal(result.outcome);
      const refund = await viewRefund(store, result.refund);
      const { provider, payment_no, status } = refund;
      annotate({ provider, payment_no, refund_no, outcome: `refund_${status}` });
      return status === 'open' ? success(refund, 202, refundOpen) : success(refund, 202);
    },
  });
}

/** Says what to do instead. */
function refusal(outcome: Exclude<RepairResult['outcome'], 'repaired'> | 'merchant_missing'): ApiError {
  switch (outcome) {
    case 'not_found':
      return refundNotFound();
    case 'not_abnormal':
      return new ApiError(409, 'refund_not_repairable', {
        zh: '这笔退款没有待处理的退款异常，无需修复',
        en: 'The refund has no open exception of a refusal: there is nothing to repair',
      });
    case 'not_held':
      return new ApiError(409, 'refund_not_repairable', {
        zh: '支付渠道没有这笔退款，系统会自动重新申请，无需修复',
        en: 'The provider does not have the refund: it is asked for again without your help',
      });
    case 'unsupported':
      return new ApiError(409, 'refund_not_repairable', {
        zh: '这笔退款的支付渠道不支持修复，请在渠道的商户后台处理',
        en: 'The provider cannot repair refunds: please see to it in its console',
      });
    case 'refused':
      return new ApiError(409, 'refund_not_repairable', {
        zh: '支付渠道不受理这笔退款的修复，请在渠道的商户平台处理',
        en: 'The provider does not take this repair: please see to the refund in its console',
      });
    case 'merchant_missing':
      return new ApiError(409, 'merchant_missing', {
        zh: '这笔退款的商户已不在配置中，请恢复其配置后重试',
        en: 'The merchant of the refund is not configured any more: please restore it and try again',
      });
  }
}
