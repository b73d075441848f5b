import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { isJsonObject } from '../json.ts';
import type { Registration } from '../merchants/tenant-register.ts';
import { providers } from '../orders/kinds.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import { tenantKey, tenantsPartition } from './keys.ts';
import { queryPartition } from './partition.ts';
import { withRetries } from './retry.ts';
import { readItem, schemaAttribute } from './schema.ts';

/** All tenants that are registered. @throws SchemaVersionError, or the store's error after retries */
export async function readTenantRegister(context: StoreContext): Promise<readonly Registration[]> {
  const items = await queryPartition(context, tenantsPartition);
  return items.map((item) => toRegistration(readItem(item)));
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
