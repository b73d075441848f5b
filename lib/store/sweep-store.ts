import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Refund } from '../orders/refund.ts';
import type { DueCheck, SweepPorts } from '../orders/sweep.ts';
import type { StoreContext } from './client.ts';
import { type StoredItem, writeItem } from './conditional-write.ts';
import { type ItemKey, orderKey, refundKey, type WorkKind, workShard, workShards } from './keys.ts';
import { toOrder } from './order-item.ts';
import { withRetries } from './retry.ts';
import { tableIndexes } from './table.ts';
import { createWorkStore } from './work-store.ts';

/** So many items of each shard in one run; the rest is for the next. */
export const DUE_PER_SHARD = 50;

/** The sweep's reading and putting off of what is due, on the `work` index. */
export function createSweepStore(context: StoreContext): SweepPorts['store'] {
  const { clearWork } = createWorkStore(context);
  return {
    async listDueChecks(now) {
      const items = await listDue(context, 'check', now);
      return items.map(toDueCheck).sort((one, other) => (one.work_due < other.work_due ? -1 : 1));
    },
    postpone: (check, work_due) => postponeWork(context, keyOf(check), check.work_due, work_due),
    clear: (check) => clearWork(keyOf(check), workShard('check', keyOf(check).order_no)),
  };
}

/** The sweep's reading and putting off of announcements that the stream consumer could not make. */
export const createAnnouncementWork = (context: StoreContext) => ({
  listDue: (now: string) => listDue(context, 'notify', now),
  postpone: (item: StoredItem, work_due: string) =>
    postponeWork(
      context,
      { pk: String(item['pk']), sk: String(item['sk']) },
      String(item['work_due']),
      work_due,
    ),
});

/** What owes this kind of work and is due, the longest due first within each shard. */
export async function listDue(
  { client, tableName, io }: StoreContext,
  kind: WorkKind,
  now: string,
): Promise<StoredItem[]> {
  const { name, partitionKey, sortKey } = tableIndexes.work;
  const pages = await Promise.all(
    workShards(kind).map((shard) => {
      const command = new QueryCommand({
        TableName: tableName,
        IndexName: name,
        KeyConditionExpression: '#work = :work AND #due <= :now',
        ExpressionAttributeNames: { '#work': partitionKey, '#due': sortKey },
        ExpressionAttributeValues: { ':work': shard, ':now': now },
        Limit: DUE_PER_SHARD,
      });
      return withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
    }),
  );
  return pages.flatMap(({ Items = [] }) => Items);
}

/** Puts an item's work off, on condition that it is still due when it was. @returns whether it was */
export async function postponeWork(
  context: StoreContext,
  { pk, sk }: ItemKey,
  seen: string,
  work_due: string,
): Promise<boolean> {
  const command = new UpdateCommand({
    TableName: context.tableName,
    Key: { pk, sk },
    UpdateExpression: 'SET work_due = :next',
    ConditionExpression: 'work_due = :seen',
    ExpressionAttributeValues: { ':seen': seen, ':next': work_due },
  });
  const answer = await writeItem(context, (abortSignal) => context.client.send(command, { abortSignal }));
  return answer.applied;
}

function toDueCheck(item: StoredItem): DueCheck {
  const work_due = String(item['work_due']);
  if (String(item['sk']).startsWith('REFUND#'))
    return { type: 'refund', work_due, refund: item as unknown as Refund };
  const order = toOrder(item);
  if (!order) throw new Error('the index holds no item');
  return { type: 'order', work_due, order };
}

function keyOf(check: DueCheck): ItemKey & { readonly order_no: string } {
  if (check.type === 'order') return { ...orderKey(check.order.order_no), order_no: check.order.order_no };
  const { order_no, n } = check.refund;
  return { ...refundKey(order_no, n), order_no };
}
