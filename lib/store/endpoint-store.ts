import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EndpointState, Receiver } from '../webhooks/delivery.ts';
import type { EndpointStore } from '../webhooks/delivery-store.ts';
import type { StoreContext } from './client.ts';
import { type StoredItem, writeConditionally } from './conditional-write.ts';
import { endpointKey, endpointsPartition } from './delivery-table.ts';
import { getItem } from './get-item.ts';
import { queryPartition } from './partition.ts';
import { withRetries } from './retry.ts';
import { readItem, schemaAttribute } from './schema.ts';

/** How endpoints do, on DynamoDB, in the table of their deliveries. */
export const createEndpointStore = (context: StoreContext): EndpointStore => ({
  findEndpoint: (receiver) => findEndpoint(context, receiver),
  listEndpoints: () => listEndpoints(context),
  keepEndpoint: (receiver) => keepEndpoint(context, receiver),
  countFailure: (receiver, at) => countFailure(context, receiver, at),
  pause: (seen, until) => pauseEndpoint(context, seen, until),
  recover: (receiver) => recoverEndpoint(context, receiver),
});

async function findEndpoint(context: StoreContext, receiver: Receiver): Promise<EndpointState | null> {
  const item = await getItem(context, endpointKey(receiver));
  return item && toEndpoint(readItem(item));
}

async function listEndpoints(context: StoreContext): Promise<readonly EndpointState[]> {
  const items = await queryPartition(context, endpointsPartition);
  return items.map((item) => toEndpoint(readItem(item)));
}

const toEndpoint = (item: StoredItem): EndpointState => ({
  receiver: item['receiver'] as Receiver,
  failing_since: typeof item['failing_since'] === 'string' ? item['failing_since'] : null,
  failures: Number(item['failures'] ?? 0),
  paused_until: typeof item['paused_until'] === 'string' ? item['paused_until'] : null,
  pauses: Number(item['pauses'] ?? 0),
});

/** What every write of an endpoint's state sets. */
const endpointUpdate = (receiver: Receiver) => ({
  set: 'SET receiver = :receiver, #schema = :schema',
  names: { '#schema': 'schema' },
  values: { ':receiver': receiver, ':schema': schemaAttribute('endpoint').schema },
});

async function keepEndpoint({ client, tableName, io }: StoreContext, receiver: Receiver): Promise<void> {
  const { set, names, values } = endpointUpdate(receiver);
  const command = new UpdateCommand({
    TableName: tableName,
    Key: endpointKey(receiver),
    UpdateExpression: set,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  });
  await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
}

async function countFailure(
  { client, tableName, io }: StoreContext,
  receiver: Receiver,
  at: string,
): Promise<EndpointState> {
  const { set, names, values } = endpointUpdate(receiver);
  const command = new UpdateCommand({
    TableName: tableName,
    Key: endpointKey(receiver),
    UpdateExpression: `${set}, failing_since = if_not_exists(failing_since, :at) ADD failures :one`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ...values, ':at': at, ':one': 1 },
    ReturnValues: 'ALL_NEW',
  });
  // A failure that is counted twice, as a reply was lost, does no harm.
  const { Attributes } = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  return toEndpoint(Attributes ?? {});
}

async function pauseEndpoint(
  context: StoreContext,
  { receiver, paused_until }: EndpointState,
  until: string,
): Promise<boolean> {
  const seen =
    paused_until === null
      ? { condition: 'attribute_not_exists(paused_until)', values: {} }
      : { condition: 'paused_until = :seen', values: { ':seen': paused_until } };
  const command = new UpdateCommand({
    TableName: context.tableName,
    Key: endpointKey(receiver),
    UpdateExpression: 'SET paused_until = :until ADD pauses :one',
    // One that has answered since is not paused.
    ConditionExpression: `attribute_exists(failing_since) AND ${seen.condition}`,
    ExpressionAttributeValues: { ':until': until, ':one': 1, ...seen.values },
  });
  const { applied } = await writeConditionally(context, (abortSignal) =>
    context.client.send(command, { abortSignal }),
  );
  return applied;
}

async function recoverEndpoint(context: StoreContext, receiver: Receiver): Promise<void> {
  const command = new UpdateCommand({
    TableName: context.tableName,
    Key: endpointKey(receiver),
    UpdateExpression: 'REMOVE failing_since, failures, paused_until, pauses',
    ConditionExpression: 'attribute_exists(failing_since)',
  });
  await writeConditionally(context, (abortSignal) => context.client.send(command, { abortSignal }));
}
