import * as z from 'zod/mini';
import { deliveryStates } from '../webhooks/delivery.ts';
import { type RedeliverPorts, redeliverPeriod } from '../webhooks/redeliver.ts';
import { requireTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { listedPeriod, receiverOfTenant } from './deliveries-api.ts';
import { bodyFields, positiveInteger } from './fields.ts';
import { decodeCursor, encodeCursor } from './query-parameters.ts';
import { payEnvelope } from './reply.ts';
import type { RedeliveredPeriod } from './responses.ts';

const instant = z.string({ error: '须为 UTC 时间或日期，如 2026-11-21T16:00:00Z 或 2026-11-22' });

export const redeliverPeriodSchema = bodyFields({
  from: instant,
  to: instant,
  state: z.optional(z.enum(deliveryStates, { error: `须为 ${deliveryStates.join('、')} 之一` })),
  tenant_id: z.optional(positiveInteger),
  cursor: z.optional(z.string({ error: '须为字符串' })),
});

/** Has the deliveries of a period sent again: the stage's own, or a tenant's. */
export function createRedeliverPeriodApi(runtime: ApiRuntime, store: RedeliverPorts['store']) {
  const { now } = runtime.io;
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    schema: redeliverPeriodSchema,
    handle: async ({ claims, body, annotate }) => {
      const { from, to, state, tenant_id = claims.tenant_id, cursor } = body;
      if (tenant_id !== undefined) requireTenant(claims, tenant_id);
      const query = {
        receiver: receiverOfTenant(tenant_id),
        ...listedPeriod({ from, to }, now()),
        state,
        after: cursor === undefined ? null : decodeCursor(cursor, 0).after,
      };
      const { redelivered, next } = await redeliverPeriod({ store, now }, query, claims.sub);
      annotate({ receiver: query.receiver, outcome: 'redelivered' });
      const data: RedeliveredPeriod = { redelivered, cursor: next && encodeCursor(next) };
      return payEnvelope.success(202, '已重新投递', data);
    },
  });
}
