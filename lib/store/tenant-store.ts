import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { isJsonObject } from '../json.ts';
import type { Registration } from '../merchants/tenant-register.ts';
import { providers } from '../orders/kinds.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import { tenantKey, tenantsPartition } from './keys.ts';
import { withRetries } from './retry.ts';
import { readItem, schemaAttribute } from './schema.ts';
import { partitionKey } from './table.ts';

/** All tenants that are registered. @throws SchemaVersionError, or the store's error after retries */
export async function readTenantRegister({
  client,
  tableName,
  io,
}: StoreContext): Promise<readonly Registration[]> {
  const registrations: Registration[] = [];
  let lastKey: Record<string, unknown> | undefined;
  do {
    const command = new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: '#partition = :tenants',
      ExpressionAttributeNames: { '#partition': partitionKey },
      ExpressionAttributeValues: { ':tenants': tenantsPartition },
      ConsistentRead: true,
      ExclusiveStartKey: lastKey,
    });
    const answer = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
    // Stryker disable next-line ArrayDeclaration: a query has items, which its type does not say
    registrations.push(...(answer.Items ?? []).map((item) => toRegistration(readItem(item))));
    lastKey = answer.LastEvaluatedKey;
  } while (lastKey);
  return registrations;
}

/** Whatever else an item may say than `stage`, that tenant is not paid to the stage: collecting for others is not ours. */
function toRegistration({ tenant_id, paid_to, merchants }: StoredItem): Registration {
  return {
    tenant_id: Number(tenant_id),
    paid_to: paid_to === 'stage' ? 'stage' : 'own',
    merchants: Object.fromEntries(
      providers.flatMap((provider) => {
        const names: unknown = (isJsonObject(merchants) ? merchants : {})[provider];
        return Array.isArray(names) ? [[provider, names.map(String)]] : [];
      }),
    ),
  };
}

/** Registers a tenant, or changes what is registered of it. @throws the store's error after retries */
export async function putTenant(
  { client, tableName, io }: StoreContext,
  registration: Registration,
): Promise<void> {
  const Item = { ...tenantKey(registration.tenant_id), ...registration, ...schemaAttribute('tenant') };
  const command = new PutCommand({ TableName: tableName, Item });
  await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
}

/** The tenant is paid to the stage's merchants from now on, as one that was never registered. */
export async function deleteTenant(
  { client, tableName, io }: StoreContext,
  tenant_id: number,
): Promise<void> {
  const command = new DeleteCommand({ TableName: tableName, Key: tenantKey(tenant_id) });
  await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
}
