import { type Delivery, type DeliveryKey, decodeDeliveryId, tenantOf } from '../webhooks/delivery.ts';
import { dueAgainMessage } from '../webhooks/queue-message.ts';
import { BusyDeliveryError, type RedeliverPorts, redeliver } from '../webhooks/redeliver.ts';
import { askedBy, reachesTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { ApiError, deliveryNotFound } from './api-error.ts';
import { deliveryView } from './deliveries-api.ts';
import { payEnvelope, success } from './reply.ts';
import type { Claims } from './token.ts';

export interface RedeliverParts {
  readonly store: RedeliverPorts['store'];
  /** Puts a message into the queue of deliveries; those of a group do not hold up others'. */
  readonly send: (message: object, group: string) => Promise<void>;
}

/** Has a delivery sent again, whatever became of it. */
export function createRedeliverApi(runtime: ApiRuntime, { store, send }: RedeliverParts) {
  const ports = { store, now: runtime.io.now };
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    handle: async ({ claims, path, annotate, telemetry }) => {
      const key = decodeDeliveryId(path['id'] ?? '');
      // Another's looks like one that is not there.
      const delivery = key && reachesReceiver(claims, key) ? await redelivered(ports, key, claims) : null;
      if (!delivery) throw deliveryNotFound();
      const { type, event_id, order_no, receiver } = delivery;
      const about = { events: [`${type} ${event_id}`], receiver, ...(order_no !== null && { order_no }) };
      annotate({ ...about, outcome: 'redelivered' });
      // It is stored as due, so that it is found a little later all the same.
      await send(dueAgainMessage(delivery, runtime.io.now()), receiver).catch((error: unknown) =>
        telemetry.log('warn', 'redeliver', { ...about, outcome: 'unsent' }, { error }),
      );
      return success(deliveryView(delivery), 202, dueAgain);
    },
  });
}

export const dueAgain = { zh: '已重新投递', en: 'Will be delivered again' };

const reachesReceiver = (claims: Claims, { receiver }: DeliveryKey): boolean =>
  reachesTenant(claims, tenantOf(receiver));

/** @throws ApiError */
async function redelivered(
  ports: RedeliverPorts,
  key: DeliveryKey,
  claims: Claims,
): Promise<Delivery | null> {
  try {
    return await redeliver(ports, key, askedBy(claims));
  } catch (error) {
    if (!(error instanceof BusyDeliveryError)) throw error;
    throw new ApiError(409, 'delivery_changing', {
      zh: '这次投递正在变更，请稍后重试',
      en: 'The delivery is being changed, please try again later',
    });
  }
}
