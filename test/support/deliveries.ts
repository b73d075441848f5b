import { BatchWriteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach } from 'vitest';
import { systemIo } from '../../lib/io.ts';
import type { EventType } from '../../lib/orders/kinds.ts';
import { createDeliveryStore } from '../../lib/store/delivery-store.ts';
import { deliveryIndexes } from '../../lib/store/delivery-table.ts';
import type { Delivery } from '../../lib/webhooks/delivery.ts';
import type { DeliveryStore } from '../../lib/webhooks/delivery-store.ts';
import { createTable } from './create-table.ts';
import type { Item, TestStore } from './store.ts';

export const deliveriesTableName = 'settle-test-deliveries';

/** When the tests of deliveries begin. */
export const START = Date.parse('2026-11-26T08:00:00.000Z');

let events = 0;

/** An event's id that no other has. */
export const newEventId = (): string => `evt_${(++events).toString(16).padStart(32, '0')}`;

/** A delivery as it is stored before its first attempt. */
export function deliveryOf(changes: Partial<Delivery> = {}): Delivery {
  const { timestamp = new Date(START).toISOString(), type = 'order.paid', order_no = 'mall-1' } = changes;
  const data = { order_no, version: 2, tenant_id: null };
  return {
    ...{ receiver: 'stage', event_id: newEventId(), timestamp, type, order_no, version: 1, state: 'due' },
    ...{ body: JSON.stringify({ type, timestamp, data }), waits: false, since: timestamp, tries: 0 },
    ...{ due_at: timestamp, attempts: [], ended_at: null, reason: null, redelivered: null },
    ...changes,
  };
}

/** An event as the queue has it: EventBridge's form. */
export function queuedEvent({
  id = newEventId(),
  type = 'order.paid' as EventType,
  timestamp = new Date(START).toISOString(),
  recorded_at = null as string | null,
  order_no = 'mall-1' as string | null,
  tenant_id = null as number | null,
} = {}) {
  const owner = tenant_id === null ? 'shop:mall' : `tenant:${tenant_id}`;
  const times = { timestamp, recorded_at: recorded_at ?? timestamp };
  const detail = { id, type, ...times, owner, data: { order_no, version: 2, tenant_id } };
  return {
    ...{ version: '0', id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718', 'detail-type': type, source: 'settle' },
    ...{ account: '111122223333', time: timestamp, region: 'cn-north-1', resources: [], detail },
  };
}

export interface TestDeliveries {
  readonly store: DeliveryStore;
  /** Milliseconds since 1970; can be set. */
  now: number;
  items(): Promise<Item[]>;
  /** Takes everything out of the table. */
  clear(): Promise<void>;
}

/** The table of deliveries in a test store's engine, and a clock of its own that begins anew with each test. */
export function useDeliveries(store: TestStore): TestDeliveries {
  const deliveries: { store?: DeliveryStore; now: number } = { now: START };
  const tableName = deliveriesTableName;
  beforeAll(async () => {
    const { client } = store.context;
    await createTable(client, tableName, Object.values(deliveryIndexes));
    const io = { ...systemIo, now: () => deliveries.now };
    deliveries.store = createDeliveryStore({ client, tableName, io });
  });
  beforeEach(() => {
    deliveries.now = START;
  });
  const items = async () => {
    const command = new ScanCommand({ TableName: tableName, ConsistentRead: true });
    return (await store.context.client.send(command)).Items ?? [];
  };
  return {
    get store() {
      if (!deliveries.store) throw new Error('the store is there only while tests run');
      return deliveries.store;
    },
    get now() {
      return deliveries.now;
    },
    set now(now) {
      deliveries.now = now;
    },
    items,
    async clear() {
      const { client } = store.context;
      const requests = (await items()).map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));
      for (let n = 0; n < requests.length; n += 25) {
        await client.send(
          new BatchWriteCommand({ RequestItems: { [tableName]: requests.slice(n, n + 25) } }),
        );
      }
    },
  };
}
