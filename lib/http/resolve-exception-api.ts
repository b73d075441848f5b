import * as z from 'zod/mini';
import type { TenantRegister } from '../merchants/tenant-register.ts';
import { type ExceptionRecord, exceptionId } from '../orders/exception.ts';
import { resolutions } from '../orders/kinds.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import type { RefundingPorts } from '../orders/refund-at-provider.ts';
import {
  type MerchantExceptionStore,
  type Resolved,
  type ResolveResult,
  resolveException,
  resolveMerchantException,
  type WantedEnd,
} from '../orders/resolve-exception.ts';
import { amountText } from '../providers/facts.ts';
import { reportProviderFailure } from '../telemetry/failures.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { reachedMerchants, reachesMerchant, reachesOrder } from './access.ts';
import { type ApiRequest, type ApiRuntime, createApi } from './api.ts';
import { decodeExceptionId, type NamedException } from './exception-id.ts';
import { exceptionState } from './exceptions-api.ts';
import { bodyFields, text } from './fields.ts';
import { refundState } from './refund-api.ts';
import { ApiError, messages, payEnvelope } from './reply.ts';
import type { ResolvedExceptionState } from './responses.ts';

export const resolutionSchema = bodyFields({
  resolution: z.enum(resolutions, { error: `须为 ${resolutions.join('、')} 之一` }),
  reason: text(200),
});

type ResolutionBody = z.infer<typeof resolutionSchema>;

export interface ResolveParts {
  readonly store: RefundingPorts['store'] & MerchantExceptionStore;
  readonly merchants: Merchants;
  readonly register: TenantRegister;
}

/** Ends an exception, and books what that means. */
export function createResolveExceptionApi(runtime: ApiRuntime, parts: ResolveParts) {
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    schema: resolutionSchema,
    handle: async (request) => {
      const named = decodeExceptionId(request.path['id'] ?? '');
      if (!named) throw new ApiError(404, messages.exceptionNotFound);
      const wanted: WantedEnd = { ...request.body, by: request.claims.sub };
      const result = await resolve({ ...parts, io: runtime.io }, named, wanted, request);
      if (result.outcome !== 'resolved') throw refusal(result);
      const { payment_no, provider } = result.exception;
      request.annotate({ provider, ...(payment_no && { payment_no }), outcome: 'exception_resolved' });
      return payEnvelope.success(200, '成功', resolvedState(result));
    },
  });
}

/**
 * Another's exception looks like one that is not there: a tenant's token reaches those of its orders and of its own
 * merchants.
 */
async function resolve(
  parts: ResolveParts & Pick<ApiRuntime, 'io'>,
  named: NamedException,
  wanted: WantedEnd,
  { claims, annotate, telemetry }: ApiRequest<ResolutionBody>,
): Promise<ResolveResult> {
  if (!('order_no' in named)) {
    const reached = await reachedMerchants(claims, parts.register);
    if (!reachesMerchant(reached, named)) return { outcome: 'not_found' };
    return resolveMerchantException(parts, { ...named, ...wanted });
  }
  const { order_no, id } = named;
  const snapshot = await parts.store.read(order_no);
  const exception = snapshot?.exceptions.find((known) => exceptionId(known) === id);
  if (!snapshot || !exception || !reachesOrder(claims, snapshot.order)) return { outcome: 'not_found' };
  annotate({ order_no });
  if (!isCountable(exception, wanted)) return { outcome: 'amount_unknown' };
  const ports = {
    ...reportedPorts(parts, telemetry),
    onProviderFailure: ({ payment_no, refund_no, provider }: RefundName, error: unknown) =>
      reportProviderFailure(telemetry, 'refund', { order_no, payment_no, refund_no, provider }, error),
  };
  return resolveException(ports, { order_no, id, ...wanted });
}

type RefundName = Parameters<RefundingPorts['onProviderFailure']>[0];

/** Money in a currency that its provider does not take cannot be booked: nobody knows its unit. */
const isCountable = (exception: ExceptionRecord, { resolution }: WantedEnd): boolean =>
  exception.amount === null ||
  resolution === 'written_off' ||
  resolution === 'dismissed' ||
  amountText(exception) !== null;

function resolvedState({ exception, refund, status }: Resolved): ResolvedExceptionState {
  const { provider, resolved } = exception;
  return {
    exception: exceptionState(exception),
    entries: resolved.entries.map(({ kind, debit, credit, amount, currency }) => ({
      ...{ kind, debit, credit, currency },
      amount: amountText({ amount, currency, provider }) ?? '',
    })),
    refund: refund && refundState(refund),
    status,
  };
}

/** Says what to do instead. */
function refusal(result: Exclude<ResolveResult, Resolved>): ApiError {
  switch (result.outcome) {
    case 'not_found':
      return new ApiError(404, messages.exceptionNotFound);
    case 'not_allowed':
      return new ApiError(400, `resolution 对此异常须为 ${result.allowed.join('、')} 之一`);
    case 'already_resolved':
      return new ApiError(409, '此异常已以另一种方式处理，不能再改');
    case 'nothing_left':
      return new ApiError(409, '这笔款项已全部退回、正在退回或已归属，请改用 dismissed');
    case 'already_booked':
      return new ApiError(409, '这笔交易已经入账，不是另一笔款项，请改用 dismissed');
    case 'not_booked':
      return new ApiError(
        409,
        '这笔退出的款项没有入账，不能归属；请与渠道核对后改用 written_off 或 dismissed',
      );
    case 'never_owned':
      return new ApiError(409, '退出的是挂账款项，从未归属商家，请改用 dismissed');
    case 'disputed':
      return new ApiError(409, '这笔款项正在争议中，不能退款；请等争议结束后再处理');
    case 'order_open':
      return new ApiError(409, '订单仍可支付：请先关闭订单，或改用 returned');
    case 'other_amount':
      return new ApiError(
        409,
        '只有金额、币种和商户都与已关闭的订单一致、且未退过的款项才能归属，请改用 returned',
      );
    case 'amount_unknown':
      return new ApiError(409, '消息没有说明可入账的金额或交易，请改用 written_off 或 dismissed');
    case 'dispute_open':
      return new ApiError(409, '争议尚未结束，请等结果确定后再归属');
  }
}
