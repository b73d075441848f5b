import type * as z from 'zod/mini';
import type { TenantRegister } from '../merchants/tenant-register.ts';
import { exceptionId } from '../orders/exception.ts';
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
import { reportProviderFailure } from '../telemetry/failures.ts';
import { reportedPorts } from '../telemetry/reported-settlement.ts';
import { askedBy, reachedMerchants, reachesMerchant, reachesMoney, reachesOrder } from './access.ts';
import { type ApiRequest, type ApiRuntime, createApi } from './api.ts';
import { exceptionNotFound, forbidden } from './api-error.ts';
import { decodeExceptionId, type NamedException } from './exception-id.ts';
import { bodyFields, oneOf, text } from './fields.ts';
import { payEnvelope, success } from './reply.ts';
import { disposesOfMoney, isCountable, refusalError } from './resolution-refusal.ts';
import type { ResolvedExceptionState } from './responses/exceptions.ts';
import type { RefundState } from './responses/orders.ts';
import { entryState, exceptionState } from './view-exception.ts';
import { viewRefund } from './view-refund.ts';

export const resolutionSchema = bodyFields({
  resolution: oneOf(resolutions),
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
      if (!named) throw exceptionNotFound();
      const wanted: WantedEnd = { ...request.body, by: askedBy(request.claims) };
      const result = await resolve({ ...parts, io: runtime.io }, named, wanted, request);
      if (result.outcome !== 'resolved') throw refusalError(result);
      const { payment_no, provider } = result.exception;
      const refund = result.refund && (await viewRefund(parts.store, result.refund));
      request.annotate({ provider, ...(payment_no && { payment_no }), outcome: 'exception_resolved' });
      return success(resolvedState(result, refund));
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
  const isOfMoney = disposesOfMoney(wanted.resolution);
  if (isOfMoney && !(await reachesMoney(claims, parts.register, exception, snapshot))) throw forbidden();
  if (!isCountable(exception, wanted.resolution)) return { outcome: 'amount_unknown' };
  const ports = {
    ...reportedPorts(parts, telemetry),
    onProviderFailure: ({ payment_no, refund_no, provider }: RefundName, error: unknown) =>
      reportProviderFailure(telemetry, 'refund', { order_no, payment_no, refund_no, provider }, error),
  };
  return resolveException(ports, { order_no, id, ...wanted });
}

type RefundName = Parameters<RefundingPorts['onProviderFailure']>[0];

function resolvedState({ exception, status }: Resolved, refund: RefundState | null): ResolvedExceptionState {
  const { provider, resolved } = exception;
  return {
    exception: exceptionState(exception),
    entries: resolved.entries.map((entry) => entryState(entry, provider)),
    refund,
    status,
  };
}
