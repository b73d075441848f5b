import { startDynamodb } from '../../../infra/local/dynamodb/engine.ts';
import { forEachConcurrently } from '../../../lib/concurrency.ts';
import { systemIo } from '../../../lib/io.ts';
import { tenantOrderNumber } from '../../../lib/orders/order-number.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { unitsByPartition } from '../../support/capacity.ts';
import { createTable } from '../../support/create-table.ts';
import { type MeteredRequest, startDynamodbMeter } from '../../support/dynamodb-meter.ts';
import { paymentOf, tenantOrder } from '../../support/orders.ts';
import type { Begun } from '../../support/parties.ts';
import { alternate, ratioOf, type Spread } from '../measure.ts';
import { createContext, tableName } from './filled-table.ts';
import { announcePayment, beginPayment, settlePayment, storePage } from './payment-flow.ts';

const BATCH = 200;
const AT_ONCE = 16;
const ROUNDS = 7;
const METERED = 200;

/** Write units a second that DynamoDB takes in one partition, whatever the table's capacity. */
const PARTITION_LIMIT = 1_000;

type TenantOf = (index: number) => number;
const oneTenant: TenantOf = () => 7;
const manyTenants: TenantOf = (index) => index + 1;

function newOrder(tenant_id: number): Begun {
  const order = tenantOrder({ tenant_id, order_no: tenantOrderNumber(Date.now(), systemIo.randomBytes) });
  return { order, payment: paymentOf(order) };
}

export interface PartitionLoad {
  /** The table, or the index and what its partitions are of. */
  readonly name: string;
  readonly partitions: number;
  readonly unitsPerPayment: number;
  /** Of the partition with most units, among all of this name. */
  readonly largestShare: number;
  /** At which these partitions reach their limit, where all get as much. */
  readonly paymentsPerSecond: number;
}

export interface TenantComparison {
  /** Time of many tenants' settlements over that of one tenant's. */
  readonly throughput: Spread;
  readonly requestsOfOne: number;
  readonly requestsOfMany: number;
  readonly loads: readonly PartitionLoad[];
}

/** One tenant with all the traffic against as many tenants as payments. */
export async function compareTenants(): Promise<TenantComparison> {
  await using started = new AsyncDisposableStack();
  const engine = started.adopt(await startDynamodb(), (part) => part.stop());
  const meter = started.adopt(await startDynamodbMeter(engine.endpoint), (part) => part.stop());
  const context = await createContext(engine.endpoint);
  await createTable(context.client, tableName);
  const samples = await alternate(
    { one: () => settleBatch(context, oneTenant), many: () => settleBatch(context, manyTenants) },
    { rounds: ROUNDS },
  );
  const metered = await createContext(meter.url);
  const requestsOf = async (tenantOf: TenantOf) => {
    meter.reset();
    for (let index = 0; index < METERED; index += 1) await payOnce(metered, tenantOf(index));
    return [...meter.requests];
  };
  const many = await requestsOf(manyTenants);
  const one = await requestsOf(oneTenant);
  return {
    throughput: ratioOf(samples.many, samples.one),
    requestsOfOne: one.length / METERED,
    requestsOfMany: many.length / METERED,
    loads: loadsOf(one),
  };
}

async function settleBatch(context: StoreContext, tenantOf: TenantOf): Promise<number> {
  const orders = Array.from({ length: BATCH }, (_, index) => newOrder(tenantOf(index)));
  await forEachConcurrently(orders, AT_ONCE, (order) => beginPayment(context, order));
  const started = performance.now();
  await forEachConcurrently(orders, AT_ONCE, (order) => settlePayment(context, order));
  return performance.now() - started;
}

async function payOnce(context: StoreContext, tenant_id: number): Promise<void> {
  const order = newOrder(tenant_id);
  await beginPayment(context, order);
  await storePage(context, order);
  await settlePayment(context, order);
  await announcePayment(context, order);
}

/** The units of these payments by what the partitions are of: the shards of one account or kind of work. */
function loadsOf(requests: readonly MeteredRequest[]): PartitionLoad[] {
  const groups = new Map<string, Map<string, number>>();
  for (const write of requests.flatMap(({ writes }) => writes)) {
    for (const { index, partition, units } of unitsByPartition(write.layout, write)) {
      const name = index === null ? 'table' : `${index}: ${partition.replace(/#\d+$/, '')}`;
      const group = groups.get(name) ?? new Map<string, number>();
      groups.set(name, group.set(partition, (group.get(partition) ?? 0) + units));
    }
  }
  return [...groups].map(([name, partitions]) => {
    const all = [...partitions.values()].reduce((sum, units) => sum + units, 0);
    return {
      name,
      partitions: partitions.size,
      unitsPerPayment: all / METERED,
      largestShare: Math.max(...partitions.values()) / all,
      paymentsPerSecond: (PARTITION_LIMIT * partitions.size * METERED) / all,
    };
  });
}
