import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { isoTime, systemIo } from '../../../lib/io.ts';
import { merchantException } from '../../../lib/orders/exception.ts';
import type { DayResult } from '../../../lib/reconciliation/day-result.ts';
import { emptyTally } from '../../../lib/reconciliation/tally.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { createDeliveryStore } from '../../../lib/store/delivery-store.ts';
import { createMerchantExceptionStore } from '../../../lib/store/exception-store.ts';
import { getItem, getItems } from '../../../lib/store/get-item.ts';
import { writeHeartbeat } from '../../../lib/store/heartbeat.ts';
import { orderKey } from '../../../lib/store/keys.ts';
import { createLookClaims } from '../../../lib/store/look-claim.ts';
import { createMerchantStore } from '../../../lib/store/merchant-store.ts';
import { readOpenExceptions } from '../../../lib/store/open-exceptions.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { queryPartition } from '../../../lib/store/partition.ts';
import { scanTable } from '../../../lib/store/table-scan.ts';
import { deleteTenant, putTenant, readTenantRegister } from '../../../lib/store/tenant-store.ts';
import { createWorkStore } from '../../../lib/store/work-store.ts';
import { deliveryOf } from '../../support/deliveries.ts';
import { NOW, paidPayment, shopOrder } from '../../support/orders.ts';

/** A table that never answers: who asks waits until it is told to stop. */
const send = (_command: object, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
  new Promise<never>((_resolve, reject) => {
    if (!abortSignal) reject(new Error('nothing ends the request'));
    abortSignal?.addEventListener('abort', () => reject(abortSignal.reason));
  });
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
const context: StoreContext = {
  client: Object.assign(client, { send }),
  tableName: 'settle-test',
  io: { ...systemIo, deadline: systemIo.now() },
};

const now = isoTime(NOW);
const order = shopOrder();
const payment = paidPayment(order);
const key = orderKey(order.order_no);
const exception = merchantException(payment, { kind: 'unknown_row' }, NOW);
const work = createWorkStore(context);
const deliveries = createDeliveryStore(context);
const delivery = deliveryOf();
const seen = { ...delivery, due_at: now };
const everything = { receiver: 'stage', from: now, to: now, after: null, limit: 10 } as const;
const endpoint = {
  receiver: 'stage',
  failing_since: now,
  failures: 1,
  paused_until: null,
  pauses: 0,
} as const;
const day: DayResult = {
  ...{ provider: 'wechat', merchant: payment.merchant, day: '2026-11-21', ...emptyTally() },
  ...{ state: 'running', version: 1, runs: 1, position: null, started_at: now, finished_at: null },
};
const end = { resolution: 'dismissed', reason: '', by: '', at: now, entries: [], refund_no: null } as const;

it.each<[string, () => Promise<unknown>]>([
  ['one item', () => getItem(context, key)],
  ['items', () => getItems(context, [key])],
  ['a partition', () => queryPartition(context, key.pk)],
  ['the whole table', () => Array.fromAsync(scanTable(context, {}))],
  ['a list', () => readOpenExceptions(context)],
  [
    'a change',
    () =>
      createOrderStore(context).write({
        order_no: order.order_no,
        writes: [{ put: 'order', record: order }],
      }),
  ],
  ['who asks a provider', () => createLookClaims(context).claimLook(payment, NOW)],
  ['what is due', () => work.listDue('check', now, 1)],
  ['work', () => work.clearWork(key, 'check#1')],
  ['that the sweep ended', () => writeHeartbeat(context, 'sweep', NOW)],
  ['the tenants', () => readTenantRegister(context)],
  ['a tenant', () => putTenant(context, { tenant_id: 7, paid_to: 'own', merchants: {} })],
  ['that there is no tenant', () => deleteTenant(context, 7)],
  [
    'an exception without an order',
    () => createMerchantStore(context).putMerchantException(payment, exception),
  ],
  ['what a day came to', () => createMerchantStore(context).days.write(day, 0)],
  ['how that ended', () => createMerchantExceptionStore(context).endMerchantException(payment, '1', end)],
  ['a new delivery', () => deliveries.add(delivery)],
  ['a delivery', () => deliveries.write(delivery)],
  ['deliveries', () => deliveries.list(everything)],
  ['deliveries that are due', () => deliveries.listDue(now, 1)],
  ['when a delivery is due', () => deliveries.postpone(seen, now)],
  ['how many deliveries wait', () => deliveries.countWaiting('stage')],
  ['that an endpoint is there', () => deliveries.keepEndpoint('stage')],
  ['that an endpoint failed', () => deliveries.countFailure('stage', now)],
  ['that an endpoint is paused', () => deliveries.pause(endpoint, now)],
  ['that an endpoint answered', () => deliveries.recover('stage')],
])('no request outlasts the deadline: %s', async (_, ask) => {
  await expect(ask()).rejects.toMatchObject({ name: 'TimeoutError' });
});
