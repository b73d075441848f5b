import { PutCommand, type QueryCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, it } from 'vitest';
import type { Registration } from '../../../lib/merchants/tenant-register.ts';
import { deleteTenant, putTenant, readTenantRegister } from '../../../lib/store/tenant-store.ts';
import { interceptedStore } from '../../support/intercepted-store.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();

const seven: Registration = {
  tenant_id: 7,
  paid_to: 'own',
  merchants: { wechat: ['1900000007', '1900000006'], stripe: ['acct_7Settle.live'] },
};
const eight: Registration = { tenant_id: 8, paid_to: 'stage', merchants: {} };

beforeEach(async () => {
  for (const { tenant_id } of await readTenantRegister(store.context)) {
    await deleteTenant(store.context, tenant_id);
  }
});

it('keeps what is registered of a tenant, the last that was', async () => {
  expect(await readTenantRegister(store.context)).toEqual([]);
  await putTenant(store.context, eight);
  await putTenant(store.context, { ...seven, paid_to: 'stage' });
  await putTenant(store.context, seven);
  expect(await readTenantRegister(store.context)).toEqual(expect.arrayContaining([seven, eight]));
  expect(await readTenantRegister(store.context)).toHaveLength(2);
});

it('is read as it is now: a tenant that is paid to its own from now on is not to be paid to the stage', async () => {
  const reads: unknown[] = [];
  const watched = interceptedStore(store.context, (command, send) => {
    reads.push((command as QueryCommand).input);
    return send();
  });
  await readTenantRegister(watched);
  expect(reads).toEqual([expect.objectContaining({ ConsistentRead: true })]);
});

it('forgets a tenant, and no other; one that is not there is none the less gone', async () => {
  await putTenant(store.context, seven);
  await putTenant(store.context, eight);
  await deleteTenant(store.context, 7);
  await deleteTenant(store.context, 9);
  expect(await readTenantRegister(store.context)).toEqual([eight]);
});

it('is read whole, however many pages that takes', async () => {
  const merchants = { alipay: Array.from({ length: 200 }, (_, n) => `2021${n}.2088${'0'.repeat(120)}`) };
  const count = 60;
  for (let tenant_id = 1; tenant_id <= count; tenant_id++) {
    await putTenant(store.context, { tenant_id, paid_to: 'own', merchants });
  }
  // 1 MB is a page of DynamoDB.
  const bytes = count * JSON.stringify(merchants).length;
  expect(bytes).toBeGreaterThan(1.5 * 1024 * 1024);
  const numbers = (await readTenantRegister(store.context)).map(({ tenant_id }) => tenant_id);
  expect(numbers.toSorted((one, other) => one - other)).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
});

it.each<[unknown, unknown]>([
  ['Own', { wechat: ['1900000007'] }],
  [undefined, undefined],
  [true, ['1900000007']],
  [7, { wechat: '1900000007', elsewhere: ['1'] }],
])('pays nobody to the stage whose item says %j and not that', async (paid_to, merchants) => {
  const { client, tableName } = store.context;
  await putTenant(store.context, seven);
  const [item] = (await store.items()).filter(({ sk }) => sk === 'TENANT#7');
  // What is undefined is not there.
  const Item = JSON.parse(JSON.stringify({ ...item, paid_to, merchants }));
  await client.send(new PutCommand({ TableName: tableName, Item }));
  const [registration] = await readTenantRegister(store.context);
  expect(registration).toMatchObject({ tenant_id: 7, paid_to: 'own' });
  expect(Object.keys(registration?.merchants ?? {}).every((name) => name === 'wechat')).toBe(true);
});

it('is refused when newer code has written it', async () => {
  const { client, tableName } = store.context;
  await putTenant(store.context, seven);
  const [item] = (await store.items()).filter(({ sk }) => sk === 'TENANT#7');
  expect(item).toMatchObject({ pk: 'TENANTS', tenant_id: 7 });
  await client.send(new PutCommand({ TableName: tableName, Item: { ...item, schema: 99 } }));
  await expect(readTenantRegister(store.context)).rejects.toThrow(
    expect.objectContaining({ name: 'SchemaVersionError' }),
  );
});
