import * as z from 'zod/mini';
import { deliveryStates } from '../webhooks/delivery.ts';
import { type RedeliverPorts, redeliverPeriod } from '../webhooks/redeliver.ts';
import { askedBy, requireTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { placesOf, readDeliveriesPeriod, receiverOfTenant } from './deliveries-api.ts';
import { anyText, bodyFields, oneOf, positiveInteger, says } from './fields.ts';
import { mustBeInstant } from './period.ts';
import { encodeCursor } from './query-parameters.ts';
import { dueAgain } from './redeliver-api.ts';
import { payEnvelope, success } from './reply.ts';
import type { RedeliveredPeriod } from './responses/webhooks.ts';

const instant = z.string(says(mustBeInstant));

export const redeliverPeriodSchema = bodyFields({
  from: instant,
  to: instant,
  state: z.optional(oneOf(deliveryStates)),
  tenant_id: z.optional(positiveInteger),
  cursor: z.optional(anyText),
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
      const listed = readDeliveriesPeriod({ from, to, cursor }, now());
      const query = { receiver: receiverOfTenant(tenant_id), ...placesOf(listed), state };
      const { redelivered, next } = await redeliverPeriod({ store, now }, query, askedBy(claims));
      annotate({ receiver: query.receiver, outcome: 'redelivered' });
      const { period } = listed;
      const data: RedeliveredPeriod = {
        redelivered,
        cursor: next && encodeCursor(next, period.from, period.to),
      };
      return success(data, 202, dueAgain);
    },
  });
}
