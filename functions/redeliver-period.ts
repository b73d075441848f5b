import { createRedeliverPeriodApi } from '../lib/http/redeliver-period-api.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createDeliveryStore } from '../lib/store/delivery-store.ts';
import { deliveriesTable } from '../lib/store/delivery-table.ts';

/** POST /api/pay/webhooks/deliveries/redeliver: the events of a period are sent to an endpoint again. */
export const create = (runtime: Runtime, tableName = deliveriesTable()) =>
  createRedeliverPeriodApi(runtime, createDeliveryStore({ ...runtime.store, tableName }));

export const handler = start('redeliver-period', create);
