import { PutCommand, QueryCommand, type QueryCommandInput, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Page, Position } from '../orders/page.ts';
import type { Attempt, Delivery, DeliveryKey, Receiver } from '../webhooks/delivery.ts';
import type { DeliveryQuery, DeliveryStore, DueDelivery } from '../webhooks/delivery-store.ts';
import type { StoreContext } from './client.ts';
import { type StoredItem, writeConditionally } from './conditional-write.ts';
import {
  deliveryIndexes,
  deliveryKey,
  deliveryPartitions,
  deliverySortKey,
  dueShard,
  dueShards,
  parseDeliveryKey,
  parseDeliverySortKey,
  waitingShard,
} from './delivery-table.ts';
import { createEndpointStore } from './endpoint-store.ts';
import { getItem } from './get-item.ts';
import type { ItemKey } from './keys.ts';
import { withRetries } from './retry.ts';
import { readItem, schemaAttribute } from './schema.ts';
import { timeToLiveAttribute } from './table.ts';

/** How long a delivery is kept once it was stored, or sent again. */
const KEPT_S = 30 * 24 * 3_600;

/** Deliveries on DynamoDB: the context's table is theirs, as `deliveriesTable` names it. */
export const createDeliveryStore = (context: StoreContext): DeliveryStore => ({
  add: (delivery) => addDelivery(context, delivery),
  find: (key) => findDelivery(context, key),
  list: (query) => listDeliveries(context, query),
  write: (next) => writeDelivery(context, next),
  listDue: async (now, limitPerShard) =>
    (await Promise.all(dueShards.map((due) => queryDue(context, due, now, limitPerShard)))).flat(),
  listWaiting: (receiver, limit) => queryDue(context, waitingShard(receiver), LATEST, limit),
  postpone: (seen, due_at) =>
    updateDue(context, seen, 'SET #due = :shard, #due_at = :due_at', {
      ':shard': dueShard(seen),
      ':due_at': due_at,
    }),
  setWaiting: (seen) =>
    updateDue(context, seen, 'SET #due = :shard, #due_at = since', {
      ':shard': waitingShard(seen.receiver),
    }),
  giveUp: (seen, at) =>
    updateDue(
      context,
      seen,
      'SET #state = :given_up, ended_at = :at, reason = :reason REMOVE #due, #due_at',
      {
        ':given_up': 'given_up',
        ':at': at,
        ':reason': 'time_over',
      },
    ),
  countWaiting: (receiver) => countWaiting(context, receiver),
  ...createEndpointStore(context),
});

const LATEST = '9999-12-31T23:59:59.999Z';

/** What changes of a delivery, with its places in the `due` index; nothing of what is null. */
function changeable({ version, state, since, tries, attempts, ...delivery }: Delivery) {
  const { due_at, waits, ended_at, reason, redelivered } = delivery;
  return {
    ...{ version, state, since, tries, attempts },
    ...(due_at !== null && { due: waits ? waitingShard(delivery.receiver) : dueShard(delivery), due_at }),
    ...(ended_at !== null && { ended_at }),
    ...(reason !== null && { reason }),
    ...(redelivered !== null && { redelivered }),
    [timeToLiveAttribute]: Math.ceil(Date.parse(since) / 1_000) + KEPT_S,
  };
}

/** Attributes that not every version of a delivery has. */
const passing = ['due', 'due_at', 'ended_at', 'reason', 'redelivered'] as const;

function toDelivery(item: StoredItem & ItemKey): Delivery {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const key = parseDeliveryKey(item);
  return {
    ...key,
    type: item['type'] as Delivery['type'],
    order_no: text(item['order_no']),
    body: String(item['body']),
    state: item['state'] as Delivery['state'],
    version: Number(item['version']),
    due_at: text(item['due_at']),
    waits: item['due'] === waitingShard(key.receiver),
    since: String(item['since']),
    tries: Number(item['tries']),
    attempts: item['attempts'] as readonly Attempt[],
    ended_at: text(item['ended_at']),
    reason: (item['reason'] ?? null) as Delivery['reason'],
    redelivered: (item['redelivered'] ?? null) as Delivery['redelivered'],
  };
}

async function addDelivery(context: StoreContext, delivery: Delivery): Promise<boolean> {
  const { type, order_no, body } = delivery;
  const command = new PutCommand({
    TableName: context.tableName,
    Item: {
      ...deliveryKey(delivery),
      ...schemaAttribute('delivery'),
      ...{ type, body },
      ...(order_no !== null && { order_no }),
      ...changeable(delivery),
    },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  const { applied } = await writeConditionally(context, (abortSignal) =>
    context.client.send(command, { abortSignal }),
  );
  return applied;
}

async function findDelivery(context: StoreContext, key: DeliveryKey): Promise<Delivery | null> {
  const item = await getItem(context, deliveryKey(key));
  return item && toDelivery(readItem(item));
}

async function writeDelivery(context: StoreContext, next: Delivery): Promise<boolean> {
  const attributes = changeable(next);
  const names = Object.keys(attributes);
  const gone = passing.filter((name) => !names.includes(name));
  const set = names.map((name) => `#${name} = :${name}`).join(', ');
  const remove = gone.map((name) => `#${name}`).join(', ');
  const command = new UpdateCommand({
    TableName: context.tableName,
    Key: deliveryKey(next),
    UpdateExpression: `SET ${set}${remove && ` REMOVE ${remove}`}`,
    ConditionExpression: '#version = :seen',
    ExpressionAttributeNames: Object.fromEntries([...names, ...gone].map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
      ':seen': next.version - 1,
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const answer = await writeConditionally(context, (abortSignal) =>
    context.client.send(command, { abortSignal }),
  );
  if (answer.applied) return true;
  // The reply to an earlier try of this very write may have been lost.
  // Stryker disable next-line OptionalChaining: a write of one part that is refused has that part
  const { version, due_at = null, ended_at = null } = answer.refused[0]?.item ?? {};
  return version === next.version && due_at === next.due_at && ended_at === next.ended_at;
}

/** Of each partition, at most so many queries for one page, of so many deliveries each. */
const MAX_QUERIES = 8;
const PER_QUERY = 100;

/** A partition's newest deliveries, down to the sort key `readTo`; all of them where that is empty. */
interface NewestPart {
  readonly deliveries: readonly Delivery[];
  readonly readTo: string;
}

async function listDeliveries(context: StoreContext, query: DeliveryQuery): Promise<Page<Delivery>> {
  const parts = await Promise.all(
    deliveryPartitions(query.receiver).map((partition) => readNewest(context, partition, query)),
  );
  // Stryker disable next-line EqualityOperator: of two that are the same it is either
  const horizon = parts.reduce((latest, { readTo }) => (readTo > latest ? readTo : latest), '');
  const found = parts
    .flatMap(({ deliveries }) => deliveries)
    .map((delivery) => ({ delivery, place: deliverySortKey(delivery) }))
    .filter(({ place }) => place >= horizon)
    .sort(newestFirst);
  const shown = found.slice(0, query.limit);
  // Stryker disable next-line OptionalChaining: where more is found than is shown, something is
  const last = found.length > query.limit ? shown.at(-1)?.place : horizon;
  return { items: shown.map(({ delivery }) => delivery), next: last ? positionOf(last) : null };
}

const newestFirst = (one: { readonly place: string }, other: { readonly place: string }): number =>
  // Stryker disable next-line EqualityOperator: no two are in one place
  one.place < other.place ? 1 : -1;

function positionOf(sortKey: string): Position {
  const { timestamp: at, event_id: key } = parseDeliverySortKey(sortKey);
  return { at, key };
}

async function readNewest(
  context: StoreContext,
  partition: string,
  { receiver, from, to, after, limit, ...wanted }: DeliveryQuery,
): Promise<NewestPart> {
  const before = after && deliverySortKey({ timestamp: after.at, event_id: after.key });
  const isWanted = ({ state, type, order_no }: Delivery) =>
    (wanted.state ?? state) === state &&
    (wanted.type ?? type) === type &&
    (wanted.order_no ?? order_no) === order_no;
  const deliveries: Delivery[] = [];
  let last: StoredItem | undefined;
  for (let queries = 0; queries < MAX_QUERIES; queries += 1) {
    const { items, lastKey } = await queryPage(context, {
      KeyConditionExpression: 'pk = :partition AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':partition': partition,
        // Stryker disable next-line StringLiteral: either is before every event's id
        ':first': deliverySortKey({ timestamp: from, event_id: '' }),
        // From where the page before ended, or past each event of that time.
        ':last': before ?? deliverySortKey({ timestamp: to, event_id: '~' }),
      },
      ScanIndexForward: false,
      Limit: PER_QUERY,
      ExclusiveStartKey: last,
    });
    deliveries.push(
      ...items
        .filter(({ sk }) => before === null || sk < before)
        .map(toDelivery)
        .filter(isWanted),
    );
    last = lastKey;
    if (!last || deliveries.length > limit) break;
  }
  return { deliveries, readTo: last ? String(last['sk']) : '' };
}

async function queryPage(
  { client, tableName, io }: StoreContext,
  input: Omit<QueryCommandInput, 'TableName'>,
): Promise<{ readonly items: readonly (StoredItem & ItemKey)[]; readonly lastKey: StoredItem | undefined }> {
  const command = new QueryCommand({ TableName: tableName, ...input });
  const answer = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  // Stryker disable next-line ArrayDeclaration: the answer to a query has items, which its type does not say
  return { items: (answer.Items ?? []).map((item) => readItem(item)), lastKey: answer.LastEvaluatedKey };
}

const dueQuery = (shard: string, now: string, Limit: number) => ({
  IndexName: deliveryIndexes.due.name,
  KeyConditionExpression: '#due = :shard AND #due_at <= :now',
  ExpressionAttributeNames: dueNames,
  ExpressionAttributeValues: { ':shard': shard, ':now': now },
  Limit,
});

const dueNames = {
  '#due': deliveryIndexes.due.partitionKey,
  '#due_at': deliveryIndexes.due.sortKey,
};

/** The oldest first. */
async function queryDue(
  context: StoreContext,
  shard: string,
  now: string,
  limit: number,
): Promise<readonly DueDelivery[]> {
  const { items } = await queryPage(context, dueQuery(shard, now, limit));
  return items.map((item) => ({ ...parseDeliveryKey(item), due_at: String(item['due_at']) }));
}

const MOST_COUNTED = 1_000;

async function countWaiting({ client, tableName, io }: StoreContext, receiver: Receiver): Promise<number> {
  const command = new QueryCommand({
    TableName: tableName,
    ...dueQuery(waitingShard(receiver), LATEST, MOST_COUNTED),
    Select: 'COUNT',
  });
  const { Count = 0 } = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  return Count;
}

async function updateDue(
  context: StoreContext,
  seen: DueDelivery,
  update: string,
  values: Readonly<Record<string, string>>,
): Promise<boolean> {
  const command = new UpdateCommand({
    TableName: context.tableName,
    Key: deliveryKey(seen),
    UpdateExpression: `${update} ADD version :one`,
    ConditionExpression: '#state = :due AND #due_at = :seen',
    ExpressionAttributeNames: { ...dueNames, '#state': 'state' },
    ExpressionAttributeValues: { ...values, ':due': 'due', ':seen': seen.due_at, ':one': 1 },
  });
  const { applied } = await writeConditionally(context, (abortSignal) =>
    context.client.send(command, { abortSignal }),
  );
  return applied;
}
